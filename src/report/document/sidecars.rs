//! The answer of `sidecars`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    explain::Bypass,
    words::{Dataplane, Enrolled, Expected, ProxyState},
};

/// What `sidecars` draws as a table. JSON always has every workload, and Services only when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Workloads that need a look.
    Attention,
    /// Every workload.
    Workloads,
    /// Services.
    Services,
}

/// The answer of `sidecars`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sidecars {
    /// How tables are to be drawn.
    #[serde(skip)]
    pub view: View,
    /// Namespaces that hold a workload.
    pub namespaces: Vec<Enrolment>,
    /// Workloads.
    pub workloads: Vec<Member>,
    /// Services, with `--services`.
    pub services: Vec<ServiceMembers>,
}

/// How a namespace is enrolled.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Enrolment {
    /// Name.
    pub name: String,
    /// What its labels give to pods that say nothing: `sidecar`, `ambient`, `none`, or `unknown` if it was not read.
    pub enrolled: Enrolled,
    /// The label that says so, or that says no.
    pub by: Option<String>,
    /// Workloads by what they are to the mesh.
    pub workloads: Members,
    /// Commands that bring in what nobody chose to leave out.
    pub fix: Vec<String>,
}

/// Workloads by what they are to the mesh.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// All.
    pub total: usize,
    /// With a proxy before every pod.
    pub meshed: usize,
    /// With pods that should have a proxy and have none.
    pub missing: usize,
    /// Without, because somebody said so.
    pub opted_out: usize,
    /// Without, for any other reason.
    pub outside: usize,
    /// Without, and nobody knows whether that is right.
    pub unknown: usize,
}

impl Members {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            meshed: self.meshed + other.meshed,
            missing: self.missing + other.missing,
            opted_out: self.opted_out + other.opted_out,
            outside: self.outside + other.outside,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// A workload, and the proxy it has and should have.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of Pod objects.
    pub pods: usize,
    /// Data plane of the pods that are worst off.
    pub dataplane: Dataplane,
    /// Whether a pod created now would get a sidecar.
    pub would_inject: bool,
    /// Whether it would be taken into ambient.
    pub would_capture: bool,
    /// `sidecar`, `ambient` or `none`.
    pub expected: Expected,
    /// Pods with a proxy of the mesh, ambient included.
    pub injected: usize,
    /// Pods without one that should have one.
    pub missing: usize,
    /// `meshed`, `missing`, `outside`, `opted-out`, `unknown`, `differs`, `other-revision`, `pending`, `both` or `part-of-istio`.
    pub state: ProxyState,
    /// Whether anything is left to do or to know.
    pub needs_attention: bool,
    /// What asks for the proxy it should have.
    pub asked_by: Option<String>,
    /// Why it has not what it should have, or why it should have none.
    pub reason: Option<String>,
    /// Commands that mend it.
    pub fix: Vec<String>,
    /// Version of the oldest proxy.
    pub proxy_version: Option<String>,
    /// Revision of the proxy.
    pub revision: Option<String>,
    /// Whether the proxy is a native sidecar; `null` where no proxy runs in the pods.
    pub native_sidecar: Option<bool>,
    /// What bypasses the proxy, and what opens that way.
    pub bypasses: Vec<Bypass>,
    /// Init containers that run before a classic sidecar does.
    pub init_containers_before_proxy: Vec<String>,
}

/// A Service, and which of its endpoints have no proxy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMembers {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Endpoints: pods, machines and, for manifests, templates.
    pub endpoints: usize,
    /// Those without proxy.
    pub without_proxy: usize,
    /// The workloads of these, as `KIND/NAME`.
    pub workloads: Vec<String>,
    /// Addresses among them that are nobody's in the mesh.
    pub unknown_addresses: usize,
}
