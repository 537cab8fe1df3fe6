//! Keeps names from outside from becoming commands of a CI system that reads a log: GitHub runs lines that begin with `::`, and GitHub and
//! Azure Pipelines find `##[` and `##vso[` anywhere in a line.

use std::io::{self, Write};

const MARKERS: [&[u8]; 2] = [b"##[", b"##vso["];

/// Escapes the first character of what a CI system would take for commands.
pub struct LogLines<'s> {
    sink: &'s mut dyn Write,
    /// The beginning of the current line.
    line: Vec<u8>,
}

impl<'s> LogLines<'s> {
    pub fn new(sink: &'s mut dyn Write) -> Self {
        Self { sink, line: Vec::new() }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let start = text_start(&self.line);
        let is_command = self.line[start..].starts_with(b"::");
        let mut written = 0;
        for at in 0..self.line.len() {
            let is_marker = MARKERS.iter().any(|marker| starts_with(&self.line[at..], marker));
            if is_marker || is_command && at == start {
                self.sink.write_all(&self.line[written..at])?;
                write!(self.sink, "\\u{{{:x}}}", self.line[at])?;
                written = at + 1;
            }
        }
        self.sink.write_all(&self.line[written..])?;
        self.line.clear();
        Ok(())
    }
}

fn starts_with(text: &[u8], marker: &[u8]) -> bool {
    text.get(..marker.len()).is_some_and(|text| text.eq_ignore_ascii_case(marker))
}

impl Write for LogLines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_line()?;
        self.sink.flush()
    }
}

/// Where the text of a line begins, after blanks of any kind and colours.
fn text_start(line: &[u8]) -> usize {
    let text = String::from_utf8_lossy(line);
    let mut rest = text.as_ref();
    loop {
        let trimmed = rest.trim_start();
        let after_colour = trimmed.strip_prefix("\u{1b}[").and_then(|sequence| Some(sequence.split_once('m')?.1));
        match after_colour {
            Some(after) => rest = after,
            None if text.len() == line.len() => return text.len() - trimmed.len(),
            // Not UTF-8: nothing that this program writes.
            None => return 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command() {
        for (text, expected) in [
            ("::error::x\n", "\\u{3a}:error::x\n"),
            ("  ::set-output\n", "  \\u{3a}:set-output\n"),
            ("\u{1b}[31m##vso[task.complete]\u{1b}[0m\n", "\u{1b}[31m\\u{23}#vso[task.complete]\u{1b}[0m\n"),
            ("a\n##[error]b", "a\n\\u{23}#[error]b"),
            ("## title\na::b\n", "## title\na::b\n"),
            ("##VSO[x]\n\n", "\\u{23}#VSO[x]\n\n"),
            ("shop  ##vso[a] ##[b]\n", "shop  \\u{23}#vso[a] \\u{23}#[b]\n"),
            ("\u{a0}\u{3000}::error::\n", "\u{a0}\u{3000}\\u{3a}:error::\n"),
        ] {
            let mut out = Vec::new();
            let mut lines = LogLines::new(&mut out);
            // However the text is cut.
            text.bytes().for_each(|byte| lines.write_all(&[byte]).unwrap());
            lines.flush().unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
