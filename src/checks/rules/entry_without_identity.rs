//! Endpoints of `ServiceEntries`, and machines, that do not declare that they accept mTLS.

use std::collections::BTreeSet;

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_entry::{self, EntryCalls},
    },
    mesh::{EntryIdentity, EntryLack, Mesh, PlaintextMachine, Service, ServiceSource},
    object::{FieldPath, Kind, list_names, plural},
    queries::declaration,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS226",
    name: "entry-without-identity",
    severity: Severity::Warning,
    summary: "An endpoint of a ServiceEntry, or a machine, declares no identity, so clients send plaintext to the proxy behind it; an \
              error if calls fail as a result.",
    why: "What an entry lists is not joined with the pod or Service that has the address or name: only the entry's own serviceAccount or \
          label counts. Without either, clients send plaintext, whatever proxy answers, and a STRICT one refuses it.",
    fix: "Call the Service itself and delete the entry. If the entry must stay, add to each endpoint, or to the WorkloadEntry, the \
          `serviceAccount` of the server if that is in the same namespace, else only the label `security.istio.io/tlsMode: istio`; a \
          MESH_EXTERNAL entry needs `location: MESH_INTERNAL` too. For an entry that names a Service, add a DestinationRule with mode \
          ISTIO_MUTUAL for its host.",
    bad: include_str!("entry_without_identity.bad.yaml"),
    good: include_str!("entry_without_identity.good.yaml"),
    inputs: &[Kind::ServiceEntry, Kind::WorkloadEntry, Kind::Service, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S74", "S81", "S225", "S226", "S228", "S229", "S230", "S232"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    out.extend(by_entry::entries(mesh, EntryLack::Identity).iter().map(|calls| of_entry(mesh, calls)));
    out.extend(mesh.plaintext_machines().iter().map(of_machine));
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
        return finding.with_fix(fix(mesh, calls));
    }
    finding.with_fix(
        "Delete the entry, or its host: clients of its namespace then call the Service itself. A DestinationRule with mode ISTIO_MUTUAL for \
         the host, visible in that namespace, helps too.",
    )
}

/// The endpoints declare what their servers have, if that makes clients use mTLS with them.
fn fix(mesh: &Mesh<'_>, calls: &EntryCalls<'_>) -> String {
    const DELETE: &str = "Call the Service of these workloads itself, and delete the entry.";
    let service = mesh.registry().of(calls.id);
    let lists_endpoints = service.is_some_and(|one| matches!(one.source, ServiceSource::Entry(body) if body.endpoints().len() > 0));
    let is_external = service.is_some_and(Service::is_external);
    match declaration(&calls.identities, "each endpoint") {
        None => DELETE.to_owned(),
        Some(_) if !lists_endpoints => {
            format!("{DELETE} If the entry must stay, create a DestinationRule with mode ISTIO_MUTUAL for its host.")
        }
        Some(declaration) => {
            let location = if is_external { "set `location: MESH_INTERNAL`, and " } else { "" };
            format!("{DELETE} If the entry must stay, {location}{declaration}.")
        }
    }
}

/// A machine that has the address of a pod, or one under a STRICT policy of which it is not known whether it has a proxy (S156, S229).
fn of_machine(one: &PlaintextMachine<'_>) -> Finding {
    let machine = &one.machine.subject;
    let about = |message: String| Finding::about_workload(&RULE, one.machine, FieldPath::of("spec.serviceAccount"), message);
    if let Some(policy) = one.policy {
        let message = format!(
            "{policy} sets STRICT for {machine}, which has neither serviceAccount nor the label security.istio.io/tlsMode: clients send \
             plaintext, and a proxy on the machine, if there is one, refuses it"
        );
        return about(message).with_related([policy]).with_fix(
            "If the machine has a proxy, add its `serviceAccount`, or the label `security.istio.io/tlsMode: istio`, to the WorkloadEntry. \
             If it has none, move it to a namespace without the policy.",
        );
    }
    let servers: BTreeSet<_> = one.servers.iter().map(|(server, _)| server.clone()).collect();
    let identities: BTreeSet<EntryIdentity> = one.servers.iter().map(|(_, identity)| identity.clone()).collect();
    let message = format!(
        "{machine} has the address of {}, and neither serviceAccount nor the label security.istio.io/tlsMode: clients send plaintext, and \
         calls fail",
        list_names(&servers)
    );
    let fix = declaration(&identities, "the WorkloadEntry").map_or_else(
        || "Delete the WorkloadEntry, and let a Service select the pod itself.".to_owned(),
        |declaration| format!("Delete the WorkloadEntry, and let a Service select the pod itself; or {declaration}."),
    );
    about(message).with_severity(Severity::Error).with_related(servers).with_fix(fix)
}
