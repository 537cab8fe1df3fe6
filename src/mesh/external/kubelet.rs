//! The kubelet: probes and hooks that call a pod's ports past the mesh (S182–S187).

use super::{
    external_caller::{ExternalCaller, ExternalCallerKind},
    manifest::Manifest,
};
use crate::{
    istio::{Container, KubeletAction, KubeletCall, parse_bool},
    mesh::{
        Dataplane, Injection, Instance, Wire,
        indices::Indices,
        pods::{Candidate, PROXY},
    },
};

/// Whether probes are led to the agent, by the pod's own word (S182).
const REWRITE: &str = "sidecar.istio.io/rewriteAppHTTPProbers";

impl Indices<'_> {
    /// The calls of the kubelet that reach an instance's ports as they are written.
    ///
    /// In ambient mode ztunnel lets the kubelet pass (S187). A proxyless application has its own server for what is not gRPC, and
    /// may have one for its health.
    pub(super) fn probes(&self, manifest: &Manifest<'_>, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        let is_proxyless = instance.dataplane == Dataplane::Proxyless;
        if instance.dataplane == Dataplane::Ambient || self.rewrites(instance) {
            return Vec::new();
        }
        let all = manifest.spec.containers().chain(manifest.spec.init_containers()).filter(|container| container.name() != PROXY);
        let calls = all.flat_map(|container| container.kubelet_calls().into_iter().map(move |call| (container, call)));
        let reached = calls.filter(|(_, call)| !is_proxyless || call.action == KubeletAction::Grpc);
        reached
            .map(|(container, call)| ExternalCaller { is_certain: !is_proxyless, ..external_caller(manifest, container, call) })
            .collect()
    }

    /// Whether injection would lead the probes of an instance to the agent, which no mode stops (S182–S184). A pod that runs shows
    /// what injection made of them, and nothing else counts.
    fn rewrites(&self, instance: &Instance<'_>) -> bool {
        if instance.is_running || instance.dataplane != Dataplane::Sidecar || !self.is_injected(instance) {
            return false;
        }
        let own = instance.annotations.get(REWRITE).and_then(parse_bool);
        own.or_else(|| self.control_planes().injector(&instance.revision).rewrites_probes()).unwrap_or(true)
    }

    /// Whether a webhook would change the pods of an instance when they are created; `istioctl kube-inject` has changed them before.
    pub(super) fn is_injected(&self, instance: &Instance<'_>) -> bool {
        let Some(spec) = instance.spec else { return false };
        let pod = Candidate {
            namespace: instance.namespace,
            labels: &instance.meta.labels,
            annotations: instance.annotations,
            host_network: spec.is_on_host_network(),
        };
        matches!(self.injection(&pod), Injection::Injected { .. })
    }
}

fn external_caller(manifest: &Manifest<'_>, container: Container<'_>, call: KubeletCall<'_>) -> ExternalCaller {
    let (wire, message) = match call.action {
        KubeletAction::Http { path, is_tls: true } => (Wire::AppTls, format!("GET {path} over TLS")),
        KubeletAction::Http { path, is_tls: false } => (Wire::Plaintext, format!("GET {path}")),
        KubeletAction::Connect => (Wire::Plaintext, "TCP connection".to_owned()),
        KubeletAction::Grpc => (Wire::Plaintext, "gRPC".to_owned()),
    };
    ExternalCaller {
        who: ExternalCallerKind::Probe,
        port: call.port,
        wire,
        shown_by: manifest.id.clone(),
        at: call.field.path().iter().fold(manifest.container(container.name()), |path, step| path.then(*step)),
        is_certain: true,
        is_blind: call.action == KubeletAction::Connect,
        message: format!("{} of container {}: {message}", call.field.as_str(), container.name()),
    }
}
