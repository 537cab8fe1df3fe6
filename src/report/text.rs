//! Text from outside, made harmless.

use std::borrow::Cow;

/// Whether a character could move the cursor, hide text or turn it round: controls, and what Unicode has like them.
pub(super) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every such character written as an escape: `\n`, `\u{1b}`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// The text with tabs kept, for a line of a file.
pub(super) fn escape_line(text: &str) -> String {
    text.split('\t').map(escape).collect::<Vec<_>>().join("\t")
}

/// `1 finding`, `2 findings`.
pub(super) fn plural(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// The text for Markdown: escaped, and nothing in it means anything to Markdown or HTML.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in escape(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A block of code for Markdown, between marks that nothing in it can end.
pub(super) fn code(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let marks = "`".repeat(longest.max(2) + 1);
    format!("{marks}{language}\n{text}\n{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_the_cursor_gets_through() {
        assert_eq!(escape("a\u{1b}[31mb\r\n\u{7f}\u{9b}"), "a\\u{1b}[31mb\\r\\n\\u{7f}\\u{9b}");
        assert_eq!(escape("\u{202e}x\u{200b}"), "\\u{202e}x\\u{200b}");
        assert_eq!(escape("näh – ok"), "näh – ok");
        assert_eq!(escape_line("a\tb\u{7}"), "a\tb\\u{7}");
    }

    #[test]
    fn no_text_ends_its_block_of_code() {
        assert_eq!(code("sh", "a"), "```sh\na\n```");
        assert_eq!(code("yaml", "a ```` b"), "`````yaml\na ```` b\n`````");
    }

    #[test]
    fn markdown_means_nothing() {
        assert_eq!(markdown("a|b<script>*x*`y`"), "a\\|b&lt;script&gt;\\*x\\*\\`y\\`");
    }
}
