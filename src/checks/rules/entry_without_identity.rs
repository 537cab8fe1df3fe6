//! Endpoints of `ServiceEntries`, and machines, that do not declare that they accept mTLS.

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_entry::{self, EntryCalls},
    },
    istio::Mode,
    mesh::{EntryLack, Mesh},
    object::{FieldPath, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS226",
    name: "entry-without-identity",
    severity: Severity::Warning,
    summary: "An endpoint of a ServiceEntry, or a machine, declares no identity, so clients send plaintext to the proxy behind it; an \
              error if calls fail as a result.",
    why: "What an entry lists is not joined with the pod or Service that has the address or name: only the entry's own serviceAccount or \
          label counts. Without either, clients send plaintext, whatever proxy answers, and a STRICT one refuses it.",
    fix: "Call the Service itself and delete the entry. If the entry must stay, add to each endpoint, or to the WorkloadEntry, \
          `serviceAccount` or the label `security.istio.io/tlsMode: istio`; for an entry that names a Service, add a DestinationRule \
          with mode ISTIO_MUTUAL for its host.",
    bad: include_str!("entry_without_identity.bad.yaml"),
    good: include_str!("entry_without_identity.good.yaml"),
    inputs: &[Kind::ServiceEntry, Kind::WorkloadEntry, Kind::Service, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S74", "S225", "S228", "S229", "S232"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    out.extend(by_entry::entries(mesh, EntryLack::Identity).iter().map(|calls| of_entry(mesh, calls)));
    out.extend(machines(mesh));
}

fn of_entry(mesh: &Mesh<'_>, calls: &EntryCalls<'_>) -> Finding {
    let is_displacing = !calls.displaced.is_empty();
    let replaced = if is_displacing { format!(", which replaces {},", list_names(&calls.displaced)) } else { String::new() };
    let message = format!(
        "{} sends calls of {}{replaced} to {} of the mesh ({}) without their identity",
        calls.id,
        list_names(&calls.places),
        plural(calls.servers.len(), "workload"),
        list_names(&calls.servers)
    );
    let finding = calls.finding(mesh, &RULE, FieldPath::of(if is_displacing { "spec.hosts" } else { "spec.endpoints" }), &message);
    if !is_displacing {
        return finding;
    }
    finding.with_fix(
        "Delete the entry, or its host: clients of its namespace then call the Service itself. A DestinationRule with mode ISTIO_MUTUAL for \
         the host, visible in that namespace, helps too.",
    )
}

/// Machines under a STRICT policy of which it is not known whether they have a proxy (S156).
fn machines(mesh: &Mesh<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (workload, instance, server) in mesh.servers() {
        let mode = server.workload();
        let Some(policy) = mode.decided_by.filter(|_| instance.is_machine_without_identity() && mode.policy_mode == Mode::Strict) else {
            continue;
        };
        let message = format!(
            "{policy} sets STRICT for {}, which has neither serviceAccount nor the label security.istio.io/tlsMode: clients send plaintext, \
             and a proxy on the machine, if there is one, refuses it",
            workload.subject
        );
        let finding = Finding::about_workload(&RULE, workload, FieldPath::of("spec.serviceAccount"), message).with_related([policy]);
        found.push(finding.with_fix(
            "If the machine has a proxy, add its `serviceAccount`, or the label `security.istio.io/tlsMode: istio`, to the WorkloadEntry. \
             If it has none, move it to a namespace without the policy.",
        ));
    }
    found
}
