//! Two objects that claim one host, the same pods, or one address.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, by_cause::describe_clients},
    mesh::{Claim, ClaimedCall, HiddenByEntry, Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS225",
    name: "claimed-twice",
    severity: Severity::Warning,
    summary: "Two objects claim one host, the same pods or one address, and calls to one of them get the settings of the other, or fail.",
    why: "A sidecar has one cluster for a host and port, and one listener for an address and port. Of a Service and a ServiceEntry with one \
          host the Service has the clusters, of headless Services over the same pods the oldest has the listeners, and of objects with one \
          address the first has the listener. What the other one declares has no effect.",
    fix: "Give each object a host, a port or an address of its own, or merge them into one.",
    bad: include_str!("claimed_twice.bad.yaml"),
    good: include_str!("claimed_twice.good.yaml"),
    inputs: &[Kind::ServiceEntry, Kind::Service, Kind::Sidecar, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &["IST0177"],
    see: &["S231", "S279", "S280", "S290"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let claimed: Vec<ClaimedCall<'_>> = mesh.claimed_calls().filter(|call| call.claim != Claim::Port).collect();
    let mut causes: BTreeMap<(&Id, Claim), Vec<&ClaimedCall<'_>>> = BTreeMap::new();
    for call in &claimed {
        // An address is written in the entry; of two entries the one that loses it has the finding.
        let is_of_owner = call.claim == Claim::Address && call.service.is_kubernetes();
        let object = if is_of_owner { call.owner.id } else { call.service.id };
        causes.entry((object, call.claim)).or_default().push(call);
    }
    out.extend(causes.into_iter().map(|((id, claim), calls)| finding(mesh, id, claim, &calls)));
    out.extend(mesh.hidden_by_entries().iter().map(|hidden| of_hidden(mesh, hidden)));
}

/// An entry that has the host of a Service of another namespace, and not its ports, or endpoints outside the mesh.
fn of_hidden(mesh: &Mesh<'_>, hidden: &HiddenByEntry<'_>) -> Finding {
    let HiddenByEntry { entry, service, lost, outside, fails } = hidden;
    let ports = |numbers: &[u16]| list_names(numbers.iter().map(|number| format!("{}:{number}", service.host)));
    let failing = if *fails { ", and calls fail" } else { "" };
    let lost = (!lost.is_empty()).then(|| format!("it lacks {}, which clients send in plaintext{failing}", ports(lost)));
    let outside = (!outside.is_empty()).then(|| format!("it sends calls of {} out of the mesh", ports(outside)));
    let effects: Vec<String> = lost.into_iter().chain(outside).collect();
    let message = format!("{} hides {} from namespace {}: {}", entry.id, service.id, entry.id.namespace, effects.join(", and "));
    Finding::about(&RULE, mesh.snapshot(), entry.id, FieldPath::of("spec.hosts"), message)
        .with_severity(if *fails { Severity::Error } else { Severity::Warning })
        .with_related([Subject::from(service.id)])
        .with_clients([Some(&entry.id.namespace)])
        .with_fix(format!(
            "Delete {}, or its host, so that clients of its namespace call {} itself; or use another host for it.",
            entry.id, service.id
        ))
}

fn finding(mesh: &Mesh<'_>, id: &Id, claim: Claim, calls: &[&ClaimedCall<'_>]) -> Finding {
    let places: BTreeSet<String> = calls.iter().map(|call| format!("{}:{}", call.service.host, call.port)).collect();
    let others: BTreeSet<&Id> = calls.iter().flat_map(|call| [call.owner.id, call.service.id]).filter(|other| *other != id).collect();
    let clients = list_names(calls.iter().map(|call| describe_clients(call.clients.as_ref())).collect::<BTreeSet<_>>());
    let (places, owners) = (list_names(&places), list_names(&others));
    let fails = calls.iter().any(|call| call.fails);
    let leaves_mesh = calls.iter().any(|call| call.leaves_mesh);
    let failing = if fails { ", and calls fail" } else { "" };
    let (at, message, fix) = match claim {
        Claim::Host | Claim::Port => (
            "spec.ports",
            format!("{id} declares {places}, but {owners} has the same host and its clusters, and lacks the port: calls fail (503, NC)"),
            format!("Add the port to {owners}, or use another host in {id}."),
        ),
        Claim::Pods => (
            "spec.ports",
            format!(
                "{id} selects the same pods at the same port as {owners}, which has their listeners: calls to {places} get the TLS settings \
                 of {owners}{failing}"
            ),
            format!(
                "Use one headless Service for the port, or give the host of {owners} the TLS settings of the DestinationRule for {id}."
            ),
        ),
        Claim::Address if leaves_mesh => (
            "spec.addresses",
            format!(
                "{id} has an address of {owners}, and one listener gets the calls of both: those to {places} go to the endpoints of one of \
                 them that are outside the mesh{failing}"
            ),
            format!("Remove the address of {owners} from {id}."),
        ),
        Claim::Address => (
            "spec.addresses",
            format!(
                "{id} has an address of {owners}, and one listener gets the calls of both: those to {places} get the settings of the other{failing}"
            ),
            format!("Remove the address of {owners} from {id}."),
        ),
    };
    Finding::about(&RULE, mesh.snapshot(), id, FieldPath::of(at), format!("{message}; clients: {clients}"))
        .with_severity(if fails || leaves_mesh { Severity::Error } else { Severity::Warning })
        .with_related(others.into_iter().map(Subject::from))
        .with_clients(calls.iter().map(|call| call.clients.as_ref()))
        .with_fix(fix)
}
