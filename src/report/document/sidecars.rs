//! The result of `sidecars`.

use serde::Serialize;

use super::{
    explain::Bypass,
    words::{Dataplane, Enrolled, Expected, ProxyState},
};

/// The rows of `sidecars` tables. JSON always contains every workload, and Services only on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Workloads that need attention.
    Attention,
    /// Every workload.
    Workloads,
    /// Services.
    Services,
}

/// The result of `sidecars`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sidecars {
    /// The rows of tables.
    #[serde(skip)]
    pub view: View,
    /// Namespaces with workloads.
    pub namespaces: Vec<NamespaceEnrolment>,
    /// Workloads.
    pub workloads: Vec<WorkloadProxy>,
    /// Services, with `--services`.
    pub services: Vec<ServiceProxies>,
}

/// How a namespace is enrolled.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamespaceEnrolment {
    /// Name.
    pub name: String,
    /// The proxy of pods without their own labels: `sidecar`, `ambient`, `none`, or `unknown` if not all that decides it was read.
    pub enrolled: Enrolled,
    /// The label that enables or disables it.
    pub by: Option<String>,
    /// Workloads by proxy state.
    pub workloads: ProxyCounts,
    /// Commands that enrol the workloads that were not excluded on purpose.
    pub fix: Vec<String>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

/// Number of workloads by proxy state.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProxyCounts {
    /// All workloads.
    pub total: usize,
    /// Workloads with a proxy in every pod.
    pub meshed: usize,
    /// Workloads with pods that should have a proxy and have none.
    pub missing: usize,
    /// Workloads without a proxy, because a label or annotation excludes them.
    pub opted_out: usize,
    /// Workloads without a proxy, for any other reason.
    pub outside: usize,
    /// Workloads without a proxy, of which the expected state is unknown.
    pub unknown: usize,
    /// Whether there may be more workloads, because not all could be read; absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

impl ProxyCounts {
    /// The sum, state by state.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            meshed: self.meshed + other.meshed,
            missing: self.missing + other.missing,
            opted_out: self.opted_out + other.opted_out,
            outside: self.outside + other.outside,
            unknown: self.unknown + other.unknown,
            partial: self.partial || other.partial,
        }
    }
}

/// A workload, its proxy, and the proxy it should have.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkloadProxy {
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
    /// Whether the data plane is assumed, because something that decides it could not be read; absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
    /// Whether a pod created now would get a sidecar; `null` if what decides it could not be read.
    pub would_inject: Option<bool>,
    /// Whether a pod created now would be captured by ambient; `null` if what decides it could not be read.
    pub would_capture: Option<bool>,
    /// `sidecar`, `ambient` or `none`, or `unknown` if what decides it could not be read.
    pub expected: Expected,
    /// Number of pods with a mesh proxy, including ambient; `null` if not all could be read.
    pub injected: Option<usize>,
    /// Number of pods that should have a proxy and have none; `null` if that is unknown.
    pub missing: Option<usize>,
    /// `meshed`, `missing`, `outside`, `opted-out`, `unknown`, `differs`, `other-revision`, `pending`, `both` or `part-of-istio`.
    pub state: ProxyState,
    /// Whether something is left to fix or to find out.
    pub needs_attention: bool,
    /// The label or setting that requests the expected proxy.
    pub asked_by: Option<String>,
    /// Why it does not have the expected proxy, or why none is expected.
    pub reason: Option<String>,
    /// Commands that fix it.
    pub fix: Vec<String>,
    /// Version of the oldest proxy; `null` if there is none, or not all pods could be read.
    pub proxy_version: Option<String>,
    /// Revision of the proxy.
    pub revision: Option<String>,
    /// Whether the proxy is a native sidecar; `null` if the pods have no proxy.
    pub native_sidecar: Option<bool>,
    /// Traffic that bypasses the proxy, and the cause.
    pub bypasses: Vec<Bypass>,
    /// Init containers that run before a classic sidecar starts.
    pub init_containers_before_proxy: Vec<String>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

/// A Service, and its endpoints without a proxy.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceProxies {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Number of endpoints: pods, workload entries and, for manifests, pod templates; `null` if not all could be read.
    pub endpoints: Option<usize>,
    /// Number of endpoints without a proxy; `null` if that is unknown.
    pub without_proxy: Option<usize>,
    /// The workloads that were read of these endpoints, as `KIND/NAME`.
    pub workloads: Vec<String>,
    /// Number of their addresses that belong to no workload of the mesh; `null` if that is unknown.
    pub unknown_addresses: Option<usize>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}
