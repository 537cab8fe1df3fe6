//! What was looked at on the way to an answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::{finding::Location, words::Outcome};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// The object.
    pub object: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// What it says.
    pub message: String,
    /// `in force`, `inherits`, `beaten`, `ignored`, or `enforced` for what the data plane makes of it.
    pub outcome: Outcome,
    /// Where it stands in a file; `null` for a cluster.
    pub location: Option<Location>,
}
