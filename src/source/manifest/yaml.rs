//! YAML as Kubernetes reads it: plain scalars by YAML 1.1 (`on`, `0777`), merge keys applied.
//!
//! The only file that parses with the YAML library. The parser recurses, so everything here must run on a thread with
//! [`STACK_SIZE`] bytes of stack.

use std::{fmt, ops::Range};

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{DuplicateKeyPolicy, Error, Location, Options, Spanned};

use crate::object::FieldPath;

/// Stack that a thread needs to parse 64 levels, the maximum nesting of a document.
pub const STACK_SIZE: usize = 16 << 20;

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line within the text, from 1; 0 if unknown.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    pub reason: String,
}

/// A parsed document: plain data, with the position of every value.
#[derive(Debug)]
pub struct Node {
    span: Range<usize>,
    kind: NodeKind,
}

#[derive(Debug)]
enum NodeKind {
    Scalar(Value),
    Seq(Vec<Node>),
    Map(Vec<(String, Range<usize>, Node)>),
}

/// Decodes a document straight into a type.
///
/// # Errors
/// If the text is not YAML, repeats a key, does not match the type, or exceeds the parser's budget.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, ParseError> {
    serde_saphyr::from_str_with_options(text, options(DuplicateKeyPolicy::Error)).map_err(|e| parse_error(&e))
}

/// Parses a document into a tree with positions. If a key is repeated, both entries are kept.
///
/// # Errors
/// If the text is not YAML, or exceeds the parser's budget.
pub fn tree(text: &str) -> Result<Node, ParseError> {
    serde_saphyr::from_str_with_options(text, options(DuplicateKeyPolicy::PassThrough)).map_err(|e| parse_error(&e))
}

/// The parser's options: scalars as in Kubernetes, and budgets for dumps of whole clusters.
fn options(duplicate_keys: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        duplicate_keys: duplicate_keys,
        legacy_octal_numbers: true,
        ignore_binary_tag_for_string: true,
        budget: serde_saphyr::budget! {
            max_nodes: 20_000_000,
            max_events: 60_000_000,
            max_total_scalar_bytes: 1 << 30,
            max_recorded_anchor_events: 100_000,
            max_aliases: 1_000_000,
            max_merge_keys: 1_000_000,
            // One anchor that all pods of a list refer to is not an attack; replayed events are limited below.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 1_000_000,
            max_alias_expansions_per_anchor: 1_000_000,
        },
    }
}

/// The library's message has several lines with an excerpt; only the first sentence is used.
fn parse_error(error: &Error) -> ParseError {
    let text = error.to_string();
    let message = text.lines().next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let reason = match message.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((place, reason)) if place.contains(" column ") => explain_limit(reason),
        _ => explain_limit(message),
    };
    let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let (line, column) = error.location().map_or((0, 0), |at| (narrow(at.line()), narrow(at.column())));
    ParseError { line, column, reason: reason.to_owned() }
}

/// Rewrites messages about the parser's limits; others are unchanged.
fn explain_limit(reason: &str) -> &str {
    match reason.strip_prefix("budget breached: ") {
        Some(limit) if limit.starts_with("Depth") => "nested deeper than 64 levels",
        Some(limit) if limit.contains("Anchor") || limit.contains("Alias") => "alias expansion limit exceeded",
        Some(_) => "too large for a manifest",
        None if reason.contains("alias") && reason.contains("limit") => "alias expansion limit exceeded",
        None if reason.contains("multiple YAML documents") => "a second document starts inside it; `---` must be alone on its line",
        None => reason,
    }
}

impl Node {
    /// The document as JSON; the last value of a repeated key wins, as in kubectl.
    #[must_use]
    pub fn json(&self) -> Value {
        match &self.kind {
            NodeKind::Scalar(value) => value.clone(),
            NodeKind::Seq(items) => items.iter().map(Self::json).collect(),
            NodeKind::Map(entries) => Value::Object(entries.iter().map(|(k, _, v)| (k.clone(), v.json())).collect::<Map<_, _>>()),
        }
    }

    /// The byte range of the value at `path`, or of its nearest existing ancestor.
    #[must_use]
    pub fn locate<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Range<usize> {
        let (mut node, mut at) = (self, self.span.clone());
        for step in path {
            let child = match &node.kind {
                NodeKind::Map(entries) => entries.iter().rfind(|(k, ..)| k == step).map(|(_, key, v)| (key, v)),
                NodeKind::Seq(items) => step.parse().ok().and_then(|i: usize| items.get(i)).map(|v| (&v.span, v)),
                NodeKind::Scalar(_) => None,
            };
            let Some((key, child)) = child else { break };
            // A mapping or a list is shown by its key.
            at = if matches!(child.kind, NodeKind::Scalar(_)) && !child.span.is_empty() { child.span.clone() } else { key.clone() };
            node = child;
        }
        at
    }

    /// The items of the list under a top-level key, and the offset of each in the text.
    #[must_use]
    pub fn items(&self, key: &str) -> Option<Vec<(usize, &Self)>> {
        let NodeKind::Map(entries) = &self.kind else { return None };
        match entries.iter().find(|(k, ..)| k == key).map(|(.., v)| &v.kind) {
            Some(NodeKind::Seq(items)) => Some(items.iter().map(|item| (item.span.start, item)).collect()),
            _ => None,
        }
    }

    /// Every key that its mapping contains already.
    #[must_use]
    pub fn repeated_keys(&self) -> Vec<FieldPath> {
        let mut found = Vec::new();
        self.collect_repeated(&FieldPath::default(), &mut found);
        found
    }

    fn collect_repeated(&self, path: &FieldPath, found: &mut Vec<FieldPath>) {
        match &self.kind {
            NodeKind::Scalar(_) => {}
            NodeKind::Seq(items) => {
                for (at, item) in items.iter().enumerate() {
                    item.collect_repeated(&path.clone().then(at.to_string()), found);
                }
            }
            NodeKind::Map(entries) => {
                for (at, (key, _, value)) in entries.iter().enumerate() {
                    let path = path.clone().then(key.as_str());
                    if entries[..at].iter().any(|(earlier, ..)| earlier == key) {
                        found.push(path.clone());
                    }
                    value.collect_repeated(&path, found);
                }
            }
        }
    }
}

fn byte_range(at: Location) -> Range<usize> {
    let span = at.span();
    let narrow = |n: Option<u64>| n.and_then(|n| n.try_into().ok()).unwrap_or_default();
    let start: usize = narrow(span.byte_offset());
    start..start + narrow(span.byte_len())
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<NodeKind>::deserialize(from)?;
        Ok(Self { span: byte_range(referenced), kind: value })
    }
}

impl<'de> Deserialize<'de> for NodeKind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = NodeKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<NodeKind, E> {
        Ok(NodeKind::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, v: bool) -> Result<NodeKind, E> {
        Ok(NodeKind::Scalar(v.into()))
    }

    fn visit_i64<E>(self, v: i64) -> Result<NodeKind, E> {
        Ok(NodeKind::Scalar(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<NodeKind, E> {
        Ok(NodeKind::Scalar(v.into()))
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<NodeKind, E> {
        Number::from_f64(v).map(|n| NodeKind::Scalar(n.into())).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, v: &str) -> Result<NodeKind, E> {
        Ok(NodeKind::Scalar(v.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NodeKind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(NodeKind::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NodeKind, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Node>()? {
            entries.push((key.value, byte_range(key.referenced), value));
        }
        Ok(NodeKind::Map(entries))
    }
}
