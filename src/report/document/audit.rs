//! The answer of `audit`: namespaces, workloads and ports with their modes, and what clients reach.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    finding::Severities,
    trail::Step,
    words::{Dataplane, Mode},
};

/// How finely `audit` is drawn as a table. JSON always has all of it, but every port only when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A line a namespace.
    Namespace,
    /// A line a workload.
    Workload,
    /// A line a port.
    Port,
    /// A line for clients that reach the same.
    Client,
}

/// The answer of `audit`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Audit {
    /// How tables are to be drawn.
    #[serde(skip)]
    pub by: By,
    /// Namespaces.
    pub namespaces: Vec<Namespace>,
    /// Workloads.
    pub workloads: Vec<Workload>,
    /// Who reaches whom; `null` unless it was asked for.
    pub clients: Option<Vec<Clients>>,
}

/// Clients that reach just the same, and what they reach.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Clients {
    /// What sends their calls.
    pub dataplane: Dataplane,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// What they reach, by namespace.
    pub servers: Vec<Servers>,
}

/// The service ports of a namespace, by what comes of a call to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Servers {
    /// The namespace of the services.
    pub namespace: String,
    /// Reached over the mesh's mTLS.
    pub mtls: usize,
    /// Reached over TLS that is not the mesh's.
    pub tls: usize,
    /// Reached in plaintext.
    pub plaintext: usize,
    /// Those whose endpoints differ.
    pub mixed: usize,
    /// Those that are not reached.
    pub fail: usize,
    /// Those of which configuration cannot tell.
    pub unknown: usize,
    /// Those that nobody is behind.
    pub no_endpoints: usize,
}

/// A namespace.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// Data plane, or `mixed`.
    pub dataplane: Dataplane,
    /// Mode.
    pub mode: Mode,
    /// Policy that decides it.
    pub decided_by: Option<String>,
    /// Workloads by mode.
    pub workloads: Counts,
    /// Findings by severity.
    pub findings: Severities,
}

/// Workloads by mode.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Counts {
    /// All.
    pub total: usize,
    /// STRICT.
    #[serde(rename = "STRICT")]
    pub strict: usize,
    /// PERMISSIVE.
    #[serde(rename = "PERMISSIVE")]
    pub permissive: usize,
    /// DISABLE.
    #[serde(rename = "DISABLE")]
    pub disable: usize,
    /// Nothing enforced.
    #[serde(rename = "NONE")]
    pub none: usize,
    /// Nobody knows, because policies could not be read.
    #[serde(rename = "UNKNOWN")]
    pub unknown: usize,
    /// Those with a port that differs.
    #[serde(rename = "withExceptions")]
    pub with_exceptions: usize,
}

/// A workload.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of Pod objects.
    pub pods: usize,
    /// Data plane of its weakest pods.
    pub dataplane: Dataplane,
    /// What these enforce.
    pub mode: Mode,
    /// What the policies say.
    pub policy_mode: Mode,
    /// Policy that decides.
    pub decided_by: Option<String>,
    /// Ports that differ; with `--by port` every declared port.
    pub ports: Vec<Port>,
    /// Pods that differ from each other; empty where all are alike.
    pub variants: Vec<Variant>,
    /// Whether the data plane is only assumed, because its Namespace was not read.
    pub assumed: bool,
}

/// A port.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Workload port.
    pub port: u16,
    /// What is enforced.
    pub mode: Mode,
    /// What the policies say.
    pub policy_mode: Mode,
    /// Policy that decides.
    pub decided_by: Option<String>,
    /// Everything that was looked at; told by `explain` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trail: Option<Vec<Step>>,
}

/// Pods of a workload that are alike.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Variant {
    /// How many.
    pub pods: usize,
    /// Data plane.
    pub dataplane: Dataplane,
    /// What it enforces.
    pub mode: Mode,
}
