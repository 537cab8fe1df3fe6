//! The result of `explain WORKLOAD`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    audit::Workload,
    trail::TrailStep,
    words::{Dataplane, Mode},
};

/// The result of `explain WORKLOAD`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The workload with every port.
    pub workload: Workload,
    /// Groups of equivalent pods, and why their ports have their modes.
    pub parts: Vec<PodGroup>,
    /// Why another port may be meant; `null` if the port that was asked for is one of the workload.
    pub hint: Option<String>,
}

/// Equivalent pods, and why their ports have their modes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PodGroup {
    /// Names of the pods; empty for a manifest.
    pub pods: Vec<String>,
    /// Labels that policies can select by, including those that injection adds.
    pub labels: BTreeMap<String, String>,
    /// Data plane.
    pub dataplane: Dataplane,
    /// Revision.
    pub revision: String,
    /// Traffic that bypasses the proxy, and the cause.
    pub bypasses: Vec<Bypass>,
    /// Ports; the first one applies to all ports without their own mode, and has no number.
    pub ports: Vec<ExplainedPort>,
}

/// Traffic that bypasses the proxy.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bypass {
    /// The traffic.
    pub what: String,
    /// The setting that causes the bypass.
    pub opened_by: String,
}

/// A port, and why it has its mode.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPort {
    /// Workload port; `null` for all other ports.
    pub port: Option<u16>,
    /// Mode that is enforced.
    pub mode: Mode,
    /// Mode that the policies set.
    pub policy_mode: Mode,
    /// Policy that sets it.
    pub decided_by: Option<String>,
    /// Every policy and field that was evaluated.
    pub trail: Vec<TrailStep>,
}
