//! Text that is not interpreted as Markdown or HTML.

use crate::report::human::escape::escape;

/// Escapes text, so that no part of it is interpreted as Markdown or HTML.
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

/// A code block for Markdown, with a fence that its content cannot close.
pub(super) fn code(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let marks = "`".repeat(longest.max(2) + 1);
    format!("{marks}{language}\n{text}\n{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_code_block() {
        assert_eq!(code("sh", "a"), "```sh\na\n```");
        assert_eq!(code("yaml", "a ```` b"), "`````yaml\na ```` b\n`````");
    }

    #[test]
    fn markdown_is_escaped() {
        assert_eq!(markdown("a|b<script>*x*`y`"), "a\\|b&lt;script&gt;\\*x\\*\\`y\\`");
    }
}
