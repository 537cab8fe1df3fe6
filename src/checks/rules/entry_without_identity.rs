//! Endpoints of `ServiceEntries`, and machines, that do not declare that they accept mTLS.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, by_cause::describe_clients},
    istio::Mode,
    mesh::{Dataplane, Mesh, Subject, UndeclaredEndpoints},
    object::{FieldPath, Id, Kind, list_names, plural},
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
    let undeclared = mesh.undeclared_endpoints();
    let mut entries: BTreeMap<&Id, Vec<&UndeclaredEndpoints<'_>>> = BTreeMap::new();
    for one in &undeclared {
        entries.entry(one.entry).or_default().push(one);
    }
    out.extend(entries.into_iter().map(|(id, found)| of_entry(mesh, id, &found)));
    out.extend(machines(mesh));
}

fn of_entry(mesh: &Mesh<'_>, id: &Id, found: &[&UndeclaredEndpoints<'_>]) -> Finding {
    let servers: BTreeSet<&Subject> = found.iter().flat_map(|one| &one.servers).collect();
    let fails = found.iter().any(|one| one.fails);
    let places: BTreeSet<String> = found.iter().map(|one| format!("{}:{}", one.service.0, one.service.1)).collect();
    let clients: BTreeSet<String> = found.iter().map(|one| describe_clients(one.clients.as_ref())).collect();
    let displaced: BTreeSet<&Id> = found.iter().filter_map(|one| one.displaced).collect();
    let replaced = if displaced.is_empty() { String::new() } else { format!(", which replaces {},", list_names(&displaced)) };
    let message = format!(
        "{id} sends calls of {}{replaced} to {} of the mesh ({}) without their identity: clients send plaintext{}; clients: {}",
        list_names(&places),
        plural(servers.len(), "workload"),
        list_names(&servers),
        if fails { ", and calls fail" } else { "" },
        list_names(&clients)
    );
    let related: BTreeSet<Subject> = servers.into_iter().cloned().chain(displaced.iter().map(|id| Subject::from(*id))).collect();
    let field = if displaced.is_empty() { "spec.endpoints" } else { "spec.hosts" };
    let finding = Finding::about(&RULE, mesh.snapshot(), id, FieldPath::of(field), message);
    let finding = finding.with_severity(if fails { Severity::Error } else { Severity::Warning }).with_related(related);
    if displaced.is_empty() {
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
        let is_machine = instance.spec.is_none() && instance.is_running && instance.dataplane == Dataplane::None;
        let mode = server.workload();
        let Some(policy) = mode.decided_by.filter(|_| is_machine && mode.policy_mode == Mode::Strict) else { continue };
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
