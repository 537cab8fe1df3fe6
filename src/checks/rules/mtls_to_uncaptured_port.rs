//! Clients send mTLS to a port that bypasses the sidecar.

use std::{
    cell::LazyCell,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    checks::{Finding, Rule, Severity, proxied_callers::ProxiedCallers},
    mesh::{Acceptance, Bypass, Failure, Mesh, Mismatch, Subject, Verdict, Workload},
    object::{Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS112",
    name: "mtls-to-uncaptured-port",
    severity: Severity::Error,
    summary: "A Service routes to a port that the workload's sidecar does not capture, so mesh clients send mTLS and the application \
              receives the TLS handshake.",
    why: "Clients go by the workload's label and policy and cannot know what its sidecar captures. They start a handshake that the \
          application cannot answer: 503 with flags UF and WRONG_VERSION_NUMBER.",
    fix: "Remove the exclusion, or make clients send plaintext with a DISABLE entry for the port in a PeerAuthentication that \
          selects the workload.",
    bad: include_str!("mtls_to_uncaptured_port.bad.yaml"),
    good: include_str!("mtls_to_uncaptured_port.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Service, Kind::DestinationRule],
    aka: &[],
    see: &["S32", "S80"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut called: BTreeMap<&Subject, Called> = BTreeMap::new();
    for (one, subject, port) in self::called(mesh) {
        let (host, number) = &one.service;
        let of = called.entry(subject).or_default();
        of.ports.insert(port);
        of.is_by_address |= one.is_original_dst;
        of.through.insert(number.map_or_else(|| host.to_string(), |number| format!("{host}:{number}")));
    }
    for (subject, of) in called {
        let workload = mesh.workloads_in(&subject.namespace).iter().find(|workload| workload.subject == *subject);
        let of = Called {
            ports: of.ports.into_iter().filter(|port| !workload.is_some_and(|one| mesh.needs_exclusion(one, *port))).collect(),
            ..of
        };
        if of.ports.is_empty() {
            continue;
        }
        out.extend(workload.map(|workload| finding(workload, &of)));
    }
}

/// Ports of a workload, and the service ports through which they are called.
#[derive(Default)]
struct Called {
    ports: BTreeSet<u16>,
    through: BTreeSet<String>,
    /// Whether clients connect to the addresses of the pods, so that they ignore the policies of the workload (S75).
    is_by_address: bool,
}

const BY_ADDRESS: &str = "Remove the exclusion. Or, if clients may send plaintext, set DISABLE for the port in a DestinationRule for the \
                          host, because clients that connect to the address of a pod ignore policies for the workload; or exclude the \
                          port for outbound traffic of the clients too (traffic.sidecar.istio.io/excludeOutboundPorts).";

fn finding(workload: &Workload<'_>, called: &Called) -> Finding {
    let opens = |bypass: &&Bypass| bypass.ports.is_empty() || !bypass.ports.is_disjoint(&called.ports);
    let bypass = workload.instances.iter().flat_map(|instance| &instance.bypasses).find(opens);
    let at = match bypass.and_then(|bypass| bypass.annotation) {
        Some(key) => workload.metadata_field("annotations", key),
        None => workload.metadata.clone().then("annotations"),
    };
    let by = bypass.map_or("its settings", |bypass| &bypass.caused_by);
    let ports = list_names(called.ports.iter().map(|port| format!("port {port}")));
    let message = format!(
        "{ports} of {} bypasses the sidecar ({by}), and clients send mTLS to it through {}",
        workload.subject,
        list_names(&called.through)
    );
    let finding = Finding::about_workload(&RULE, workload, at, message);
    if called.is_by_address { finding.with_fix(BY_ADDRESS) } else { finding }
}

/// Ports that are excluded from capture and to which clients send automatic mTLS, because they cannot know of the exclusion.
fn called<'m>(mesh: &'m Mesh<'_>) -> impl Iterator<Item = (&'m Mismatch, &'m Subject, u16)> {
    let is_uncaptured = |one: &&Mismatch| {
        one.cause.is_none() && one.verdict == Verdict::Fail(Failure::TlsToPlaintext) && one.acceptance == Acceptance::Uncaptured
    };
    let callers = LazyCell::new(|| ProxiedCallers::of(mesh));
    let found = mesh.mismatches().iter().filter(is_uncaptured).filter(move |one| callers.call(one));
    found.filter_map(|one| one.server.as_ref().map(|(subject, port)| (one, subject, *port)))
}

/// The same as a set, for uncaptured-inbound-port, which reports the other ports.
pub(super) fn uncaptured_and_called<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<(&'m Subject, u16)> {
    called(mesh).map(|(_, subject, port)| (subject, port)).collect()
}
