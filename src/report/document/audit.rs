//! The result of `audit`: mTLS modes by namespace, workload and port, and the results of clients' calls.

use serde::Serialize;

use super::{
    finding::Severities,
    trail::TrailStep,
    words::{Dataplane, Mode},
};

/// The rows of `audit` tables. JSON always contains all of it, but every port only on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// One row per namespace.
    Namespace,
    /// One row per workload.
    Workload,
    /// One row per port.
    Port,
    /// One row per group of clients with the same results.
    Client,
}

/// The result of `audit`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// The rows of tables.
    #[serde(skip)]
    pub by: GroupBy,
    /// Namespaces.
    pub namespaces: Vec<Namespace>,
    /// Workloads.
    pub workloads: Vec<Workload>,
    /// Results of calls by client; `null` unless requested.
    pub clients: Option<Vec<ClientGroup>>,
}

/// Clients with the same results, and the results of their calls.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientGroup {
    /// What sends their calls.
    pub dataplane: Dataplane,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// Results of their calls, by namespace of the service.
    pub servers: Vec<ServerResults>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

/// Number of service ports in a namespace, by result of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerResults {
    /// The namespace of the services.
    pub namespace: String,
    /// Reached over mesh mTLS.
    pub mtls: usize,
    /// Reached over TLS other than mesh mTLS.
    pub tls: usize,
    /// Reached in plaintext.
    pub plaintext: usize,
    /// The result differs by endpoint.
    pub mixed: usize,
    /// The call fails.
    pub fail: usize,
    /// Configuration alone does not decide the result.
    pub unknown: usize,
    /// There are no endpoints.
    pub no_endpoints: usize,
    /// Whether there may be more service ports, because not all services could be read; absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A namespace.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// Data plane, or `mixed`.
    pub dataplane: Dataplane,
    /// Whether the data plane is assumed, because something that decides it could not be read; absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
    /// Effective mode of its policies.
    pub mode: Mode,
    /// Policy that sets it; `null` if no policy does, or the mode is unknown.
    pub decided_by: Option<String>,
    /// Workloads by mode.
    pub workloads: ModeCounts,
    /// Findings by severity.
    pub findings: Severities,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

/// Workloads by mode.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModeCounts {
    /// All workloads.
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
    /// No proxy enforces a mode.
    #[serde(rename = "NONE")]
    pub none: usize,
    /// Unknown, because policies or pods could not be read.
    #[serde(rename = "UNKNOWN")]
    pub unknown: usize,
    /// Workloads with a port whose mode differs.
    #[serde(rename = "withExceptions")]
    pub with_exceptions: usize,
    /// Whether there may be more workloads, because not all could be read; absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A workload.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of Pod objects; `null` if not all could be read.
    pub pods: Option<usize>,
    /// Data plane of its least protected pods.
    pub dataplane: Dataplane,
    /// Mode that these enforce.
    pub mode: Mode,
    /// Mode that the policies set.
    pub policy_mode: Mode,
    /// Policy that sets it; `null` if no policy does, or the mode is unknown.
    pub decided_by: Option<String>,
    /// Ports whose mode differs; with `--by port` every declared port.
    pub ports: Vec<Port>,
    /// Groups of pods that differ in data plane or mode; empty if all pods are equivalent.
    pub variants: Vec<Variant>,
    /// Whether the data plane is assumed, because the workload's Namespace was not read, or not all of its pods.
    pub assumed: bool,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

/// A port.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Workload port.
    pub port: u16,
    /// Mode that is enforced.
    pub mode: Mode,
    /// Mode that the policies set.
    pub policy_mode: Mode,
    /// Policy that sets it; `null` if no policy does, or the mode is unknown.
    pub decided_by: Option<String>,
    /// Every policy and field that was evaluated; only in the result of `explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trail: Option<Vec<TrailStep>>,
}

/// Equivalent pods of a workload.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Variant {
    /// Number of pods.
    pub pods: usize,
    /// Data plane.
    pub dataplane: Dataplane,
    /// Mode that they enforce.
    pub mode: Mode,
}
