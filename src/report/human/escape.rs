//! Escapes control and bidirectional characters in untrusted text.

use std::borrow::Cow;

/// Whether a character could move the cursor, hide text or reverse it: control characters, and Unicode characters with such
/// effects.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every such character replaced by an escape: `\n`, `\u{1b}`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// The same, but tabs are kept, for a line of a file.
pub(super) fn escape_line(text: &str) -> String {
    text.split('\t').map(escape).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_move_the_cursor_are_escaped() {
        assert_eq!(escape("a\u{1b}[31mb\r\n\u{7f}\u{9b}"), "a\\u{1b}[31mb\\r\\n\\u{7f}\\u{9b}");
        assert_eq!(escape("\u{202e}x\u{200b}"), "\\u{202e}x\\u{200b}");
        assert_eq!(escape("näh – ok"), "näh – ok");
        assert_eq!(escape_line("a\tb\u{7}"), "a\tb\\u{7}");
    }
}
