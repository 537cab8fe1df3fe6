//! Recognizes documents that are sound and no Kubernetes objects: settings of other programs that are in the same folder.

use serde::de::IgnoredAny;

use super::yaml::Node;

/// The fields that show what an object is.
const HEAD: [&str; 2] = ["apiVersion", "kind"];

/// Whether a document is neither an object, nor one that lost its head, nor a list of objects.
pub(super) fn is_other(node: &Node<'_>) -> bool {
    if let Some(items) = node.items() {
        return !items.iter().any(has_head);
    }
    let has = |key: &str| node.get(key).is_some();
    let contains_objects = node.get("items").is_some_and(|items| items.items().is_none_or(|items| items.iter().any(has_head)));
    !(node.is_map() && (has_head(node) || contains_objects || has("spec") && has("metadata")))
}

/// Whether a mapping has both fields that every object has.
pub(super) fn is_object(node: &Node<'_>) -> bool {
    HEAD.iter().all(|key| node.get(key).is_some_and(|value| value.text().is_some()))
}

/// Whether a mapping has an `apiVersion` or a `kind` that is a string, as those of objects are.
fn has_head(node: &Node<'_>) -> bool {
    HEAD.iter().any(|key| node.get(key).is_some_and(|value| value.text().is_some()))
}

/// Whether a text is JSON with comments and trailing commas, as editors and compilers read it, and no object.
pub(super) fn is_commented_json(text: &str) -> bool {
    let plain = without_comments(text);
    let is_json = serde_json::from_str::<IgnoredAny>(&plain).is_ok();
    is_json && !HEAD.iter().any(|key| plain.contains(&format!("\"{key}\"")))
}

/// The text without comments, and without commas before a closing bracket.
fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => string_length(rest),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if matches!(c, ']' | '}') {
            let end = plain.trim_end();
            plain.truncate(end.strip_suffix(',').unwrap_or(end).len());
        }
        if !token.starts_with("//") && !token.starts_with("/*") {
            plain.push_str(token);
        }
    }
    plain
}

/// The length of the string that a text begins with.
fn string_length(text: &str) -> usize {
    let mut is_escaped = true;
    let end = text.char_indices().find(|(at, c)| {
        let is_end = *at > 0 && *c == '"' && !is_escaped;
        is_escaped = *at > 0 && *c == '\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_are_no_part_of_json() {
        for (text, is_other) in [
            ("{\n  // a comment\n  \"compilerOptions\": {\"paths\": [\"a//b\", \"\\\"/*\",], /* none */},\n}\n", true),
            ("{\"kind\": \"Service\", // a comment\n}", false),
            ("{\"a\": [1, 2", false),
            ("{\"a\": \"// b}", false),
        ] {
            assert_eq!(is_commented_json(text), is_other, "{text}");
        }
    }
}
