//! Workloads that accept plaintext.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Dataplane, Mesh, PortMode, Subject},
    object::{FieldPath, Id, Kind, Text, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS107",
    name: "permissive-workload",
    severity: Severity::Info,
    summary: "Workloads or ports accept plaintext in addition to mTLS, grouped by the policy (or its absence) that allows it.",
    why: "PERMISSIVE is meant for migration, not as a permanent mode: any client that reaches the port can call it without an \
          identity, and nothing distinguishes clients with an identity from clients without one.",
    fix: "Find the clients that still send plaintext, then set STRICT for the workload, the namespace or the mesh.",
    bad: include_str!("permissive_workload.bad.yaml"),
    good: include_str!("permissive_workload.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S13", "S15", "S27"],
};

/// Why a workload accepts plaintext: a policy for a port or for the whole workload, or the absence of a policy for its namespace.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'m> {
    Policy(&'m Id, Option<u16>),
    NoPolicy(&'m Text),
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<Cause<'_>, BTreeSet<&Subject>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let whole = server.workload();
        let mut add = |cause| causes.entry(cause).or_default().insert(&workload.subject);
        if accepts_plaintext(server.dataplane, &whole) {
            add(whole.decided_by.map_or(Cause::NoPolicy(&workload.subject.namespace), |id| Cause::Policy(id, None)));
            continue;
        }
        for (&port, _) in instance.ports.iter().filter(|(_, declared)| declared.is_declared_outside_policies()) {
            let mode = server.port(port);
            if let Some(id) = mode.decided_by.filter(|_| accepts_plaintext(server.dataplane, &mode)) {
                add(Cause::Policy(id, Some(port)));
            }
        }
    }
    out.extend(causes.into_iter().map(|(cause, workloads)| finding(mesh, &cause, &workloads)));
}

fn accepts_plaintext(dataplane: Dataplane, mode: &PortMode<'_>) -> bool {
    match mode.policy_mode {
        Mode::Permissive => matches!(mode.mode, Some(Mode::Permissive | Mode::Disable)),
        // In ambient, DISABLE is equivalent to PERMISSIVE; elsewhere plaintext-port reports it.
        Mode::Disable => dataplane == Dataplane::Ambient && mode.mode == Some(Mode::Permissive),
        Mode::Strict => false,
    }
}

fn finding(mesh: &Mesh<'_>, cause: &Cause<'_>, workloads: &BTreeSet<&Subject>) -> Finding {
    let accept = if workloads.len() == 1 { "accepts" } else { "accept" };
    let summary = format!("{} {accept} plaintext", plural(workloads.len(), "workload"));
    let names = list_names(workloads);
    let finding = match *cause {
        Cause::Policy(id, port) => {
            let at = mesh.policies().get(id).map_or_else(FieldPath::default, |policy| policy.mode_field(port));
            let where_ = port.map(|port| format!(" on port {port}")).unwrap_or_default();
            Finding::about(&RULE, mesh.snapshot(), id, at, format!("{summary}{where_} because of {id}: {names}"))
        }
        Cause::NoPolicy(namespace) => {
            let id = Id::new(Kind::Namespace, "", namespace.clone());
            let message = format!("{summary} because no PeerAuthentication applies to namespace {namespace}: {names}");
            Finding::about(&RULE, mesh.snapshot(), &id, FieldPath::of("metadata.name"), message)
        }
    };
    finding.with_related(workloads.iter().copied().cloned())
}
