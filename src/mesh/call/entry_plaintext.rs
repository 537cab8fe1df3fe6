//! `ServiceEntries` that make clients send plaintext to mesh workloads, and what would change that (S48, S74, S81, S225, S228, S232).

use std::collections::BTreeSet;

use super::{
    declarable::EntryIdentity,
    verdict::{CallProperties, SentAs, Verdict},
};
use crate::{
    mesh::{
        AutoMtlsOff, Client, ClientKind, Cluster, Dataplane, Destination, Endpoint, Mesh, Port, Representative, Service, Subject, TLS_MODE,
    },
    object::{Id, Text},
};

/// A port of a `ServiceEntry` that clients call in plaintext although mesh workloads are behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaintextEntry<'m> {
    /// The `ServiceEntry`.
    pub entry: &'m Id,
    /// Its host and port.
    pub service: (Text, u16),
    /// The Service with the same host that it overrides for clients in its namespace, if there is one.
    pub displaced: Option<&'m Id>,
    /// Namespace of the clients; `None` means every namespace without rules of its own.
    pub clients: Option<Text>,
    /// The mesh workloads behind it.
    pub servers: BTreeSet<Subject>,
    /// What the endpoints would have to declare.
    pub identities: BTreeSet<EntryIdentity>,
    /// Whether calls fail because of it.
    pub fails: bool,
    /// Whether it is not determined what is sent (S228).
    pub is_undetermined: bool,
}

/// What an entry lacks, so that automatic mTLS does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryLack {
    /// The location `MESH_INTERNAL`, for workloads that it selects, or endpoints that declare their identity (S81).
    Location,
    /// The identity of endpoints that istiod does not join with the workloads behind them (S228).
    Identity,
}

impl<'s> Mesh<'s> {
    /// Ports of entries that lack this.
    #[must_use]
    pub fn plaintext_entries(&self, lack: EntryLack) -> Vec<PlaintextEntry<'s>> {
        let is_candidate = |service: &&Service<'_>| match lack {
            EntryLack::Location => service.is_external(),
            EntryLack::Identity => !service.is_kubernetes(),
        };
        let mut found = Vec::new();
        for service in self.registry().services().iter().filter(is_candidate) {
            let same = self.registry().at(&service.host).find(|other| other.is_kubernetes() && other.host == service.host);
            let exceptions = self.client_classes().exceptions(&self.indices, service);
            for port in &service.ports {
                let endpoints = self.lacking(lack, service, port, same);
                if endpoints.is_empty() {
                    continue;
                }
                let mut representatives = self.client_classes().representatives(&self.indices, service, port.number, &exceptions);
                if lack == EntryLack::Identity {
                    representatives.extend(self.client_classes().ambient_clients(&self.indices, service, port.number));
                }
                found.extend(representatives.iter().filter_map(|one| self.plaintext_entry(lack, one, (service, port), &endpoints, same)));
            }
        }
        found
    }

    /// The endpoints of a port that would accept mTLS if the entry had what it lacks.
    fn lacking<'m>(&'m self, lack: EntryLack, entry: &Service<'_>, port: &Port, same: Option<&Service<'_>>) -> Vec<Endpoint<'m>> {
        let of = |service: &Service<'_>, port: &Port| {
            let mut all = self.endpoints(service, port);
            all.retain(|endpoint| match lack {
                EntryLack::Location => declares_mtls(endpoint),
                EntryLack::Identity => is_undeclared(endpoint),
            });
            deduplicated(all)
        };
        let own = of(entry, port);
        match same.and_then(|same| Some((same, same.port(port.number)?))) {
            // The entry has no endpoint of its own, and stands before those of the Service.
            Some((same, port)) if own.is_empty() && lack == EntryLack::Location => of(same, port),
            Some(_) | None => own,
        }
    }

    fn plaintext_entry(
        &self,
        lack: EntryLack,
        representative: &Representative<'_>,
        (service, port): (&Service<'s>, &Port),
        endpoints: &[Endpoint<'_>],
        same: Option<&Service<'s>>,
    ) -> Option<PlaintextEntry<'s>> {
        let client = &representative.client;
        let has_rules = client.kind.has_rules();
        // Without automatic mTLS neither the location nor an identity changes what is sent (S71).
        if has_rules && !self.control_planes().of_revision(&client.revision).auto_mtls {
            return None;
        }
        let cluster = self.indices.cluster(client, Destination { service, port }, None, endpoints);
        if has_rules && (cluster.configured.is_some() || cluster.auto_mtls_off == Some(AutoMtlsOff::Policy)) {
            return None;
        }
        let called: Vec<(Subject, EntryIdentity, Verdict)> =
            endpoints.iter().filter_map(|one| self.called_in_plaintext(lack, client, &cluster, one)).collect();
        let fails = called.iter().any(|(.., verdict)| matches!(verdict, Verdict::Fail(_)));
        // ztunnel never uses mTLS with the endpoint of an entry (S230), which matters only where calls fail.
        (!called.is_empty() && (has_rules || fails)).then(|| PlaintextEntry {
            entry: service.id,
            service: (service.host.clone(), port.number),
            displaced: same.map(|same| same.id),
            // In other namespaces the Service takes precedence (S48).
            clients: representative.namespace.clone().or_else(|| same.map(|_| client.namespace.clone())),
            fails,
            is_undetermined: called.iter().all(|(.., verdict)| *verdict == Verdict::Unknown),
            identities: called.iter().map(|(_, identity, _)| identity.clone()).collect(),
            servers: called.into_iter().map(|(server, ..)| server).collect(),
        })
    }

    /// The server of an endpoint and the verdict of a call, if plaintext is sent for want of what the entry lacks.
    fn called_in_plaintext(
        &self,
        lack: EntryLack,
        client: &Client<'_>,
        cluster: &Cluster<'_>,
        endpoint: &Endpoint<'_>,
    ) -> Option<(Subject, EntryIdentity, Verdict)> {
        let (workload, _) = endpoint.server?;
        let would_accept = lack == EntryLack::Identity || self.indices.accepts_mtls(client, None, &as_internal(endpoint)?);
        let is_plaintext = would_accept && self.sent_as(client, Some(cluster), endpoint, false) == SentAs::Plaintext;
        let verdict = || self.evaluate(endpoint, SentAs::Plaintext, CallProperties::of(client.kind)).verdict;
        let identity = || if client.kind == ClientKind::Ambient { EntryIdentity::Nothing } else { self.entry_identity(endpoint) };
        is_plaintext.then(|| (workload.subject.clone(), identity(), verdict()))
    }
}

/// The endpoint as it would be with location `MESH_INTERNAL`: the labels of a selected workload would apply, and those of an endpoint in the
/// entry itself. `None` if these declare no mTLS.
fn as_internal<'m>(endpoint: &Endpoint<'m>) -> Option<Endpoint<'m>> {
    if !endpoint.found_by.is_joined() {
        return (endpoint.tls_mode == "istio").then(|| endpoint.clone());
    }
    let (workload, instance) = endpoint.server?;
    let (labels, namespace) = (instance.labels.clone(), workload.subject.namespace.clone());
    Some(Endpoint { labels, namespace, tls_mode: "istio".into(), ..endpoint.clone() })
}

/// Whether the endpoint is a workload with a sidecar that declares that it accepts the mesh's mTLS (S74).
fn declares_mtls(endpoint: &Endpoint<'_>) -> bool {
    endpoint.server.is_some_and(|(_, instance)| {
        instance.dataplane == Dataplane::Sidecar && (instance.spec.is_none() || instance.labels.has(TLS_MODE, "istio"))
    })
}

/// Whether the server of an endpoint has a proxy of the mesh, which the endpoint does not declare.
fn is_undeclared(endpoint: &Endpoint<'_>) -> bool {
    let has_proxy = |dataplane| matches!(dataplane, Dataplane::Sidecar | Dataplane::Ambient);
    !endpoint.found_by.is_joined()
        && endpoint.tls_mode != "istio"
        && endpoint.server.is_some_and(|(_, instance)| has_proxy(instance.dataplane) && !instance.is_assumed)
}

/// One endpoint for all equivalent pods of an instance, because calls to them have the same result.
fn deduplicated(mut endpoints: Vec<Endpoint<'_>>) -> Vec<Endpoint<'_>> {
    endpoints.dedup_by(|later, kept| match (later.server, kept.server) {
        (Some((_, one)), Some((_, other))) => std::ptr::eq(one, other) && later.tls_mode == kept.tls_mode && later.labels == kept.labels,
        _ => false,
    });
    endpoints
}
