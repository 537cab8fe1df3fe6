//! The result of `analyze --fix-plan`.

use serde::Serialize;

use super::finding::Subject;

/// The result of `analyze --fix-plan`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The steps, in order. Each was evaluated on the mesh as the steps before it leave it, and breaks no working call.
    pub steps: Vec<PlanStep>,
    /// Changes that would break a call or weaken protection.
    pub rejected: Vec<Rejected>,
    /// Number of findings without a known change.
    pub manual: usize,
}

/// A step of the plan.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanStep {
    /// The command. It is never run.
    pub command: String,
    /// What accepts or sends plaintext after it and did not before; `null` if nothing does.
    pub weakens: Option<String>,
    /// The findings that it fixes.
    pub fixes: Vec<FixedFinding>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

/// A change that would break a call or weaken protection.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rejected {
    /// The command.
    pub command: String,
    /// The call that it would break; `null` if it would break none.
    pub breaks: Option<String>,
    /// What would accept or send plaintext after it and does not now; `null` if nothing would, or if it breaks a call.
    pub weakens: Option<String>,
    /// The findings that it would fix.
    pub fixes: Vec<FixedFinding>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

impl Rejected {
    /// Why it is rejected.
    #[must_use]
    pub fn reason(&self) -> String {
        match (&self.breaks, &self.weakens) {
            (Some(breaks), _) => breaks.clone(),
            (None, Some(weakens)) => format!("weakens protection: {weakens}; --allow-weakening includes it"),
            (None, None) => String::new(),
        }
    }
}

/// A finding that a step fixes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixedFinding {
    /// The rule.
    pub rule: &'static str,
    /// The object.
    pub subject: Subject,
    /// What is wrong.
    pub message: String,
}
