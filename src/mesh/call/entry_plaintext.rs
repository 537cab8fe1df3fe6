//! `ServiceEntries` whose endpoints are mesh workloads, but do not declare that they accept mTLS: clients send them plaintext (S74, S225,
//! S228, S232).

use std::collections::BTreeSet;

use super::verdict::{CallProperties, SentAs, Verdict};
use crate::{
    mesh::{Dataplane, Destination, Endpoint, FoundBy, Mesh, Port, Representative, Service, Subject},
    object::{Id, Text},
};

/// A `ServiceEntry` port that clients call in plaintext although a sidecar or ztunnel is behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndeclaredEndpoints<'m> {
    /// The `ServiceEntry`.
    pub entry: &'m Id,
    /// Its host and port.
    pub service: (Text, u16),
    /// The Service with the same host, whose pods clients in the entry's namespace no longer call with mTLS (S232).
    pub displaced: Option<&'m Id>,
    /// Namespace of the clients; `None` means every namespace without rules of its own.
    pub clients: Option<Text>,
    /// The mesh workloads behind the endpoints.
    pub servers: BTreeSet<Subject>,
    /// Whether calls fail because of it.
    pub fails: bool,
}

impl<'s> Mesh<'s> {
    /// Ports of `ServiceEntries` with such endpoints.
    #[must_use]
    pub fn undeclared_endpoints(&self) -> Vec<UndeclaredEndpoints<'s>> {
        let mut found = Vec::new();
        for service in self.registry().services().iter().filter(|service| !service.is_kubernetes()) {
            let exceptions = self.client_classes().exceptions(&self.indices, service);
            for port in &service.ports {
                let all = self.endpoints(service, port);
                if !all.iter().any(is_undeclared) {
                    continue;
                }
                let representatives = self.client_classes().representatives(&self.indices, service, port.number, &exceptions);
                found.extend(representatives.iter().filter_map(|one| self.undeclared_for(one, service, port, &all)));
            }
        }
        found
    }

    fn undeclared_for(
        &self,
        representative: &Representative<'_>,
        service: &Service<'s>,
        port: &Port,
        all: &[Endpoint<'_>],
    ) -> Option<UndeclaredEndpoints<'s>> {
        let client = &representative.client;
        let cluster = self.indices.cluster(client, Destination { service, port }, None, all);
        let call = CallProperties { client: client.kind, is_not_http: false, is_app_tls: false, is_server_first: false };
        let in_plaintext = all.iter().filter(|one| {
            is_undeclared(one) && cluster.configured.is_none() && self.sent_as(client, Some(&cluster), one, false) == SentAs::Plaintext
        });
        let called: Vec<(Subject, Verdict)> = in_plaintext
            .filter_map(|one| Some((one.server?.0.subject.clone(), self.evaluate(one, SentAs::Plaintext, call).verdict)))
            .collect();
        let same = self.registry().at(&service.host).find(|other| other.is_kubernetes() && other.host == service.host);
        (!called.is_empty()).then(|| UndeclaredEndpoints {
            entry: service.id,
            service: (service.host.clone(), port.number),
            displaced: same.map(|same| same.id),
            clients: representative.namespace.clone().or_else(|| same.map(|_| client.namespace.clone())),
            fails: called.iter().any(|(_, verdict)| matches!(verdict, Verdict::Fail(_))),
            servers: called.into_iter().map(|(server, _)| server).collect(),
        })
    }
}

/// Whether the server of an endpoint has a proxy of the mesh, which the endpoint does not declare.
fn is_undeclared(endpoint: &Endpoint<'_>) -> bool {
    let has_proxy = |dataplane| matches!(dataplane, Dataplane::Sidecar | Dataplane::Ambient);
    endpoint.found_by != FoundBy::Registry
        && endpoint.tls_mode != "istio"
        && endpoint.server.is_some_and(|(_, instance)| has_proxy(instance.dataplane) && !instance.is_assumed)
}
