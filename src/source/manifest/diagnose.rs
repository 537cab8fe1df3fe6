//! Decodes an object that strict decoding rejected: finds the flaws, their places, and what remains of the object.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::yaml::{self, Node, ParseError};
use crate::object::{DefectKind, FieldPath, Object};

/// An object as far as it could be decoded, and the flaws that were removed.
#[derive(Debug)]
pub(super) struct Diagnosed<T> {
    /// `metadata.name`, or `metadata.generateName` and an asterisk; empty if there is neither.
    pub(super) name: String,
    /// `metadata.namespace`; empty if there is none.
    pub(super) namespace: String,
    /// The object; `None` if a flaw cannot be removed.
    pub(super) object: Option<T>,
    pub(super) flaws: Vec<(FieldPath, DefectKind)>,
}

/// Maximum number of flaws of one object; with more of them, decoding stops.
const MAX_FLAWS: usize = 100;

impl<T> Diagnosed<T> {
    /// An object without flaws. Its name is filled in by [`Diagnosed::map`].
    pub(super) fn without_flaws(object: T) -> Self {
        Self { name: String::new(), namespace: String::new(), object: Some(object), flaws: Vec::new() }
    }

    /// Converts the object, and fills in its name and namespace.
    pub(super) fn map(self, wrap: impl FnOnce(T) -> Object) -> Diagnosed<Object> {
        let Self { mut name, mut namespace, object, flaws } = self;
        let object = object.map(wrap);
        if let Some(object) = &object {
            let meta = object.meta();
            name = if meta.name.is_empty() && !meta.generate_name.is_empty() {
                format!("{}*", meta.generate_name)
            } else {
                meta.name.to_string()
            };
            namespace = meta.namespace.to_string();
        }
        Diagnosed { name, namespace, object, flaws }
    }
}

/// Decodes a YAML document as far as possible.
pub(super) fn yaml<T: DeserializeOwned>(text: &str) -> Result<Diagnosed<T>, ParseError> {
    let tree = yaml::tree(text)?;
    Ok(value(tree.json(), Some((text, &tree))))
}

/// Decodes a tree as far as possible. The source text, if any, shows how a scalar was written.
pub(super) fn value<T: DeserializeOwned>(mut value: Value, source: Option<(&str, &Node)>) -> Diagnosed<T> {
    let mut flaws: Vec<(FieldPath, DefectKind)> = Vec::new();
    if let Some((_, tree)) = source {
        flaws.extend(tree.repeated_keys().into_iter().map(|at| (at, DefectKind::DuplicateKey)));
    }
    let object = loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(object) => break Some(object),
            Err(error) => error,
        };
        let at = field(error.path());
        let because = error.into_inner().to_string();
        let flaw = remove_flaw(&mut value, &at, because, source);
        let is_fatal = matches!(flaw, DefectKind::WrongType { .. }) || flaws.len() >= MAX_FLAWS;
        flaws.push((at, flaw));
        if is_fatal {
            break None;
        }
    };
    let text = |pointer| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Diagnosed { name: text("/metadata/name"), namespace: text("/metadata/namespace"), object, flaws }
}

/// Removes or replaces the offending value, if the rest can be decoded without it.
fn remove_flaw(value: &mut Value, at: &FieldPath, because: String, source: Option<(&str, &Node)>) -> DefectKind {
    if because.starts_with("unknown field") && remove(value, at) {
        return DefectKind::UnknownField;
    }
    if is_label(at)
        && let Some(slot) = slot(value, at)
        && let Some(read_as) = scalar_type(slot)
    {
        let spelling = source.map(|(text, tree)| text[tree.locate(at.steps())].trim().to_owned());
        *slot = spelling.unwrap_or_else(|| slot.to_string()).into();
        return DefectKind::NotAString { read_as };
    }
    DefectKind::WrongType { error: because }
}

fn scalar_type(value: &Value) -> Option<String> {
    match value {
        Value::Bool(b) => Some(format!("the boolean {b}")),
        Value::Number(n) => Some(format!("the number {n}")),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether the field is a value of a label, annotation or selector.
fn is_label(at: &FieldPath) -> bool {
    let steps: Vec<&str> = at.steps().collect();
    matches!(steps.as_slice(), [.., "labels" | "annotations" | "matchLabels" | "selector", _])
}

fn field(path: &serde_path_to_error::Path) -> FieldPath {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn slot<'v>(value: &'v mut Value, at: &FieldPath) -> Option<&'v mut Value> {
    at.steps().try_fold(value, child)
}

fn child<'v>(value: &'v mut Value, step: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(map) => map.get_mut(step),
        Value::Array(items) => step.parse().ok().and_then(|i: usize| items.get_mut(i)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn remove(value: &mut Value, at: &FieldPath) -> bool {
    let steps: Vec<&str> = at.steps().collect();
    let Some((last, parents)) = steps.split_last() else { return false };
    match parents.iter().copied().try_fold(value, child) {
        Some(Value::Object(map)) => map.remove(*last).is_some(),
        _ => false,
    }
}
