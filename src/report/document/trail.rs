//! The trail of a result: the policies and fields that were evaluated.

use serde::Serialize;

use super::{finding::Location, words::Outcome};

/// A policy or field that was evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrailStep {
    /// The object.
    pub object: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// What it sets.
    pub message: String,
    /// `in force`, `inherits`, `beaten`, `ignored`, or `enforced` for the mode that the data plane enforces.
    pub outcome: Outcome,
    /// Location in a file; `null` for a cluster.
    pub location: Option<Location>,
}
