//! A JSON list that is split into its items while it arrives.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::type_meta::TypeMeta;

/// Bytes of a list without its items, which is a few hundred.
const MAX_ENVELOPE: usize = 1 << 20;

/// A list without its items.
#[derive(Debug, Deserialize)]
struct Envelope<'t> {
    #[serde(default, borrow)]
    kind: Option<Cow<'t, str>>,
    #[serde(default, borrow, rename = "apiVersion")]
    api_version: Option<Cow<'t, str>>,
    #[serde(default, borrow)]
    metadata: Metadata<'t>,
    #[serde(default)]
    items: Items,
}

/// The field `items` of a list whose items were taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Items {
    #[default]
    Missing,
    /// `null` is empty, as for kubectl.
    Empty,
    /// Items that were not found while the list arrived, because the key is written with escapes.
    Hidden,
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items: Option<Vec<IgnoredAny>> = Deserialize::deserialize(deserializer)?;
        Ok(if items.is_none_or(|items| items.is_empty()) { Self::Empty } else { Self::Hidden })
    }
}

#[derive(Debug, Default, Deserialize)]
struct Metadata<'t> {
    #[serde(default, rename = "continue", borrow)]
    next: Option<Cow<'t, str>>,
}

/// Position in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    /// Outside the items.
    #[default]
    Envelope,
    /// Before an item, or after the last one; the flag is set after a comma.
    Between { after_comma: bool },
    /// In an item.
    Item,
    /// After an item, before a comma or the end.
    After,
}

/// The body of a list: accepts chunks as they arrive, and passes on each item as soon as it is complete.
///
/// At most one item is buffered.
#[derive(Debug)]
pub(super) struct JsonList {
    position: Position,
    /// The list without its items.
    envelope: Vec<u8>,
    item: Vec<u8>,
    max_item: usize,
    /// Brackets that are open, within the envelope or the item.
    depth: u32,
    in_string: bool,
    is_escaped: bool,
    /// Where the last string of the envelope starts, after its quote.
    string: usize,
    /// Whether the value that follows is that of `items`.
    is_items: bool,
}

impl JsonList {
    /// A list with items of at most this size.
    pub(super) fn new(max_item: usize) -> Self {
        Self {
            position: Position::default(),
            envelope: Vec::new(),
            item: Vec::new(),
            max_item,
            depth: 0,
            in_string: false,
            is_escaped: false,
            string: 0,
            is_items: false,
        }
    }

    /// Accepts the next chunk and passes on the items that it completes.
    pub(super) fn push<E: From<String>>(&mut self, chunk: &[u8], mut visit: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        for &byte in chunk {
            match self.position {
                Position::Envelope => self.in_envelope(byte)?,
                Position::Between { after_comma } => self.between(byte, after_comma)?,
                Position::After => self.after(byte)?,
                Position::Item => {
                    self.item.push(byte);
                    if self.item.len() > self.max_item {
                        return Err(format!("an item is larger than {} bytes", self.max_item).into());
                    }
                    if self.nests(byte) && self.depth == 0 {
                        visit(&self.item)?;
                        self.item.clear();
                        self.position = Position::After;
                    }
                }
            }
        }
        Ok(())
    }

    fn in_envelope(&mut self, byte: u8) -> Result<(), String> {
        self.envelope.push(byte);
        if self.envelope.len() > MAX_ENVELOPE {
            return Err(format!("the list has more than {MAX_ENVELOPE} bytes beside its items"));
        }
        if byte == b'"' && !self.in_string {
            self.string = self.envelope.len();
        }
        let is_outside = !self.in_string;
        self.nests(byte);
        if !is_outside || self.depth > 2 {
            return Ok(());
        }
        match byte {
            b':' if self.depth == 1 => self.is_items = self.envelope.get(self.string..).is_some_and(|text| text.starts_with(b"items\"")),
            b'[' if self.depth == 2 && self.is_items => {
                self.position = Position::Between { after_comma: false };
                self.is_items = false;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b':' => {}
            _ => self.is_items = false,
        }
        Ok(())
    }

    fn between(&mut self, byte: u8, after_comma: bool) -> Result<(), String> {
        match byte {
            b'{' => {
                self.item.push(byte);
                self.depth = 1;
                self.position = Position::Item;
                Ok(())
            }
            b']' if !after_comma => self.end_items(),
            _ if byte.is_ascii_whitespace() => Ok(()),
            _ => Err("an item is not an object".into()),
        }
    }

    fn after(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b',' => {
                self.position = Position::Between { after_comma: true };
                Ok(())
            }
            b']' => self.end_items(),
            _ if byte.is_ascii_whitespace() => Ok(()),
            _ => Err("there is no comma between two items".into()),
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "the positions share one shape")]
    fn end_items(&mut self) -> Result<(), String> {
        self.envelope.push(b']');
        self.depth = 1;
        self.position = Position::Envelope;
        Ok(())
    }

    /// Follows strings and brackets. Returns whether the byte is a bracket.
    fn nests(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => return false,
        }
        byte != b'"'
    }

    /// Checks that the body is complete, and that it is what it should be. Returns the token of the next page.
    pub(super) fn finish(&self, check: impl FnOnce(&TypeMeta<'_>) -> Result<(), String>) -> Result<String, String> {
        let Envelope { kind, api_version, metadata, items } = serde_json::from_slice(&self.envelope).map_err(|error| error.to_string())?;
        check(&TypeMeta { kind, api_version })?;
        match items {
            Items::Missing => return Err("the list has no `items`".into()),
            Items::Hidden => return Err("the items of the list are not written as `items`".into()),
            Items::Empty => {}
        }
        Ok(metadata.next.unwrap_or_default().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a text that arrives in chunks of a size, or why it is no list.
    fn items(text: &str, size: usize) -> Result<(Vec<String>, String), String> {
        let mut list = JsonList::new(100);
        let mut found = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            list.push(chunk, |item| {
                found.push(String::from_utf8_lossy(item).into_owned());
                Ok::<(), String>(())
            })?;
        }
        list.finish(|_| Ok(())).map(|next| (found, next))
    }

    #[test]
    fn a_list_is_split_into_its_items_however_it_arrives() {
        for (text, expected, next) in [
            (r#"{"items":[]}"#, &[][..], ""),
            (r#"{"items":null,"metadata":{"continue":"t"}}"#, &[], "t"),
            (
                r#" {"a":{"items":[1]},"items" : [ {"b":"]}\"{"} , {"c":[{}]} ] , "metadata":{"continue":"a\n"}}"#,
                &[r#"{"b":"]}\"{"}"#, r#"{"c":[{}]}"#],
                "a\n",
            ),
            (r#"{"x":"items","items":[{}]}"#, &["{}"], ""),
        ] {
            for size in [1, 3, 1000] {
                assert_eq!(items(text, size), Ok((expected.iter().map(ToString::to_string).collect(), next.to_owned())), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_exactly_one_list_is_an_error() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "1",
            "<html>",
            r#"{"items":{}}"#,
            r#"{"items":"a"}"#,
            r#"{"items":[1]}"#,
            r#"{"items":[{},]}"#,
            r#"{"items":[{}{}]}"#,
            r#"{"items":[,{}]}"#,
            r#"{"items":[{}]"#,
            r#"{"items":[{}"#,
            r#"{"items":[]}x"#,
            r#"{"items":[]}{"items":[]}"#,
            r#"{"items":[],"items":[{}]}"#,
            r#"{"\u0069tems":[{}]}"#,
            r#"[{"items":[]}]"#,
            r#"{"a":{"items":[{}]}}"#,
            r#"{"items":[[]]}"#,
            r#"{"items":[{"a":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"}]}"#,
        ] {
            for size in [1, 1000] {
                assert!(items(text, size).is_err(), "{text}: {:?}", items(text, size));
            }
        }
    }
}
