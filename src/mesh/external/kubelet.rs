//! The kubelet: probes and hooks that call a pod's ports past the mesh (S182–S187).

use super::{
    manifest::{Manifest, parsed},
    stranger::{Stranger, Who},
};
use crate::{
    mesh::{
        Dataplane, Injection, Instance, Wire,
        indices::Indices,
        pods::{Candidate, PROXY, number},
    },
    object::wire::{Container, HttpGet, IntOrText, LifecycleHandler, ProbeHandler},
};

/// Whether probes are led to the agent, by the pod's own word (S182).
const REWRITE: &str = "sidecar.istio.io/rewriteAppHTTPProbers";

/// A call of the kubelet.
struct Call {
    port: u16,
    wire: Wire,
    is_blind: bool,
    says: String,
}

impl Indices<'_> {
    /// The calls of the kubelet that reach an instance's ports as they are written.
    ///
    /// In ambient mode ztunnel lets the kubelet pass (S187). A proxyless application has its own server for what is not gRPC, and
    /// may have one for its health.
    pub(super) fn probes(&self, manifest: &Manifest<'_>, instance: &Instance<'_>) -> Vec<Stranger> {
        let is_proxyless = instance.dataplane == Dataplane::Proxyless;
        if instance.dataplane == Dataplane::Ambient || self.rewrites(instance) {
            return Vec::new();
        }
        let spec = manifest.spec;
        let containers = spec.containers.iter().chain(spec.init_containers.iter()).filter(|container| container.name != PROXY);
        let calls = containers.flat_map(|container| calls(container).into_iter().map(move |(field, call)| (container, field, call)));
        let reached = calls.filter(|(_, _, call)| !is_proxyless || call.says == GRPC);
        reached
            .map(|(container, field, call)| Stranger {
                who: Who::Probe,
                port: call.port,
                wire: call.wire,
                shown_by: manifest.id.clone(),
                at: field.path.iter().fold(manifest.container(&container.name), |path, step| path.then(*step)),
                is_certain: !is_proxyless,
                is_blind: call.is_blind,
                says: format!("{} of container {}: {}", field.name, container.name, call.says),
            })
            .collect()
    }

    /// Whether injection would lead the probes of an instance to the agent, which no mode stops (S182–S184). A pod that runs shows
    /// what injection made of them, and nothing else counts.
    fn rewrites(&self, instance: &Instance<'_>) -> bool {
        if instance.is_running || instance.dataplane != Dataplane::Sidecar || !self.is_injected(instance) {
            return false;
        }
        let own = instance.annotations.get(REWRITE).and_then(parsed);
        let values = || self.control_planes().injector(&instance.revision).values?.sidecar_injector_webhook.rewrite_app_http_probe;
        own.or_else(|| values().map(|flag| flag.0)).unwrap_or(true)
    }

    /// Whether a webhook would change the pods of an instance when they are created; `istioctl kube-inject` has changed them before.
    pub(super) fn is_injected(&self, instance: &Instance<'_>) -> bool {
        let Some(spec) = instance.spec else { return false };
        let pod = Candidate {
            namespace: instance.namespace,
            labels: &instance.meta.labels,
            annotations: instance.annotations,
            host_network: spec.host_network.0,
        };
        matches!(self.injection(&pod), Injection::Injected { .. })
    }
}

/// Where a container says what the kubelet does.
struct Field {
    name: &'static str,
    path: &'static [&'static str],
}

const READINESS: Field = Field { name: "readiness probe", path: &["readinessProbe"] };
const LIVENESS: Field = Field { name: "liveness probe", path: &["livenessProbe"] };
const STARTUP: Field = Field { name: "startup probe", path: &["startupProbe"] };
const POST_START: Field = Field { name: "postStart hook", path: &["lifecycle", "postStart"] };
const PRE_STOP: Field = Field { name: "preStop hook", path: &["lifecycle", "preStop"] };

/// What is said of a call of gRPC's health service.
const GRPC: &str = "gRPC";

/// What the kubelet calls of a container, and where the container says so (S183).
fn calls(container: &Container) -> Vec<(Field, Call)> {
    let probes = [(READINESS, &container.readiness_probe), (LIVENESS, &container.liveness_probe), (STARTUP, &container.startup_probe)];
    let probes = probes.into_iter().filter_map(|(field, probe)| Some((field, of_probe(container, &probe.as_ref()?.handler)?)));
    let hooks = container.lifecycle.iter().flat_map(|lifecycle| [(POST_START, &lifecycle.post_start), (PRE_STOP, &lifecycle.pre_stop)]);
    probes.chain(hooks.filter_map(|(field, hook)| Some((field, of_hook(container, hook)?)))).collect()
}

fn of_probe(container: &Container, handler: &ProbeHandler) -> Option<Call> {
    let grpc = || {
        let port = number(handler.grpc?.port.0)?;
        Some(Call { port, wire: Wire::Plaintext, is_blind: false, says: GRPC.into() })
    };
    let http = handler.http_get.as_ref().and_then(|get| request(container, get));
    let tcp = || handler.tcp_socket.as_ref().and_then(|socket| connection(container, &socket.port, &socket.host));
    http.or_else(tcp).or_else(grpc)
}

fn of_hook(container: &Container, handler: &LifecycleHandler) -> Option<Call> {
    let http = handler.http_get.as_ref().and_then(|get| request(container, get));
    http.or_else(|| handler.tcp_socket.as_ref().and_then(|socket| connection(container, &socket.port, &socket.host)))
}

fn request(container: &Container, get: &HttpGet) -> Option<Call> {
    let is_tls = get.scheme.eq_ignore_ascii_case("HTTPS");
    let path = if get.path.is_empty() { "/" } else { get.path.as_str() };
    let (wire, over) = if is_tls { (Wire::AppTls, " over TLS") } else { (Wire::Plaintext, "") };
    Some(Call { port: called(container, &get.port, &get.host)?, wire, is_blind: false, says: format!("GET {path}{over}") })
}

fn connection(container: &Container, port: &IntOrText, host: &str) -> Option<Call> {
    let port = called(container, port, host)?;
    Some(Call { port, wire: Wire::Plaintext, is_blind: true, says: "TCP connection".into() })
}

/// The port of the pod that is called; `None` where the kubelet calls another host, or a name that the container does not have,
/// which fails whatever the mode is (S185).
fn called(container: &Container, port: &IntOrText, host: &str) -> Option<u16> {
    if !host.is_empty() {
        return None;
    }
    match port {
        IntOrText::Int(port) => number(*port),
        IntOrText::Text(name) => {
            let declared = container.ports.iter().find(|port| port.name == *name)?;
            number(declared.container_port.0)
        }
    }
}
