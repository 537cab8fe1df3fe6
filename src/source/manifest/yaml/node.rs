//! A parsed document: values with their places in the text.

use std::{borrow::Cow, ops::Range, rc::Rc};

use serde_json::{Map, Number};

use crate::object::FieldPath;

/// A range of bytes in the text. Zero for documents that were not parsed as YAML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// As a range of bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    pub(super) span: Span,
    pub(super) value: Value<'t>,
}

#[derive(Clone, Debug)]
pub(super) enum Value<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// Larger than [`i64::MAX`].
    Uint(u64),
    /// Finite, and not a whole number that fits [`i64`].
    Float(f64),
    Text(Cow<'t, str>),
    List(Vec<Node<'t>>),
    Map(Vec<Entry<'t>>),
    /// A value with an anchor, which aliases repeat.
    Shared(Rc<Node<'t>>),
}

/// An entry of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Entry<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) key_span: Span,
    pub(super) value: Node<'t>,
    pub(super) standing: Standing,
}

/// How an entry relates to the others of its mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The value of its key.
    Effective,
    /// Its key is repeated further down, where the effective value is.
    Repeated,
    /// A merge key has another value for its key.
    Merged,
}

impl Entry<'_> {
    pub(super) fn is_effective(&self) -> bool {
        self.standing == Standing::Effective
    }
}

/// A document, and what is known of it without a walk over its values.
#[derive(Debug)]
pub struct Document<'t> {
    /// The value; null for a text without one.
    pub root: Node<'t>,
    /// Whether a mapping repeats one of its keys.
    pub repeats_keys: bool,
    /// The line, from 1, of what follows the end of the document (`...`), if anything does: kubectl ignores it.
    pub ignored_from: Option<u32>,
}

impl<'t> Node<'t> {
    /// The value without the sharing.
    pub(super) fn value(&self) -> &Value<'t> {
        if let Value::Shared(node) = &self.value { node.value() } else { &self.value }
    }

    /// The effective entries of a mapping; none for another value.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<'t>> {
        self.map().unwrap_or_default().iter().filter(|entry| entry.is_effective())
    }

    /// All entries of a mapping.
    fn map(&self) -> Option<&[Entry<'t>]> {
        if let Value::Map(entries) = self.value() { Some(entries) } else { None }
    }

    /// The value of a key of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The text of a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self.value() { Some(text) } else { None }
    }

    /// The value of an integer.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        if let Value::Int(value) = self.value() { Some(*value) } else { None }
    }

    /// The effective keys and values of a mapping; none for another value.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.entries().map(|entry| (entry.key.as_ref(), &entry.value))
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> Option<&[Self]> {
        if let Value::List(items) = self.value() { Some(items) } else { None }
    }

    /// Whether the value is a mapping.
    #[must_use]
    pub fn is_map(&self) -> bool {
        matches!(self.value(), Value::Map(_))
    }

    /// Whether the value is a mapping without braces, tag and anchor, and its first entry is none of a merge key.
    #[must_use]
    pub fn is_block_map(&self) -> bool {
        self.map().and_then(<[_]>::first).is_some_and(|entry| entry.key_span.start == self.span.start)
    }

    /// Whether the value is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value(), Value::Null)
    }

    /// Where the value is in the text.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self.value() {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::Number((*value).into()),
            Value::Uint(value) => Json::Number((*value).into()),
            Value::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Value::Text(value) => Json::String(value.to_string()),
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Map(_) => Json::Object(self.entries().map(|entry| (entry.key.to_string(), entry.value.json())).collect::<Map<_, _>>()),
            Value::Shared(node) => node.json(),
        }
    }

    /// Whether there is a value at a path.
    #[must_use]
    pub fn contains<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> bool {
        let mut node = self;
        path.into_iter().all(|step| {
            let found = node.get(step).or_else(|| node.items()?.get(step.parse::<usize>().ok()?));
            node = found.unwrap_or(node);
            found.is_some()
        })
    }

    /// The place of the value at `path`, or of its nearest existing ancestor. A mapping or a list is shown by its key.
    #[must_use]
    pub fn locate<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Span {
        let (mut node, mut at) = (self, self.span);
        for step in path {
            let entry = node.entries().find(|entry| entry.key == step).map(|entry| (entry.key_span, &entry.value));
            let item = || node.items()?.get(step.parse::<usize>().ok()?).map(|item| (item.span, item));
            let child = entry.or_else(item);
            let Some((key, child)) = child else { break };
            let is_scalar = child.map().is_none() && child.items().is_none();
            at = if is_scalar && child.span.start < child.span.end { child.span } else { key };
            node = child;
        }
        at
    }

    /// The value at a path, to be changed. Values with an anchor are copied first.
    pub(in crate::source::manifest) fn at_mut<'p>(&mut self, path: impl IntoIterator<Item = &'p str>) -> Option<&mut Self> {
        let mut node = self;
        for step in path {
            let value = node.value_mut();
            node = if let Value::Map(entries) = value {
                &mut entries.iter_mut().find(|entry| entry.is_effective() && entry.key == step)?.value
            } else if let Value::List(items) = value {
                items.get_mut(step.parse::<usize>().ok()?)?
            } else {
                return None;
            };
        }
        Some(node)
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "`if let` would borrow the value twice")]
    fn value_mut(&mut self) -> &mut Value<'t> {
        match &mut self.value {
            Value::Shared(node) => Rc::make_mut(node).value_mut(),
            value => value,
        }
    }

    /// The type of a scalar that is not a string, with its value; `None` for anything else.
    pub(in crate::source::manifest) fn scalar_type(&self) -> Option<String> {
        match self.value() {
            Value::Bool(value) => Some(format!("the boolean {value}")),
            Value::Int(value) => Some(format!("the number {value}")),
            Value::Uint(value) => Some(format!("the number {value}")),
            Value::Float(value) => Some(format!("the number {value}")),
            Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_) | Value::Shared(_) => None,
        }
    }

    /// Makes a string of a scalar: its spelling in the text it was parsed from, or its JSON.
    pub(in crate::source::manifest) fn become_text(&mut self, text: &str) {
        let spelling = text.get(self.span.start as usize..self.span.end as usize).filter(|spelling| !spelling.is_empty());
        let text = spelling.map_or_else(|| self.json().to_string(), |spelling| spelling.trim().to_owned());
        self.value = Value::Text(text.into());
    }

    /// Removes a key of a mapping; `false` if it is not there.
    pub(in crate::source::manifest) fn remove(&mut self, key: &str) -> bool {
        let Value::Map(entries) = self.value_mut() else { return false };
        let before = entries.len();
        entries.retain(|entry| entry.key != key);
        entries.len() < before
    }

    /// Whether a mapping has this key more than once.
    #[must_use]
    pub fn repeats(&self, key: &str) -> bool {
        self.map().unwrap_or_default().iter().any(|entry| entry.standing == Standing::Repeated && entry.key == key)
    }

    /// Whether a mapping repeats one of its keys.
    pub(super) fn has_repeated_keys(&self) -> bool {
        let is_repeated = |entry: &Entry<'_>| entry.standing == Standing::Repeated || entry.value.has_repeated_keys();
        self.items().unwrap_or_default().iter().any(Self::has_repeated_keys) || self.map().unwrap_or_default().iter().any(is_repeated)
    }

    /// The keys that their mappings have more than once, without those that a merge key repeats.
    #[must_use]
    pub fn repeated_keys(&self) -> Vec<FieldPath> {
        let mut found = Vec::new();
        self.collect_repeated(&FieldPath::default(), &mut found);
        found
    }

    fn collect_repeated(&self, path: &FieldPath, found: &mut Vec<FieldPath>) {
        for (at, item) in self.items().unwrap_or_default().iter().enumerate() {
            item.collect_repeated(&path.clone().then(at.to_string()), found);
        }
        for entry in self.map().unwrap_or_default().iter().filter(|entry| entry.standing != Standing::Merged) {
            let path = path.clone().then(entry.key.as_ref());
            if entry.standing == Standing::Repeated {
                found.push(path.clone());
            }
            entry.value.collect_repeated(&path, found);
        }
    }
}
