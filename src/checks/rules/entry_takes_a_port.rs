//! `ServiceEntries` without an address that get the calls of other services on their port.

use std::collections::{BTreeMap, BTreeSet};

use super::hidden_service::expected_calls;
use crate::{
    checks::{Finding, Rule, Severity, by_cause::describe_clients},
    mesh::{Claim, Client, ClientKind, Mesh, Port, Service, Subject},
    object::{FieldPath, Id, Kind, Labels, Text, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS224",
    name: "entry-takes-a-port",
    severity: Severity::Warning,
    summary: "A ServiceEntry without `addresses` has a TCP port that other services use, so their calls go to its endpoints; an error if \
              these calls fail, or are meant for mesh workloads.",
    why: "A sidecar cannot distinguish TCP connections by host. Without an address, the entry gets every connection on its port to an \
          address that has no listener of its own: those of other such entries, of hidden Services and of external hosts.",
    fix: "Set `addresses` in each entry to the addresses that its hosts resolve to, so that each has a listener of its own; or give the \
          entry a port number that nothing else uses; or let proxies capture DNS (`ISTIO_META_DNS_CAPTURE`), so that istiod allocates an \
          address to the entry.",
    bad: include_str!("entry_takes_a_port.bad.yaml"),
    good: include_str!("entry_takes_a_port.good.yaml"),
    inputs: &[Kind::ServiceEntry, Kind::Service, Kind::Sidecar, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &["IST0134"],
    see: &["S234", "S281"],
};

/// The calls that an entry gets although they are meant for other services.
#[derive(Default)]
struct Taken<'m> {
    places: BTreeSet<String>,
    services: BTreeSet<&'m Id>,
    clients: BTreeSet<Option<Text>>,
    is_error: bool,
}

impl<'m> Taken<'m> {
    fn add(&mut self, mesh: &Mesh<'_>, meant: &'m Service<'m>, port: &Port, clients: Option<Text>, fails: bool) {
        self.places.insert(format!("{}:{}", meant.host, port.number));
        self.services.insert(meant.id);
        self.clients.insert(clients);
        self.is_error |= fails || mesh.endpoint_classes(meant, port).iter().any(|endpoint| endpoint.server.is_some());
    }
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut entries: BTreeMap<&Id, Taken<'_>> = BTreeMap::new();
    for call in mesh.claimed_calls().filter(|call| call.claim == Claim::Port) {
        if let Some(port) = call.service.port(call.port) {
            entries.entry(call.owner.id).or_default().add(mesh, call.service, port, call.clients, call.fails);
        }
    }
    for (_, namespace, service) in expected_calls(mesh) {
        let client = Client::any(mesh.indices(), &namespace, Labels::default(), ClientKind::Sidecar);
        for port in &service.ports {
            if let Some(owner) = mesh.owner_of_hidden_port(&client, service, port) {
                entries.entry(owner.id).or_default().add(mesh, service, port, Some(namespace.clone()), false);
            }
        }
    }
    for (id, taken) in entries {
        let message = format!(
            "{id} has no addresses, so sidecars send it the calls to {} ({}); clients: {}",
            list_names(&taken.places),
            list_names(&taken.services),
            list_names(taken.clients.iter().map(|one| describe_clients(one.as_ref())))
        );
        let related: BTreeSet<Subject> = taken.services.iter().filter(|other| **other != id).map(|other| Subject::from(*other)).collect();
        let finding = Finding::about(&RULE, mesh.snapshot(), id, FieldPath::of("spec.addresses"), message).with_related(related);
        let finding = finding.with_clients(taken.clients.iter().map(Option::as_ref));
        out.push(if taken.is_error { finding.with_severity(Severity::Error) } else { finding });
    }
}
