//! The answer of `diff`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    finding::{Finding, Subject},
    words::{CallResult, Change, Dataplane, Effect, Mode},
};

/// The answer of `diff`. Its findings are those that the change brings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Diff {
    /// The manifests, and what becomes of their objects.
    pub objects: Vec<Object>,
    /// The mesh and namespaces whose own policies come to another mode.
    pub scopes: Vec<ScopeChange>,
    /// Workloads and ports whose mode or data plane is another.
    pub modes: Vec<ModeChange>,
    /// Calls of which something else comes, worst first.
    pub calls: Vec<CallChange>,
    /// Findings that the change takes away.
    pub resolved: Vec<Finding>,
}

/// An object of the change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Object {
    /// Who it is.
    #[serde(flatten)]
    pub subject: Subject,
    /// `added`, `changed`, `unchanged` or `deleted`.
    pub change: Change,
}

/// The mode of the mesh or of a namespace as a whole, before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScopeChange {
    /// Namespace; `null` for the mesh.
    pub namespace: Option<String>,
    /// Before.
    pub before: ScopeMode,
    /// After.
    pub after: ScopeMode,
    /// How many of its workloads were read. Where there is none, what becomes of its calls is not known.
    pub workloads: usize,
}

/// What the policies of the mesh or of a namespace come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeMode {
    /// The mode.
    pub mode: Mode,
    /// Policy that decides.
    pub decided_by: Option<String>,
}

/// What a workload or a port enforces, before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModeChange {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Workload port; `null` for the workload.
    pub port: Option<u16>,
    /// Before; `null` for what is new.
    pub before: Option<State>,
    /// After; `null` for what goes.
    pub after: Option<State>,
}

/// What takes the traffic of a workload, and what that enforces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Data plane.
    pub dataplane: Dataplane,
    /// What it enforces.
    pub mode: Mode,
    /// What the policies say.
    pub policy_mode: Mode,
    /// Policy that decides.
    pub decided_by: Option<String>,
}

/// Calls of which something else comes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CallChange {
    /// `breaks`, `weakens`, `disappears`, `changes`, `appears`, `strengthens` or `mends`.
    pub effect: Effect,
    /// Who calls.
    pub from: Callers,
    /// Whom.
    pub to: Called,
    /// Before; `null` where nobody could make the call.
    pub before: Option<Answer>,
    /// After; `null` where nobody can make it.
    pub after: Option<Answer>,
}

/// Clients that fare alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Callers {
    /// What sends their calls.
    pub dataplane: Dataplane,
    /// What sends them after the change, where that is something else; else `null`.
    pub becomes: Option<Dataplane>,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// The labels that set them apart, where a rule or a scope is for some of their namespace only.
    pub labels: BTreeMap<String, String>,
}

/// A service port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Called {
    /// Namespace of the service.
    pub namespace: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What comes of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answer {
    /// `mtls`, `plaintext`, `tls`, `fail`, `mixed`, `no-endpoints` or `unknown`.
    pub result: CallResult,
    /// The lowest failure code of any endpoint.
    pub code: Option<&'static str>,
    /// What users see of it.
    pub symptom: Option<&'static str>,
}
