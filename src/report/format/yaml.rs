//! The JSON document as block-style YAML. Strings that YAML could read as another type are quoted as in JSON, which is valid YAML.

use std::io::{self, Write};

use serde_json::Value;

use super::json;
use crate::report::document::Document;

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let value = serde_json::to_value(document)?;
    block(&value, 0, sink)
}

/// Writes a mapping or a list, one entry per line.
pub(crate) fn block(value: &Value, depth: usize, sink: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Object(map) => {
            for (at, (key, value)) in map.iter().enumerate() {
                indent(depth, at, sink)?;
                write!(sink, "{}:", string(key)?)?;
                entry(value, depth + 1, sink)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(at, item)| {
            indent(depth, at, sink)?;
            sink.write_all(b"-")?;
            let is_block = item.as_object().is_some_and(|map| !map.is_empty()) || item.as_array().is_some_and(|items| !items.is_empty());
            if is_block {
                sink.write_all(b" ")?;
                block(item, depth + 1, sink)
            } else {
                entry(item, depth + 1, sink)
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => writeln!(sink, "{}", scalar(value)?),
    }
}

/// Writes what follows a key or a dash.
fn entry(value: &Value, depth: usize, sink: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Object(map) if map.is_empty() => writeln!(sink, " {{}}"),
        Value::Array(items) if items.is_empty() => writeln!(sink, " []"),
        Value::Object(_) => {
            writeln!(sink)?;
            write!(sink, "{}", "  ".repeat(depth))?;
            block(value, depth, sink)
        }
        Value::Array(_) => {
            // Lists are not indented under their key, as in kubectl's output.
            let depth = depth - 1;
            writeln!(sink)?;
            write!(sink, "{}", "  ".repeat(depth))?;
            block(value, depth, sink)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => writeln!(sink, " {}", scalar(value)?),
    }
}

/// Indents an entry; the first one of a block continues its line.
fn indent(depth: usize, at: usize, sink: &mut dyn Write) -> io::Result<()> {
    if at == 0 { Ok(()) } else { write!(sink, "{}", "  ".repeat(depth)) }
}

fn scalar(value: &Value) -> io::Result<String> {
    match value {
        Value::String(text) => string(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Ok(value.to_string()),
    }
}

fn string(text: &str) -> io::Result<String> {
    if is_plain(text) { Ok(text.to_owned()) } else { json::string(text).map(|json| with_long_escapes(&json)) }
}

/// The JSON of a string with the escapes of YAML for characters beyond 16 bits: kubectl's parser rejects pairs of surrogates.
fn with_long_escapes(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escaped = &rest[at..];
        let unit = |at: usize| escaped.get(at..)?.strip_prefix("\\u").and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
        let pair = unit(0).zip(unit(6)).and_then(|(high, low)| char::decode_utf16([high, low]).next()?.ok().filter(|c| c.len_utf16() == 2));
        // Another escape has at least two characters; a backslash that is escaped begins none.
        let (shown, length) = pair.map_or_else(
            || (escaped.get(..2).unwrap_or(escaped).to_owned(), 2.min(escaped.len())),
            |c| (format!("\\U{:08x}", u32::from(c)), 12),
        );
        text.push_str(&shown);
        rest = &escaped[length..];
    }
    text + rest
}

/// Whether every YAML 1.1 or 1.2 parser reads the unquoted text as this string.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];
    let starts_with_letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_safe = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    starts_with_letter && is_safe && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_lists_and_maps_are_indented_as_in_kubectl() {
        let value = serde_json::json!({"a": {"b": [1, {"c": "on", "d": []}]}, "e": [[1], {}], "f": "x: y", "g": null});
        let mut out = Vec::new();
        block(&value, 0, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a:\n  b:\n  - 1\n  - c: \"on\"\n    d: []\ne:\n- - 1\n- {}\nf: \"x: y\"\ng: null\n");
    }

    #[test]
    fn words_that_yaml_reads_otherwise_are_quoted() {
        for text in ["on", "No", "null", "12", "0x1", "1.5", "", "a b", "a:", "-", "~", "2020-01-01"] {
            assert!(!is_plain(text), "{text}");
        }
        for text in ["STRICT", "istio-system/default", "v1.29.1", "web"] {
            assert!(is_plain(text), "{text}");
        }
    }
}
