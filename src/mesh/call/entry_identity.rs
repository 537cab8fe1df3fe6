//! What the endpoint of an entry, or a machine, can declare so that clients use mTLS with the server behind it (S226, S228, S229).

use std::collections::BTreeSet;

use super::{
    declarable::EntryIdentity,
    verdict::{CallProperties, SentAs, Verdict},
};
use crate::{
    istio::Mode,
    mesh::{ClientKind, Dataplane, Destination, Endpoint, Instance, Mesh, ServiceSource, Subject, Workload},
    object::Id,
};

/// A machine that declares no identity, so that clients send it plaintext.
#[derive(Clone, Debug)]
pub struct PlaintextMachine<'m> {
    pub machine: &'m Workload<'m>,
    /// The policy that sets STRICT for it, if it is not known what answers at its address.
    pub policy: Option<&'m Id>,
    /// The mesh workloads that have its address, with what it has to declare for each.
    pub servers: BTreeSet<(Subject, EntryIdentity)>,
    /// Whether calls certainly fail.
    pub fails: bool,
}

impl Mesh<'_> {
    /// What an endpoint that istiod does not join with its server has to declare.
    #[must_use]
    pub fn entry_identity(&self, endpoint: &Endpoint<'_>) -> EntryIdentity {
        let Some((workload, instance)) = endpoint.server else { return EntryIdentity::Nothing };
        if instance.is_machine_without_identity() {
            return EntryIdentity::Label;
        }
        let is_sidecar = instance.dataplane == Dataplane::Sidecar;
        if !is_sidecar || !self.terminates_mtls(endpoint) {
            return EntryIdentity::Nothing;
        }
        let own = instance.service_account().filter(|_| workload.subject.namespace == endpoint.namespace);
        own.map_or(EntryIdentity::Label, EntryIdentity::Account)
    }

    /// Whether the mesh's mTLS, as a sidecar sends it, certainly succeeds at an endpoint.
    pub(super) fn terminates_mtls(&self, endpoint: &Endpoint<'_>) -> bool {
        let evaluation = self.evaluate(endpoint, SentAs::Mtls, CallProperties::of(ClientKind::Sidecar));
        evaluation.is_certain && evaluation.verdict == Verdict::Mtls
    }

    /// Machines without identity whose calls fail, or would if a proxy on the machine enforced its policy (S156, S229).
    #[must_use]
    pub fn plaintext_machines(&self) -> Vec<PlaintextMachine<'_>> {
        let without_identity = self.servers().filter(|(_, instance, _)| instance.is_machine_without_identity());
        let found = without_identity.filter_map(|(workload, instance, server)| {
            let mode = server.workload();
            let strict = mode.decided_by.filter(|_| mode.policy_mode == Mode::Strict);
            self.plaintext_machine(workload, instance, strict)
        });
        found.collect()
    }

    fn plaintext_machine<'m>(
        &'m self,
        machine: &'m Workload<'m>,
        instance: &'m Instance<'m>,
        strict: Option<&'m Id>,
    ) -> Option<PlaintextMachine<'m>> {
        let is_located = self.machine_endpoints(machine, instance, 0).iter().any(|one| !one.found_by.is_joined());
        let policy = strict.filter(|_| !is_located);
        let mut found = PlaintextMachine { machine, policy, servers: BTreeSet::new(), fails: false };
        let mut calls = 0;
        for (target, port) in instance.ports.iter().flat_map(|(target, port)| port.by_services.iter().map(move |from| (*target, from))) {
            // A pod behind what an entry selects is a finding about the entry.
            let service = self.registry().of(port.service).filter(|one| !is_located || matches!(one.source, ServiceSource::Service(_)));
            let Some((service, port)) = service.and_then(|service| Some((service, service.port(port.number)?))) else { continue };
            let endpoints = self.machine_endpoints(machine, instance, target);
            let exceptions = self.client_classes().exceptions(&self.indices, service);
            for one in self.client_classes().representatives(&self.indices, service, port.number, &exceptions) {
                let cluster = self.indices.cluster(&one.client, Destination { service, port }, None, &endpoints);
                for endpoint in &endpoints {
                    calls += 1;
                    if self.sent_as(&one.client, Some(&cluster), endpoint, false) != SentAs::Plaintext {
                        continue;
                    }
                    let verdict = self.evaluate(endpoint, SentAs::Plaintext, CallProperties::of(one.client.kind)).verdict;
                    found.fails |= matches!(verdict, Verdict::Fail(_));
                    let server = endpoint.server.map(|(workload, _)| workload.subject.clone());
                    found.servers.extend(server.map(|server| (server, self.entry_identity(endpoint))));
                }
            }
        }
        let is_called = !found.servers.is_empty();
        let is_relevant = if is_located { found.fails } else { policy.is_some() && (is_called || calls == 0) };
        is_relevant.then_some(found)
    }
}
