//! The kubelet: probes and hooks that call a pod's ports without mTLS (S182–S187).

use super::{
    external_caller::{ExternalCaller, ExternalCallerKind},
    manifest::Manifest,
};
use crate::{
    istio::{Container, KubeletAction, KubeletCall, parse_bool},
    mesh::{
        Dataplane, Injection, Instance, SentAs,
        indices::Indices,
        pods::{Candidate, PROXY},
    },
};

/// Annotation by which a pod sets whether its probes are rewritten to the agent (S182).
const REWRITE: &str = "sidecar.istio.io/rewriteAppHTTPProbers";

impl Indices<'_> {
    /// The kubelet's calls that reach an instance's ports as they are written.
    ///
    /// In ambient mode ztunnel lets the kubelet pass (S187). Of the probes of a proxyless application only those over gRPC can reach its
    /// mTLS port: HTTP has a server of its own, and gRPC health may have one, too.
    pub(super) fn probes(&self, manifest: &Manifest<'_>, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        let is_proxyless = instance.dataplane == Dataplane::Proxyless;
        if instance.dataplane == Dataplane::Ambient {
            return Vec::new();
        }
        let all = manifest.spec.containers().chain(manifest.spec.init_containers()).filter(|container| container.name() != PROXY);
        let calls = all.flat_map(|container| container.kubelet_calls().into_iter().map(move |call| (container, call)));
        let reached = calls.filter(|(_, call)| !is_proxyless || call.action == KubeletAction::Grpc);
        let reached: Vec<_> = reached.collect();
        if reached.is_empty() {
            return Vec::new();
        }
        let kind = match (self.should_rewrite(instance), instance.is_running) {
            // Injection would rewrite them to the agent, which works in every mode (S182–S184).
            (true, false) => return Vec::new(),
            // A running pod already shows the result of injection.
            (true, true) => ExternalCallerKind::LateProbe,
            (false, _) => ExternalCallerKind::Probe,
        };
        reached
            .into_iter()
            .map(|(container, call)| ExternalCaller { kind, is_certain: !is_proxyless, ..external_caller(manifest, container, call) })
            .collect()
    }

    /// Whether injection rewrites the probes of the containers that it sees.
    fn should_rewrite(&self, instance: &Instance<'_>) -> bool {
        if instance.dataplane != Dataplane::Sidecar || !self.is_injected(instance) {
            return false;
        }
        let own = instance.annotations.get(REWRITE).and_then(parse_bool);
        own.or_else(|| self.control_planes().injector(&instance.revision).rewrites_probes()).unwrap_or(true)
    }

    /// Whether a webhook would inject the pods of an instance on creation; `istioctl kube-inject` injects before that.
    pub(super) fn is_injected(&self, instance: &Instance<'_>) -> bool {
        let Some(spec) = instance.spec else { return false };
        let pod = Candidate {
            namespace: instance.namespace,
            labels: instance.meta.labels(),
            annotations: instance.annotations,
            host_network: spec.is_on_host_network(),
        };
        matches!(self.injection(&pod), Injection::Injected { .. })
    }
}

fn external_caller(manifest: &Manifest<'_>, container: Container<'_>, call: KubeletCall<'_>) -> ExternalCaller {
    let (sent_as, message) = match call.action {
        KubeletAction::Http { path, is_tls: true } => (SentAs::AppTls, format!("GET {path} over TLS")),
        KubeletAction::Http { path, is_tls: false } => (SentAs::Plaintext, format!("GET {path}")),
        KubeletAction::Connect => (SentAs::Plaintext, "TCP connection".to_owned()),
        KubeletAction::Grpc => (SentAs::Plaintext, "gRPC".to_owned()),
    };
    ExternalCaller {
        kind: ExternalCallerKind::Probe,
        port: call.port,
        sent_as,
        defined_by: manifest.id.clone(),
        at: call.field.path().iter().fold(manifest.container(container.name()), |path, step| path.then(*step)),
        is_certain: true,
        is_connect_only: call.action == KubeletAction::Connect,
        message: format!("{} of container {}: {message}", call.field.as_str(), container.name()),
    }
}
