//! Decodes an object from a tree: as strictly as the API server, and as far as possible where a field is invalid.

use serde::de::DeserializeOwned;

use super::yaml::Node;
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

/// Decodes an object as far as possible. The text it was parsed from shows how a scalar was written.
pub(super) fn decode<T: DeserializeOwned>(mut node: Node<'_>, repeats_keys: bool, text: &str) -> Diagnosed<T> {
    let mut flaws: Vec<(FieldPath, DefectKind)> = Vec::new();
    if repeats_keys {
        flaws.extend(node.repeated_keys().into_iter().map(|at| (at, DefectKind::DuplicateKey)));
    }
    let object = loop {
        let mismatch = match node.decode() {
            Ok(object) => break Some(object),
            Err(mismatch) => mismatch,
        };
        let at = mismatch.path();
        let flaw = remove_flaw(&mut node, &at, mismatch.message().to_owned(), text);
        let is_fatal = matches!(flaw, DefectKind::WrongType { .. }) || flaws.len() >= MAX_FLAWS;
        flaws.push((at, flaw));
        if is_fatal {
            break None;
        }
    };
    let metadata = |key| node.get("metadata").and_then(|metadata| metadata.get(key)?.text()).unwrap_or_default().to_owned();
    let name = match metadata("name") {
        name if name.is_empty() && !metadata("generateName").is_empty() => format!("{}*", metadata("generateName")),
        name => name,
    };
    Diagnosed { name, namespace: metadata("namespace"), object, flaws }
}

/// Removes or replaces the offending value, if the rest can be decoded without it.
fn remove_flaw(node: &mut Node<'_>, at: &FieldPath, error: String, text: &str) -> DefectKind {
    if error.starts_with("unknown field") && remove(node, at) {
        return DefectKind::UnknownField;
    }
    if is_label(at)
        && let Some(value) = node.at_mut(at.steps())
        && let Some(read_as) = value.scalar_type()
    {
        value.become_text(text);
        return DefectKind::NotAString { read_as };
    }
    DefectKind::WrongType { error }
}

/// Whether the field is a value of a label, annotation or selector.
fn is_label(at: &FieldPath) -> bool {
    let steps: Vec<&str> = at.steps().collect();
    matches!(steps.as_slice(), [.., "labels" | "annotations" | "matchLabels" | "selector", _])
}

fn remove(node: &mut Node<'_>, at: &FieldPath) -> bool {
    let steps: Vec<&str> = at.steps().collect();
    let Some((last, parents)) = steps.split_last() else { return false };
    node.at_mut(parents.iter().copied()).is_some_and(|parent| parent.remove(last))
}
