//! A group of equivalent pods: their data plane, and what is derived from it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    capture::{Bypass, Capture},
    dataplane::{Dataplane, REDIRECTION},
    ports::DeclaredPort,
};
use crate::{
    istio::{Container, Metadata, Pod, PodProxyConfig, PodSpec, PortRef, WorkloadEntry},
    mesh::{control_plane::DEFAULT, policy::DecisionIndices},
    object::{Labels, Text},
};

/// The label by which a workload declares whether it accepts the mesh's mTLS.
pub const TLS_MODE: &str = "security.istio.io/tlsMode";

/// Pods of one workload that do not differ in anything relevant to mTLS.
#[derive(Clone, Debug)]
pub struct Instance<'s> {
    /// Names of the pods; empty for a manifest or a machine.
    pub pods: Vec<&'s Text>,
    /// Labels, including those that injection would add (S8, S150).
    pub labels: Labels,
    /// Annotations relevant to mTLS.
    pub annotations: &'s Labels,
    /// What handles its traffic.
    pub dataplane: Dataplane,
    /// The revision whose settings it uses.
    pub revision: Text,
    /// Inbound ports that are captured.
    pub capture: Capture,
    /// Inbound traffic that settings let bypass the proxy.
    pub bypasses: Vec<Bypass>,
    /// Whether the proxy runs, or would if the manifest were applied.
    pub is_running: bool,
    /// Whether its data plane is unknown because the Namespace was not read (S145).
    pub is_assumed: bool,
    /// The pod's spec; `None` for a machine.
    pub spec: Option<PodSpec<'s>>,
    /// Ports that are declared: by containers, Services, policies in force, a Sidecar's ingress.
    pub ports: BTreeMap<u16, DeclaredPort<'s>>,
    /// The pod's own proxy settings.
    pub proxy_config: Option<PodProxyConfig<'s>>,
    /// Ports that a probe calls over TLS, which the application therefore accepts there.
    pub(in crate::mesh) tls_probes: BTreeSet<u16>,
    /// The entry of a machine; `None` for a pod.
    pub(super) machine: Option<WorkloadEntry<'s>>,
    /// The policies in force for it.
    pub(in crate::mesh) decision: DecisionIndices,
    /// The metadata of the pod, template or machine, without labels added by injection.
    pub(in crate::mesh) meta: Metadata<'s>,
    pub(in crate::mesh) namespace: &'s Text,
    /// The number of its class: calls to instances of one class have the same results, whatever their workloads are.
    pub(in crate::mesh) class: usize,
}

impl Instance<'_> {
    /// The service account it runs as; `None` for a machine, whose field does not determine its certificate.
    #[must_use]
    pub fn service_account(&self) -> Option<Text> {
        Some(self.spec?.service_account().map_or_else(|| DEFAULT.into(), Text::clone))
    }
}

impl Instance<'_> {
    /// Whether it is redirected, and ztunnel does not know it yet (S112, S283).
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.dataplane == Dataplane::Ambient && self.annotations.has(REDIRECTION, "pending")
    }

    /// The number of its class: calls to instances of one class have the same results, whatever their workloads are.
    #[must_use]
    pub fn class(&self) -> usize {
        self.class
    }

    /// The entry of a machine; `None` for a pod.
    pub(in crate::mesh) fn machine(&self) -> Option<WorkloadEntry<'_>> {
        self.machine
    }

    /// Whether it is a machine without account and label, of which it is not known whether it runs a proxy (S156).
    #[must_use]
    pub fn is_machine_without_identity(&self) -> bool {
        self.spec.is_none() && self.is_running && self.dataplane == Dataplane::None
    }

    /// Whether it represents machines that have not registered yet, as a `WorkloadGroup` describes them.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.spec.is_none() && !self.is_running
    }

    /// The number of a named TCP port (S104): the first container port of that name, native sidecars last.
    pub(in crate::mesh) fn named_port(&self, name: &str) -> Option<u16> {
        let Some(spec) = self.spec else { return self.entry_port(name) };
        let mut ports = spec.running_containers().flat_map(Container::ports);
        ports.find(|port| port.name == name && port.is_tcp).map(|port| port.number)
    }

    /// The number that the target of a Service port resolves to.
    pub(in crate::mesh) fn target_of(&self, target: PortRef<'_>) -> Option<u16> {
        match target {
            PortRef::Number(number) => Some(number),
            PortRef::Name(name) => self.named_port(name),
        }
    }

    /// The number that a `WorkloadEntry` gives to a named port.
    pub(in crate::mesh) fn entry_port(&self, name: &str) -> Option<u16> {
        self.machine?.port(name)
    }
}

impl Instance<'_> {
    /// Whether a pod is equivalent to the pods of this instance in everything relevant to mTLS.
    pub(in crate::mesh) fn is_equivalent_for_mtls(&self, pod: Pod<'_>) -> bool {
        self.is_running == pod.has_status()
            && self.meta.labels() == pod.meta().labels()
            && self.meta.annotations() == pod.meta().annotations()
            && self.spec.is_some_and(|spec| spec.is_equivalent_for_mtls(pod.spec()))
    }
}

impl Instance<'_> {
    /// Whether calls to two instances of one namespace have the same results, if the labels that decide are the same. Machines are never
    /// equivalent.
    pub(super) fn is_same_server(&self, other: &Self) -> bool {
        let has_same_spec = self.spec.zip(other.spec).is_some_and(|(one, other)| one.is_equivalent_for_mtls(other));
        has_same_spec
            && self.proxy_config.is_none()
            && other.proxy_config.is_none()
            && self.annotations == other.annotations
            && self.dataplane == other.dataplane
            && self.revision == other.revision
            && self.capture == other.capture
            && self.bypasses == other.bypasses
            && (self.is_running, self.is_assumed) == (other.is_running, other.is_assumed)
            && self.decision == other.decision
            && self.ports == other.ports
            && self.tls_probes == other.tls_probes
    }
}

/// Whether a label declares that a workload accepts HBONE (S78, S118).
pub(in crate::mesh) fn accepts_tunnel(labels: &Labels) -> bool {
    labels.get("networking.istio.io/tunnel").is_some_and(|tunnel| tunnel.contains("http"))
}

/// The labels or annotations of both; those of `over` replace those of `base`.
pub(in crate::mesh) fn merged_labels(base: &Labels, over: &Labels) -> Labels {
    base.iter().chain(over.iter()).map(|(key, value)| (key.clone(), value.clone())).collect()
}
