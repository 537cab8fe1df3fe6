//! Servers with `hostNetwork`.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected},
    mesh::{Mesh, MeshState, NoProxyReason},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS313",
    name: "host-network-workload",
    severity: Severity::Info,
    summary: "A workload behind a Service uses the network of its node, where no proxy is ever put before it.",
    why: "Neither injection nor ambient touches such pods, whatever labels say. Their clients in the mesh speak plaintext to \
          them, and no policy protects them.",
    fix: "Take the pods off the network of the node if they must be in the mesh; or keep in mind that they are not.",
    bad: include_str!("host_network_workload.bad.yaml"),
    good: include_str!("host_network_workload.good.yaml"),
    inputs: &[Kind::Pod, Kind::Service],
    aka: &[],
    see: &["S35", "S140"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for host in affected(mesh, |_, own| own.state == MeshState::Outside(NoProxyReason::HostNetwork)) {
        let namespace = &host.workload.subject.namespace;
        let Some(service) = mesh.indices().services().services(namespace, &host.instance.labels).next() else { continue };
        let message = format!("{} uses the network of its node, so nothing protects it behind {}", host.who(), service.id);
        let at = host.spec_field("hostNetwork");
        out.push(Finding::about_workload(&RULE, host.workload, at, message).related([service.id]));
    }
}
