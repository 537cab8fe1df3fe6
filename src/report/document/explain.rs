//! The answer of `explain WORKLOAD`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    audit::Workload,
    trail::Step,
    words::{Dataplane, Mode},
};

/// The answer of `explain WORKLOAD`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explain {
    /// The workload with every port.
    pub workload: Workload,
    /// Pods that are alike, and why their ports have their modes.
    pub parts: Vec<Part>,
}

/// Pods that are alike, and why their ports have their modes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Names of the pods; none for a manifest.
    pub pods: Vec<String>,
    /// Labels that policies select by, those of injection included.
    pub labels: BTreeMap<String, String>,
    /// Data plane.
    pub dataplane: Dataplane,
    /// Revision.
    pub revision: String,
    /// What bypasses the proxy, and what opens that way.
    pub bypasses: Vec<Bypass>,
    /// Ports; the first is for every port without a mode of its own, and has no number.
    pub ports: Vec<ExplainedPort>,
}

/// A way past the proxy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bypass {
    /// What passes.
    pub what: String,
    /// What opens the way.
    pub opened_by: String,
}

/// A port and why it has its mode.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPort {
    /// Workload port; `null` for all others.
    pub port: Option<u16>,
    /// What is enforced.
    pub mode: Mode,
    /// What the policies say.
    pub policy_mode: Mode,
    /// Policy that decides.
    pub decided_by: Option<String>,
    /// Everything that was looked at.
    pub trail: Vec<Step>,
}
