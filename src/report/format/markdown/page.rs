//! A page that fits into a comment: what does not fit is left out in whole blocks, and the end of the page lists it.

use std::io::{self, Write};

use crate::report::human::log_lines::LogLines;

/// The size of a comment of GitHub in characters, applied to bytes.
pub(super) const MAX_SIZE: usize = 65_536;

/// Bytes for the list of what is left out.
const RESERVE: usize = 2_000;

/// A page while it is written.
pub(super) struct Page {
    text: String,
    /// Part of the page for what is written now, up to `end`.
    start: usize,
    end: usize,
    /// Size that blocks may fill.
    limit: usize,
    counts: Vec<Count>,
}

/// How many blocks of a kind there are, and how many of them are shown.
struct Count {
    noun: String,
    shown: usize,
    all: usize,
}

/// Blocks that belong together.
pub(super) struct Group<'g> {
    pub(super) open: &'g str,
    pub(super) close: &'g str,
    /// What the blocks are, in the plural.
    pub(super) noun: &'g str,
}

impl Page {
    pub(super) fn new() -> Self {
        let size = MAX_SIZE - RESERVE;
        Self { text: String::new(), start: 0, end: size, limit: size, counts: Vec::new() }
    }

    /// Begins one of several shares of the page, of the same size; what the earlier ones left free may be used, too.
    pub(super) fn begin_share(&mut self, at: usize, of: usize) {
        let size = MAX_SIZE - RESERVE;
        self.start = self.text.len();
        self.end = size * (at + 1) / of.max(1);
        self.limit = self.end;
    }

    /// Limits what follows to a part of the page, in percent; what follows without a limit may fill the rest.
    pub(super) fn limit_to(&mut self, percent: usize) {
        self.limit = self.start + self.end.saturating_sub(self.start) * percent.min(100) / 100;
    }

    /// Adds a block, or counts it among what is left out.
    pub(super) fn add(&mut self, block: &str, noun: &str) {
        self.add_group(&Group { open: "", close: "", noun }, &[block.to_owned()]);
    }

    /// Adds as many blocks as fit, in order.
    pub(super) fn add_group(&mut self, group: &Group<'_>, blocks: &[String]) {
        let Group { open, close, noun } = group;
        let mut shown = 0;
        for block in blocks {
            let opening = if shown == 0 { *open } else { "" };
            let text = [opening, block].concat();
            if !self.fits(&text, close) {
                break;
            }
            self.text.push_str(&in_log(&text));
            shown += 1;
        }
        if shown > 0 {
            self.text.push_str(close);
        }
        self.count(noun, shown, blocks.len());
    }

    fn count(&mut self, noun: &str, shown: usize, all: usize) {
        match self.counts.iter_mut().find(|known| known.noun == noun) {
            Some(known) => (known.shown, known.all) = (known.shown + shown, known.all + all),
            None => self.counts.push(Count { noun: noun.to_owned(), shown, all }),
        }
    }

    fn fits(&self, block: &str, close: &str) -> bool {
        self.text.len() + in_log(block).len() + close.len() <= self.limit
    }

    pub(super) fn finish(mut self, sink: &mut dyn Write) -> io::Result<()> {
        let left_out = self
            .counts
            .iter()
            .filter(|count| count.shown < count.all)
            .map(|Count { noun, shown, all }| format!("{} of {all} {noun}", all - shown));
        let list = left_out.collect::<Vec<_>>().join("; ");
        if !list.is_empty() {
            let note =
                format!("\n**Cut off** at the size of a comment, {MAX_SIZE} characters. Not shown: {list}. `-o json` contains all.\n");
            self.text.push_str(&note);
        }
        sink.write_all(self.text.as_bytes())
    }
}

/// The lines as a log contains them, which makes some longer.
fn in_log(block: &str) -> String {
    let mut bytes = Vec::with_capacity(block.len());
    let mut lines = LogLines::new(&mut bytes);
    // Writing into memory does not fail.
    let _ = lines.write_all(block.as_bytes()).and_then(|()| lines.flush());
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(page: Page) -> String {
        let mut bytes = Vec::new();
        page.finish(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    const LIST: Group<'_> = Group { open: "<\n", close: ">\n", noun: "lines" };

    #[test]
    fn what_fits_is_shown_as_it_is() {
        let mut page = Page::new();
        page.add("a\n", "notes");
        page.add_group(&LIST, &["b\n".into(), "c\n".into()]);
        page.add_group(&LIST, &[]);
        assert_eq!(text(page), "a\n<\nb\nc\n>\n");
    }

    #[test]
    fn what_does_not_fit_is_left_out_in_whole_blocks_and_listed() {
        let mut page = Page::new();
        let block = format!("{}\n", "x".repeat(999));
        page.limit_to(50);
        page.add_group(&LIST, &vec![block.clone(); 10]);
        page.add_group(&LIST, &vec![block.clone(); 90]);
        page.limit_to(100);
        page.add_group(&Group { noun: "rows", ..LIST }, &vec![block; 100]);
        page.add(&"y".repeat(MAX_SIZE), "notes");
        page.add("z\n", "notes");
        let text = text(page);
        assert!(text.len() <= MAX_SIZE, "{}", text.len());
        assert_eq!((text.matches('<').count(), text.matches('>').count(), text.lines().filter(|line| *line == "z").count()), (3, 3, 1));
        let note = text.lines().last().unwrap();
        assert!(note.contains("Not shown: 69 of 100 lines; 68 of 100 rows; 1 of 2 notes."), "{note}");
    }

    #[test]
    fn lines_that_a_log_makes_longer_are_counted_as_they_are_printed() {
        let mut page = Page::new();
        page.add_group(&LIST, &vec!["##[##[##[\n".into(); 10_000]);
        assert!(text(page).len() <= MAX_SIZE);
    }
}
