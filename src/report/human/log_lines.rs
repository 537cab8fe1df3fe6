//! Keeps names from outside from becoming commands of a CI system that reads a log: GitHub runs lines that begin with `::`, Azure Pipelines
//! those that begin with `##[` and `##vso[`.

use std::io::{self, Write};

const COMMANDS: [&[u8]; 3] = [b"::", b"##[", b"##vso["];

/// Escapes the first character of lines that a CI system would take for commands.
pub(crate) struct LogLines<'s> {
    sink: &'s mut dyn Write,
    /// The beginning of the current line.
    line: Vec<u8>,
}

impl<'s> LogLines<'s> {
    pub(crate) fn new(sink: &'s mut dyn Write) -> Self {
        Self { sink, line: Vec::new() }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let start = text_start(&self.line);
        let (before, text) = self.line.split_at(start);
        let is_command = COMMANDS.iter().any(|command| text.get(..command.len()).is_some_and(|text| text.eq_ignore_ascii_case(command)));
        self.sink.write_all(before)?;
        match text.split_first() {
            Some((first, rest)) if is_command => {
                write!(self.sink, "\\u{{{first:x}}}")?;
                self.sink.write_all(rest)?;
            }
            _ => self.sink.write_all(text)?,
        }
        self.line.clear();
        Ok(())
    }
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

/// Where the text of a line begins, after blanks and colours.
fn text_start(line: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = &line[at..];
        at += match rest {
            [b' ' | b'\t', ..] => 1,
            [0x1b, b'[', sequence @ ..] => match sequence.iter().position(|byte| *byte == b'm') {
                Some(end) => end + 3,
                None => return at,
            },
            _ => return at,
        };
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
