//! Servers with `hostNetwork`.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads},
    mesh::{Mesh, MeshState, NoProxyReason},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS313",
    name: "host-network-workload",
    severity: Severity::Info,
    summary: "A workload behind a Service uses the host network, so it never gets a proxy.",
    why: "Neither injection nor ambient applies to such pods, whatever their labels. Their clients in the mesh send them plaintext, \
          and no policy protects them.",
    fix: "Remove `hostNetwork` from the pods if they must be in the mesh; otherwise treat them as outside the mesh.",
    bad: include_str!("host_network_workload.bad.yaml"),
    good: include_str!("host_network_workload.good.yaml"),
    inputs: &[Kind::Pod, Kind::Service],
    aka: &[],
    see: &["S35", "S140"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for host in affected_workloads(mesh, |_, own| own.state == MeshState::Outside(NoProxyReason::HostNetwork)) {
        let namespace = &host.workload.subject.namespace;
        let Some(service) = mesh.indices().services().services(namespace, &host.instance.labels).next() else { continue };
        let message = format!("{} uses the host network, so no proxy protects it behind {}", host.describe(), service.id);
        let at = host.spec_field("hostNetwork");
        out.push(Finding::about_workload(&RULE, host.workload, at, message).with_related([service.id]));
    }
}
