//! `ServiceEntries` with location `MESH_EXTERNAL` whose endpoints are mesh workloads: clients then get no automatic mTLS (S48, S81).

use std::collections::BTreeSet;

use super::{
    mismatches::deduplicated,
    verdict::{CallProperties, SentAs, Verdict},
};
use crate::{
    mesh::{Cluster, Dataplane, Destination, Endpoint, FoundBy, Mesh, Port, Representative, Service, ServiceSource, Subject, TLS_MODE},
    object::{Id, Text},
};

/// A `ServiceEntry` with location `MESH_EXTERNAL` whose clients send plaintext to workloads that accept mTLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisdeclaredExternal<'m> {
    /// The `ServiceEntry`.
    pub entry: &'m Id,
    /// Its host and port.
    pub service: (Text, u16),
    /// The Service with the same host that it overrides, if there is one.
    pub displaced: Option<&'m Id>,
    /// Namespace of the clients; `None` means every namespace without rules of its own.
    pub clients: Option<Text>,
    /// The mesh workloads behind it.
    pub servers: BTreeSet<Subject>,
    /// Whether calls fail because of it.
    pub fails: bool,
}

impl Mesh<'_> {
    /// `ServiceEntries` that disable automatic mTLS for mesh workloads.
    #[must_use]
    pub fn misdeclared_externals(&self) -> Vec<MisdeclaredExternal<'_>> {
        let external = || self.registry().services().iter().filter(|service| service.is_external());
        if external().next().is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for service in external() {
            let exceptions = self.client_classes().exceptions(&self.indices, service);
            for port in &service.ports {
                let representatives = self.client_classes().representatives(&self.indices, service, port.number, &exceptions);
                let (endpoints, displaced) = self.behind(service, port);
                found.extend(representatives.iter().filter_map(|one| self.misdeclared(one, service, port, &endpoints, displaced)));
            }
        }
        found
    }

    /// The mesh workloads behind a port: those of the entry itself, else those of the Service with the same host.
    fn behind<'m>(&'m self, service: &Service<'_>, port: &Port) -> (Vec<Endpoint<'m>>, Option<&'m Id>) {
        let meshed = |service: &Service<'_>, port: &Port| -> Vec<Endpoint<'m>> {
            deduplicated(self.endpoints(service, port)).into_iter().filter(declares_mtls).collect()
        };
        let own = meshed(service, port);
        let mut same = self
            .registry()
            .at(&service.host)
            .filter(|other| matches!(other.source, ServiceSource::Service(_)) && other.host == service.host);
        match same.next() {
            Some(other) if own.is_empty() => (other.port(port.number).map(|port| meshed(other, port)).unwrap_or_default(), Some(other.id)),
            Some(other) => (own, Some(other.id)),
            None => (own, None),
        }
    }

    fn misdeclared<'m>(
        &self,
        representative: &Representative<'_>,
        service: &Service<'m>,
        port: &Port,
        endpoints: &[Endpoint<'_>],
        displaced: Option<&'m Id>,
    ) -> Option<MisdeclaredExternal<'m>> {
        let client = &representative.client;
        let to = Destination { service, port };
        let has_auto_mtls = self.control_planes().of_revision(&client.revision).auto_mtls;
        if endpoints.is_empty() || !has_auto_mtls {
            return None;
        }
        let cluster = self.indices.cluster(client, to, None, endpoints);
        let lost: Vec<_> = endpoints.iter().filter_map(|one| self.plaintext(representative, &cluster, one)).collect();
        (cluster.configured.is_none() && !lost.is_empty()).then(|| MisdeclaredExternal {
            entry: service.id,
            service: (service.host.clone(), port.number),
            displaced,
            // In other namespaces the Service takes precedence (S48).
            clients: representative.namespace.clone().or_else(|| displaced.map(|_| client.namespace.clone())),
            fails: lost.iter().any(|(_, verdict)| matches!(verdict, Verdict::Fail(_))),
            servers: lost.into_iter().map(|(server, _)| server).collect(),
        })
    }

    /// The server of an endpoint and the verdict of a call, if plaintext is sent although mTLS is possible.
    fn plaintext(&self, representative: &Representative<'_>, cluster: &Cluster<'_>, endpoint: &Endpoint<'_>) -> Option<(Subject, Verdict)> {
        let client = &representative.client;
        let (workload, instance) = endpoint.server?;
        let sent_as = self.sent_as(client, Some(cluster), endpoint, false);
        // With location `MESH_INTERNAL` the labels of a selected workload would apply, and those of an endpoint in the entry itself.
        let inside = match endpoint.found_by {
            FoundBy::Registry | FoundBy::SliceAddress | FoundBy::SliceUid => Endpoint {
                labels: instance.labels.clone(),
                namespace: workload.subject.namespace.clone(),
                tls_mode: "istio".into(),
                ..endpoint.clone()
            },
            FoundBy::Address | FoundBy::Name | FoundBy::ClusterIp if endpoint.tls_mode == "istio" => endpoint.clone(),
            FoundBy::Address | FoundBy::Name | FoundBy::ClusterIp => return None,
        };
        let call = CallProperties { client: client.kind, is_not_http: false, is_app_tls: false, is_server_first: false };
        let is_lost = sent_as == SentAs::Plaintext && self.indices.accepts_mtls(client, None, &inside);
        is_lost.then(|| (workload.subject.clone(), self.evaluate(endpoint, sent_as, call).verdict))
    }
}

/// Whether the endpoint is a workload with a sidecar that declares that it accepts the mesh's mTLS (S74).
fn declares_mtls(endpoint: &Endpoint<'_>) -> bool {
    let has_label = |labels: &crate::object::Labels| labels.has(TLS_MODE, "istio");
    endpoint
        .server
        .is_some_and(|(_, instance)| instance.dataplane == Dataplane::Sidecar && (instance.spec.is_none() || has_label(&instance.labels)))
}
