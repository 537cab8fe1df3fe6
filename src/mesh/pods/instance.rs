//! One group of alike pods: what runs, or would run, and what follows from that.

use std::collections::BTreeMap;

use super::{
    capture::{Capture, Hole},
    dataplane::Dataplane,
    ports::{DeclaredPort, is_tcp, number},
};
use crate::{
    mesh::{control_plane::DEFAULT, policy::Decided},
    object::{
        Labels, Text,
        wire::{self, Int, IntOrText, Meta, Pairs, PodSpec, ProxyConfig},
    },
};

/// Label with which a workload says whether it takes the mesh's mTLS.
pub const TLS_MODE: &str = "security.istio.io/tlsMode";

/// Pods of one workload that do not differ in anything that matters to mTLS.
#[derive(Clone, Debug)]
pub struct Instance<'s> {
    /// Names of the pods; none for a manifest or a machine.
    pub pods: Vec<&'s Text>,
    /// Labels, with those that injection would add (S8, S150).
    pub labels: Labels,
    /// Annotations that matter.
    pub annotations: &'s Labels,
    /// What takes its traffic.
    pub dataplane: Dataplane,
    /// The revision it takes its settings from.
    pub revision: Text,
    /// Inbound ports that are captured.
    pub capture: Capture,
    /// Ways past the proxy that somebody opened.
    pub holes: Vec<Hole>,
    /// Whether the proxy runs, or would if the manifest were applied.
    pub is_running: bool,
    /// Whether nobody knows which proxy it would get, because the Namespace was not read (S145).
    pub is_assumed: bool,
    /// The pod's spec; `None` for a machine.
    pub spec: Option<&'s PodSpec>,
    /// Ports that something declares: containers, Services, policies in force, a Sidecar's ingress.
    pub ports: BTreeMap<u16, DeclaredPort<'s>>,
    /// The pod's own proxy settings.
    pub proxy_config: Option<&'s ProxyConfig>,
    /// Ports of a machine.
    pub(in crate::mesh) entry_ports: Option<&'s Pairs<Int>>,
    /// Who decides on its mode.
    pub(in crate::mesh) decided: Decided,
    /// The metadata as it was read.
    pub(in crate::mesh) meta: &'s Meta,
    pub(in crate::mesh) namespace: &'s Text,
}

impl Instance<'_> {
    /// The service account it runs as; `None` for a machine, whose own says nothing of its certificate.
    #[must_use]
    pub fn service_account(&self) -> Option<Text> {
        let name = &self.spec?.service_account_name;
        Some(if name.is_empty() { DEFAULT.into() } else { name.clone() })
    }
}

impl Instance<'_> {
    /// The number of a named port (S104): the first container port of that name and protocol, native sidecars last.
    pub(in crate::mesh) fn named_port(&self, name: &str, protocol: &str) -> Option<u16> {
        let Some(spec) = self.spec else { return self.entry_port(name) };
        let native = spec.init_containers.iter().filter(|c| c.restart_policy == "Always");
        let mut ports = spec.containers.iter().chain(native).flat_map(|c| c.ports.iter());
        let same = |a: &str, b: &str| a == b || is_tcp(a) && is_tcp(b);
        ports.find(|port| port.name == name && same(&port.protocol, protocol)).and_then(|port| number(port.container_port.0))
    }

    /// The number to which a port of a Service leads.
    pub(in crate::mesh) fn target_of(&self, port: &wire::ServicePort) -> Option<u16> {
        match &port.target_port {
            None | Some(IntOrText::Int(0)) => number(port.port.0),
            Some(IntOrText::Int(n)) => number(*n),
            Some(IntOrText::Text(name)) => self.named_port(name, &port.protocol),
        }
    }

    /// The number a `WorkloadEntry` gives to a named port.
    pub(in crate::mesh) fn entry_port(&self, name: &str) -> Option<u16> {
        self.entry_ports?.iter().find(|(key, _)| key == name).and_then(|(_, port)| number(port.0))
    }
}

impl Instance<'_> {
    /// Whether a pod is written like the pods of this instance, wherever that matters to mTLS.
    pub(in crate::mesh) fn is_like(&self, pod: &wire::Pod) -> bool {
        self.is_running == is_running(&pod.status)
            && self.meta.labels == pod.metadata.labels
            && self.meta.annotations == pod.metadata.annotations
            && self.spec.is_some_and(|spec| std::ptr::eq(spec, &raw const *pod.spec) || comparable(spec) == comparable(&pod.spec))
    }
}

/// What of a pod's spec may set it apart from its siblings.
fn comparable(spec: &PodSpec) -> impl PartialEq + use<'_> {
    (&spec.containers, &spec.init_containers, spec.host_network, &spec.service_account_name, spec.security_context)
}

/// Whether a pod runs; one without content in its status is a manifest.
pub(super) fn is_running(status: &wire::PodStatus) -> bool {
    !(status.phase.is_empty() && status.pod_ip.is_empty() && status.conditions.is_empty())
}

/// Labels or annotations with others over them.
pub(in crate::mesh) fn merged(base: &Labels, over: &Labels) -> Labels {
    base.iter().chain(over.iter()).map(|(key, value)| (key.clone(), value.clone())).collect()
}
