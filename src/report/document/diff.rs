//! The result of `diff`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    finding::{Finding, Subject},
    words::{CallResult, Change, Dataplane, Effect, Mode},
};

/// The result of `diff`. Its findings are those that the change adds.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diff {
    /// The objects of the manifests, and how each changes.
    pub objects: Vec<ChangedObject>,
    /// The mesh and namespaces whose effective policy mode changes.
    pub scopes: Vec<ScopeChange>,
    /// Workloads and ports whose mode or data plane changes.
    pub modes: Vec<ModeChange>,
    /// Calls whose result changes, worst first.
    pub calls: Vec<CallChange>,
    /// Findings that the change resolves.
    pub resolved: Vec<Finding>,
}

/// An object of the change.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedObject {
    /// Its identity.
    #[serde(flatten)]
    pub subject: Subject,
    /// `added`, `changed`, `unchanged` or `deleted`.
    pub change: Change,
}

/// The mode of the mesh or of a namespace, before and after.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeChange {
    /// Namespace; `null` for the mesh.
    pub namespace: Option<String>,
    /// Before.
    pub before: ScopeMode,
    /// After.
    pub after: ScopeMode,
    /// How many of its workloads were read. If it is 0, the effect on its calls is unknown.
    pub workloads: usize,
}

/// The effective mode of the policies of the mesh or of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScopeMode {
    /// The mode.
    pub mode: Mode,
    /// Policy that sets it.
    pub decided_by: Option<String>,
}

/// The mode that a workload or a port enforces, before and after.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModeChange {
    /// `weakens`, `disappears`, `changes`, `appears` or `strengthens`.
    pub effect: Effect,
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Workload port; `null` for the workload as a whole.
    pub port: Option<u16>,
    /// Before; `null` if it is new.
    pub before: Option<WorkloadState>,
    /// After; `null` if it is deleted.
    pub after: Option<WorkloadState>,
}

/// The data plane of a workload, and the mode that it enforces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkloadState {
    /// Data plane.
    pub dataplane: Dataplane,
    /// Mode that is enforced.
    pub mode: Mode,
    /// Mode that the policies set.
    pub policy_mode: Mode,
    /// Policy that sets it.
    pub decided_by: Option<String>,
}

/// Calls whose result changes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallChange {
    /// `breaks`, `weakens`, `disappears`, `changes`, `appears`, `strengthens` or `fixes`.
    pub effect: Effect,
    /// The clients.
    pub from: CallClients,
    /// The service port.
    pub to: ServicePort,
    /// Before; `null` if the call was not possible.
    pub before: Option<CallOutcome>,
    /// After; `null` if the call is not possible.
    pub after: Option<CallOutcome>,
}

/// Clients with the same result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallClients {
    /// What sends their calls.
    pub dataplane: Dataplane,
    /// What sends them after the change, if that differs; else `null`.
    pub becomes: Option<Dataplane>,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// Labels of the clients, if a rule or a scope selects only some clients of their namespace.
    pub labels: BTreeMap<String, String>,
    /// A caller from outside the mesh, such as a probe or a webhook; else `null`.
    pub caller: Option<String>,
}

/// A service port, or a port of a workload for a caller from outside the mesh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServicePort {
    /// Namespace of the service.
    pub namespace: String,
    /// Its host, or the workload.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallOutcome {
    /// `mtls`, `plaintext`, `tls`, `fail`, `mixed`, `no-endpoints` or `unknown`.
    pub result: CallResult,
    /// The lowest failure code of all endpoints.
    pub code: Option<&'static str>,
    /// The symptom that users see.
    pub symptom: Option<&'static str>,
}
