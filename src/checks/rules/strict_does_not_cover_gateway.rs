//! Plaintext servers of gateways, to which STRICT does not apply.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Gateway, GatewayTls, KubernetesGateway, Mode},
    mesh::{Dataplane, Instance, Mesh, Workload},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS118",
    name: "strict-does-not-cover-gateway",
    severity: Severity::Info,
    summary: "A STRICT policy covers gateway pods that have a plaintext server.",
    why: "The TLS settings of a gateway come only from Gateway resources: a mesh-wide STRICT policy does not close its port 80.",
    fix: "Configure TLS for the server, or set `tls.httpsRedirect: true`, or accept that it is plaintext.",
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
    for gateway in mesh.snapshot().gateways.iter().map(Gateway::of) {
        let selects = |_: &Workload<'_>, instance: &Instance<'_>| gateway.selector.selects(&instance.labels);
        if let Some(found) = strict(&selects) {
            let open = gateway.servers().filter(|server| server.tls == GatewayTls::Plain);
            out.extend(open.map(|server| {
                let at = FieldPath::of("spec.servers").then(server.index.to_string()).then("port").then("number");
                finding(mesh, gateway.id, at, server.port, &found)
            }));
        }
    }
    for gateway in mesh.snapshot().kubernetes_gateways.iter().map(KubernetesGateway::of) {
        let selects = |workload: &Workload<'_>, instance: &Instance<'_>| serves(gateway.id, workload, instance);
        if let Some(found) = strict(&selects) {
            let open = gateway.listeners().filter(|listener| listener.is_plain);
            out.extend(open.map(|listener| {
                let at = FieldPath::of("spec.listeners").then(listener.index.to_string()).then("port");
                finding(mesh, gateway.id, at, listener.port, &found)
            }));
        }
    }
}

/// Whether a pod belongs to a Gateway of the Gateway API (S154).
fn serves(gateway: &Id, workload: &Workload<'_>, instance: &Instance<'_>) -> bool {
    workload.subject.namespace == gateway.namespace && instance.labels.has("gateway.networking.k8s.io/gateway-name", &gateway.name)
}

fn finding(mesh: &Mesh<'_>, gateway: &Id, at: FieldPath, port: u16, (workload, policy): &(crate::mesh::Subject, Id)) -> Finding {
    let message = format!("{gateway} serves port {port} in plaintext on {workload}, although {policy} sets STRICT");
    Finding::about(&RULE, mesh.snapshot(), gateway, at, message).with_related([policy])
}
