//! STRICT ends where gateways begin.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Dataplane, Instance, Mesh, Workload},
    object::{FieldPath, Id, Kind, Read, wire},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS118",
    name: "strict-does-not-cover-gateway",
    severity: Severity::Info,
    summary: "A STRICT policy covers gateway pods that have a plaintext server.",
    why: "A gateway takes its TLS from Gateway resources and from nothing else: a mesh-wide STRICT does not close its port 80.",
    fix: "Give the server TLS, or `tls.httpsRedirect: true`, or accept that it is plaintext.",
    bad: include_str!("strict_does_not_cover_gateway.bad.yaml"),
    good: include_str!("strict_does_not_cover_gateway.good.yaml"),
    inputs: &[Kind::Gateway, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S38"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let gateways: Vec<_> = mesh.servers().filter(|(_, instance, _)| instance.dataplane == Dataplane::Gateway).collect();
    let strict = |selects: &dyn Fn(&Workload<'_>, &Instance<'_>) -> bool| {
        gateways.iter().find_map(|(workload, instance, server)| {
            let mode = server.workload();
            let policy = mode.decided_by.filter(|_| mode.policy_mode == Mode::Strict && selects(workload, instance))?;
            Some((workload.subject.clone(), policy.clone()))
        })
    };
    for read in &mesh.snapshot().gateways {
        let selector = &read.body.spec.selector;
        let selects = |_: &Workload<'_>, instance: &Instance<'_>| selector.selects(&instance.labels);
        if let Some(found) = strict(&selects) {
            let open = read.body.spec.servers.iter().enumerate().filter(|(_, server)| server.tls.is_none());
            out.extend(open.map(|(n, server)| {
                let at = FieldPath::of("spec.servers").then(n.to_string()).then("port").then("number");
                finding(mesh, &read.id, at, server.port.number.0, &found)
            }));
        }
    }
    for read in &mesh.snapshot().kubernetes_gateways {
        let selects = |workload: &Workload<'_>, instance: &Instance<'_>| serves(read, workload, instance);
        if let Some(found) = strict(&selects) {
            let is_open = |listener: &wire::Listener| listener.tls.is_none() && matches!(listener.protocol.as_str(), "HTTP" | "TCP");
            let open = read.body.spec.listeners.iter().enumerate().filter(|(_, listener)| is_open(listener));
            out.extend(open.map(|(n, listener)| {
                let at = FieldPath::of("spec.listeners").then(n.to_string()).then("port");
                finding(mesh, &read.id, at, listener.port.0, &found)
            }));
        }
    }
}

/// Whether a pod belongs to a Gateway of the Gateway API (S154).
fn serves(read: &Read<wire::KubernetesGateway>, workload: &Workload<'_>, instance: &Instance<'_>) -> bool {
    workload.subject.namespace == read.id.namespace && instance.labels.has("gateway.networking.k8s.io/gateway-name", &read.id.name)
}

fn finding(mesh: &Mesh<'_>, gateway: &Id, at: FieldPath, port: i64, (workload, policy): &(crate::mesh::Subject, Id)) -> Finding {
    let message = format!("{gateway} serves port {port} in plaintext on {workload}, although {policy} says STRICT");
    Finding::about(&RULE, mesh.snapshot(), gateway, at, message).related([policy])
}
