//! Parses a document, with the line breaks of Unicode that kubectl's parser knows and YAML 1.2 does not: what is behind one in a comment
//! is not part of the comment.

use std::{borrow::Cow, rc::Rc};

use super::{
    compose::compose,
    error::ParseError,
    node::{Document, Entry, Node, Value},
};

const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Whether a text has line breaks that only kubectl's parser knows.
#[must_use]
pub fn has_unicode_breaks(text: &str) -> bool {
    !text.is_ascii() && text.contains(BREAKS)
}

/// The text with a line feed for each of these breaks, preceded by spaces: all offsets stay the same.
fn with_line_feeds(text: &str) -> String {
    let replaced = |c: char| if c == BREAKS[0] { " \n" } else { "  \n" };
    text.chars().fold(String::with_capacity(text.len()), |mut result, c| {
        if BREAKS.contains(&c) {
            result.push_str(replaced(c));
        } else {
            result.push(c);
        }
        result
    })
}

/// Parses one document.
///
/// # Errors
/// If the text is not YAML, has values that kubectl rejects, more than one document, too many levels, or aliases that repeat more
/// values than the text has bytes.
pub fn document(text: &str) -> Result<Document<'_>, ParseError> {
    let plain = compose(text);
    if !has_unicode_breaks(text) {
        return plain;
    }
    let with_breaks = owned(&compose(&with_line_feeds(text))?);
    // Where such a break only separates words of a string, the string keeps it.
    match plain {
        Ok(plain) if is_same(&plain.root, &with_breaks.root) => Ok(plain),
        _ => Ok(with_breaks),
    }
}

/// Whether two values differ in nothing but the spaces of strings.
fn is_same(one: &Node<'_>, other: &Node<'_>) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match (one.value(), other.value()) {
        (Value::Text(one), Value::Text(other)) => words(one) == words(other),
        (Value::List(one), Value::List(other)) => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other)),
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.key == other.key && is_same(&one.value, &other.value))
        }
        (Value::List(_) | Value::Map(_) | Value::Text(_), _) | (_, Value::List(_) | Value::Map(_) | Value::Text(_)) => false,
        _ => one.json() == other.json(),
    }
}

fn owned(document: &Document<'_>) -> Document<'static> {
    Document { root: owned_node(&document.root), repeats_keys: document.repeats_keys, ignored_from: document.ignored_from }
}

fn owned_node(node: &Node<'_>) -> Node<'static> {
    let text = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
    let value = match &node.value {
        Value::Null => Value::Null,
        Value::Bool(value) => Value::Bool(*value),
        Value::Int(value) => Value::Int(*value),
        Value::Uint(value) => Value::Uint(*value),
        Value::Float(value) => Value::Float(*value),
        Value::Text(value) => Value::Text(text(value)),
        Value::List(items) => Value::List(items.iter().map(owned_node).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|entry| Entry { key: text(&entry.key), value: owned_node(&entry.value), ..*entry }).collect())
        }
        Value::Shared(node) => Value::Shared(Rc::new(owned_node(node))),
    };
    Node { span: node.span, value }
}
