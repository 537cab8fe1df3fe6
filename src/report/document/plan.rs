//! The answer of `analyze --fix-plan`.

use schemars::JsonSchema;
use serde::Serialize;

use super::finding::Subject;

/// The answer of `analyze --fix-plan`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// What to do, in order. Each was tried on the mesh as the steps before leave it, and breaks no call that works.
    pub steps: Vec<PlanStep>,
    /// Changes that would break a call.
    pub rejected: Vec<Refused>,
    /// Findings that no change is known for.
    pub manual: usize,
}

/// A step of the plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanStep {
    /// The command. It is never run.
    pub command: String,
    /// What it mends.
    pub fixes: Vec<Fixed>,
}

/// A change that would break something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// The command.
    pub command: String,
    /// What it would break.
    pub breaks: String,
    /// What it would mend.
    pub fixes: Vec<Fixed>,
}

/// A finding that a step mends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Fixed {
    /// The rule.
    pub rule: &'static str,
    /// The object.
    pub subject: Subject,
    /// What is wrong.
    pub message: String,
}
