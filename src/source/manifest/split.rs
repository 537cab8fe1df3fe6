//! Finds the documents of a file, and where the items of a list may begin, in the text: a broken document then affects no other, and
//! the items of a list can be parsed in parallel.

use std::{borrow::Cow, ops::Range};

/// The byte ranges of a stream's documents, separated as in kubectl: at a line `---`.
#[must_use]
pub(in crate::source) fn split(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut start, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("---").map(str::trim_start);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) {
            found.push(start..at);
            start = at + line.len();
        }
        at += line.len();
    }
    found.push(start..at);
    found
}

/// Whether a document contains only whitespace, comments and directives.
#[must_use]
pub(in crate::source) fn is_empty(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line == "..." || line.starts_with(['#', '%']))
}

/// An item of a list: its text, and the indentation of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) range: Range<usize>,
    pub(super) indent: usize,
}

impl Item {
    /// The item's text as a separate document: the dash becomes a space, so that all columns stay the same.
    pub(super) fn text<'t>(&self, of: &'t str) -> Cow<'t, str> {
        let text = &of[self.range.clone()];
        if self.indent == 0 {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replacen('-', " ", 1))
    }
}

/// The items of the top-level block list `items` of a document; `None` if it is written in another style.
pub(super) fn items(text: &str) -> Option<Vec<Item>> {
    let (mut found, mut at, mut dash, mut start): (Vec<Item>, usize, Option<usize>, Option<usize>) = (Vec::new(), 0, None, None);
    let mut inside = false;
    let mut close = |start: &mut Option<usize>, end: usize, indent: usize| {
        found.extend(start.take().map(|start| Item { range: start..end, indent }));
    };
    let mut indent = 0;
    for line in text.split_inclusive('\n') {
        let (here, trimmed) = (at, line.trim_start_matches(' '));
        at += line.len();
        let column = line.len() - trimmed.len();
        let is_blank = trimmed.trim_end().is_empty() || trimmed.starts_with('#');
        if !inside {
            if let Some(rest) = line.strip_prefix("items:") {
                if !is_empty(rest) || dash.is_some() {
                    return None;
                }
                inside = true;
            }
            continue;
        }
        if is_blank || dash.is_some_and(|dash| column > dash) {
            continue;
        }
        let is_item = trimmed.starts_with("- ") || trimmed.trim_end() == "-";
        if is_item && dash.is_none_or(|dash| dash == column) {
            close(&mut start, here, indent);
            dash = Some(column);
            indent = column + 1 + trimmed[1..].bytes().take_while(|&b| b == b' ').count();
            start = Some(here);
        } else if column == 0 {
            inside = false;
            close(&mut start, here, indent);
        } else {
            return None;
        }
    }
    close(&mut start, at, indent);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn documents_are_separated_as_in_kubectl() {
        assert_eq!(
            documents("a: 1\n---\nb: 2\n--- # next\nc: |\n  ---\n  x\n---\r\nd: 4"),
            ["a: 1\n", "b: 2\n", "c: |\n  ---\n  x\n", "d: 4"]
        );
        assert!(is_empty("\n# only this\n%YAML 1.1\n  \n"));
        assert!(!is_empty("a: 1"));
    }

    #[test]
    fn items_are_separated_by_their_dashes() {
        let text = "apiVersion: v1\nitems:\n- a: 1\n  b:\n  - c\n# note\n- a: 2\nkind: List\n";
        let found: Vec<String> = items(text).unwrap().iter().map(|item| item.text(text).into_owned()).collect();
        assert_eq!(found, ["  a: 1\n  b:\n  - c\n# note\n", "  a: 2\n"]);
        let text = "kind: List\nitems:\n  -   a: 1\n      b: 2\n  -\n    a: 2\n";
        let found = items(text).unwrap();
        assert_eq!((found.len(), found[0].indent), (2, 6));
        assert_eq!(found[0].text(text), "      a: 1\n      b: 2\n");
        assert_eq!(items("items: [a]\n"), None);
        assert_eq!(items("kind: List\nitems: []\n"), None);
    }
}
