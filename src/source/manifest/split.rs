//! Finds the documents of a file and the items of a list in the text, before parsing: a broken document then affects no other, and
//! objects that are not used need no parsing.

use std::{borrow::Cow, ops::Range};

/// The byte ranges of a stream's documents, separated as in kubectl: at a line `---`.
#[must_use]
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
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
pub(super) fn is_empty(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line == "..." || line.starts_with(['#', '%']))
}

/// Whether a value may be a YAML alias. A false positive only costs time.
#[must_use]
pub(super) fn has_aliases(text: &str) -> bool {
    let is_alias = |at: usize| {
        let follows = text[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        follows && text[..at].ends_with([' ', '[', '\t', ','])
    };
    text.match_indices('*').any(|(at, _)| is_alias(at))
}

/// `apiVersion` and `kind` of a document in block style, found without parsing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TypeMeta<'t> {
    pub(super) api_version: Option<&'t str>,
    pub(super) kind: Option<&'t str>,
}

impl<'t> TypeMeta<'t> {
    /// Finds the two keys in the mapping whose keys are indented by `indent` columns.
    pub(super) fn of(text: &'t str, indent: usize) -> Self {
        let mut type_meta = Self::default();
        for (at, line) in text.lines().enumerate() {
            // In a list's item the dash is in the place of the first key's indentation.
            let line = if at == 0 && indent > 0 { line.get(indent..) } else { line.get(indent..).filter(|_| is_indented(line, indent)) };
            let Some(line) = line else { continue };
            if let Some(value) = line.strip_prefix("kind:") {
                type_meta.kind = scalar(value);
            } else if let Some(value) = line.strip_prefix("apiVersion:") {
                type_meta.api_version = scalar(value);
            }
            if type_meta.kind.is_some() && type_meta.api_version.is_some() {
                break;
            }
        }
        type_meta
    }
}

fn is_indented(line: &str, indent: usize) -> bool {
    line.as_bytes()[..indent].iter().all(|&b| b == b' ')
}

/// A plain or simply quoted scalar at the end of a line; `None` for anything else, which the parser must read.
fn scalar(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = match text.as_bytes().first()? {
        quote @ (b'"' | b'\'') => text[1..].split_once(char::from(*quote))?.0,
        _ => text.split(" #").next()?.trim_end(),
    };
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"./-_".contains(&b)).then_some(text).filter(|t| !t.is_empty())
}

/// An item of a list: its text, and the indentation of its keys.
#[derive(Debug, PartialEq, Eq)]
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
                if !is_empty(rest) {
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
    fn the_type_is_found_anywhere_and_left_to_the_parser_if_it_is_not_a_plain_scalar() {
        assert_eq!(TypeMeta::of("apiVersion: v1\nkind: Pod # why\n", 0), TypeMeta { api_version: Some("v1"), kind: Some("Pod") });
        assert_eq!(
            TypeMeta::of("spec:\n  kind: No\nkind: \"Job\"\r\napiVersion: 'batch/v1'\r\n", 0),
            TypeMeta { api_version: Some("batch/v1"), kind: Some("Job") }
        );
        assert_eq!(TypeMeta::of("- apiVersion: v1\n  kind: Pod\n", 2), TypeMeta { api_version: Some("v1"), kind: Some("Pod") });
        assert_eq!(TypeMeta::of("kind: &a Pod\napiVersion: {}\n", 0), TypeMeta::default());
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
