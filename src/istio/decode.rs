//! The result of decoding: the decoded value, and the fields that Istio would reject.

use crate::object::{FieldPath, Id, Text, wire};

/// A decoded object, and everything in it that Istio's schema or webhook would reject (S4).
///
/// An object with errors may still have a value: it may exist in a cluster in which Istio's webhook was not installed or did not run, and istiod then reads what it can.
#[derive(Clone, Debug)]
pub struct Decoded<T> {
    /// The decoded value; `None` for what no API server accepts.
    pub value: Option<T>,
    /// What would be rejected.
    pub errors: Vec<IstioViolation>,
}

/// One field that Istio would reject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IstioViolation {
    pub id: Id,
    pub at: FieldPath,
    pub value: String,
    /// The accepted values.
    pub expected: &'static str,
}

/// Collects the errors of one object.
pub(super) struct Errors<'o> {
    pub(super) id: &'o Id,
    pub(super) errors: Vec<IstioViolation>,
}

impl<'o> Errors<'o> {
    pub(super) fn new(id: &'o Id) -> Self {
        Self { id, errors: Vec::new() }
    }

    pub(super) fn add(&mut self, at: FieldPath, value: impl Into<String>, expected: &'static str) {
        self.errors.push(IstioViolation { id: self.id.clone(), at, value: value.into(), expected });
    }

    /// The rules for `matchLabels` that apply to all selectors of Istio (S4).
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

/// Whether an optional text field is set.
pub(super) fn is_set(text: &Text) -> bool {
    !text.is_empty()
}
