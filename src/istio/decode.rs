//! What decoding gives: a meaning, and what Istio would say against the object.

use crate::object::{FieldPath, Id, Text, wire};

/// An object's meaning, and everything Istio's schema or webhook would refuse in it (S4).
///
/// An object with errors may have a meaning all the same: it can lie in a cluster whose webhook
/// was off, and istiod then reads what it can.
#[derive(Clone, Debug)]
pub struct Decoded<T> {
    /// The meaning; `None` for what no API server lets in.
    pub value: Option<T>,
    /// What would be refused.
    pub errors: Vec<DecodeError>,
}

/// One thing Istio would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The object.
    pub id: Id,
    /// The field.
    pub at: FieldPath,
    /// What stands there.
    pub said: String,
    /// What may stand there.
    pub wanted: &'static str,
}

/// Collects the errors of one object.
pub(super) struct Errors<'o> {
    pub(super) id: &'o Id,
    pub(super) found: Vec<DecodeError>,
}

impl<'o> Errors<'o> {
    pub(super) fn new(id: &'o Id) -> Self {
        Self { id, found: Vec::new() }
    }

    pub(super) fn add(&mut self, at: FieldPath, said: impl Into<String>, wanted: &'static str) {
        self.found.push(DecodeError { id: self.id.clone(), at, said: said.into(), wanted });
    }

    /// The rules for `matchLabels` that all of Istio's selectors share (S4).
    pub(super) fn check_selector(&mut self, selector: &wire::Selector, at: &FieldPath) {
        for (key, value) in selector.match_labels.iter() {
            let at = at.clone().then("matchLabels").then(key.clone());
            if key.is_empty() {
                self.add(at, "an empty label key", "a label key");
            } else if key.contains('*') || value.contains('*') {
                self.add(at, format!("`{key}: {value}`"), "a label without `*`: selectors match whole values");
            } else if value.len() > 63 {
                self.add(at, format!("a value of {} characters", value.len()), "at most 63 characters");
            }
        }
    }
}

/// The text of an optional field, for a message.
pub(super) fn given(text: &Text) -> bool {
    !text.is_empty()
}
