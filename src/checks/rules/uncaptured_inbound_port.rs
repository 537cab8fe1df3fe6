//! Ports that bypass the sidecar.

use std::collections::BTreeSet;

use super::mtls_to_uncaptured_port::uncaptured_and_called;
use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Bypass, Dataplane, Instance, Mesh, Server, Workload},
    object::{Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS111",
    name: "uncaptured-inbound-port",
    severity: Severity::Warning,
    summary: "Inbound ports or interfaces of a workload whose policy is STRICT are excluded from capture by its sidecar.",
    why: "Traffic that the sidecar does not capture reaches the application directly, in plaintext and from any client, although the \
          policy sets STRICT.",
    fix: "Remove the exclusion, and add a PERMISSIVE entry for the port to a PeerAuthentication if plaintext clients need it.",
    bad: include_str!("uncaptured_inbound_port.bad.yaml"),
    good: include_str!("uncaptured_inbound_port.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S32", "S33"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    // Ports to which clients send mTLS are left to mtls-to-uncaptured-port, with a higher severity. Ports whose callers need the exclusion
    // are excluded on purpose.
    let called = uncaptured_and_called(mesh);
    let mut reported: BTreeSet<(String, String)> = BTreeSet::new();
    for (workload, instance, server) in mesh.servers() {
        // A sidecar that captures no inbound traffic is reported by unenforced-policy.
        if instance.dataplane != Dataplane::Sidecar || !instance.capture.captures_workload() {
            continue;
        }
        for bypass in &instance.bypasses {
            let is_called = |port| called.contains(&(&workload.subject, port)) || mesh.needs_exclusion(workload, port);
            let open = open_ports(instance, &server, bypass, is_called);
            if let Some(open) = open.filter(|open| reported.insert((workload.subject.to_string(), open.clone()))) {
                out.push(finding(workload, bypass, &open, &server));
            }
        }
    }
}

/// The ports or interface with a STRICT policy that a bypass opens; `None` if there are none.
fn open_ports(instance: &Instance<'_>, server: &Server<'_>, bypass: &Bypass, is_called: impl Fn(u16) -> bool) -> Option<String> {
    let is_strict = |port: u16| server.port(port).policy_mode == Mode::Strict && !is_called(port);
    if bypass.what.starts_with("interface") {
        return (server.workload().policy_mode == Mode::Strict).then(|| bypass.what.clone());
    }
    let ports: Vec<u16> = if bypass.ports.is_empty() {
        let declared = instance.ports.iter().filter(|(_, port)| port.is_declared_outside_policies());
        declared.map(|(port, _)| *port).filter(|&port| !instance.capture.captures(port)).collect()
    } else {
        bypass.ports.iter().copied().collect()
    };
    let open: Vec<String> = ports.into_iter().filter(|&port| is_strict(port)).map(|port| format!("port {port}")).collect();
    (!open.is_empty()).then(|| list_names(open))
}

fn finding(workload: &Workload<'_>, bypass: &Bypass, open: &str, server: &Server<'_>) -> Finding {
    let at = match bypass.annotation {
        Some(key) => workload.metadata_field("annotations", key),
        None => workload.metadata.clone().then("annotations"),
    };
    let policy = server.workload().decided_by;
    let by = policy.map_or_else(|| "the policy".into(), ToString::to_string);
    let message = format!("{open} of {} bypasses the sidecar ({}), although {by} sets STRICT", workload.subject, bypass.caused_by);
    Finding::about_workload(&RULE, workload, at, message).with_related(policy)
}
