//! Calls to the addresses of pods.

use std::net::IpAddr;

use super::{
    answer::{CallAnswer, EndpointAnswer, Scheme},
    calling::{CallEvaluation, SentCall},
};
use crate::{
    istio::ProtocolClass,
    mesh::{
        Client, ClientKind, ClusterTls, Destination, Endpoint, Failure, OutOfScope, Resolution, SentAs, Service, ServiceSource, Verdict,
        Workload,
    },
    object::{FieldPath, Text},
};

impl<'m> CallEvaluation<'_, 'm> {
    /// Calls to pods by their own addresses (S50, S98, S122).
    pub(super) fn pods(&self, workload: &'m Workload<'m>, pod: Option<&Text>) -> CallAnswer<'m> {
        let (mesh, from, port) = (self.mesh, &self.question.from, self.question.port);
        let mut answer = CallAnswer::empty(&workload.subject.name);
        let endpoints = mesh.endpoints_of(workload, pod, port);
        answer.host = pod.unwrap_or(&workload.subject.name).to_string();
        match from.kind {
            ClientKind::Gateway | ClientKind::Waypoint => {
                answer.note(None, None, "a gateway calls services, never addresses of pods");
                answer.failure = Some(Failure::NoCluster);
            }
            ClientKind::None => {
                answer.note(None, None, "the client has no proxy: the call is sent as the application makes it");
                self.call_all(&mut answer, from, None, endpoints, None);
            }
            ClientKind::Ambient => {
                answer.client.tls = ClusterTls::Auto;
                self.call_all(&mut answer, from, None, endpoints, None);
            }
            ClientKind::Sidecar | ClientKind::Proxyless => {
                let own = |endpoint: &Endpoint<'_>| mesh.address_of(endpoint)?.parse().ok();
                let addresses: Vec<IpAddr> = endpoints.iter().filter_map(own).collect();
                if self.bypasses(&addresses, &mut answer) {
                    let without_proxy = Client { kind: ClientKind::None, ..from.clone() };
                    self.call_all(&mut answer, &without_proxy, None, endpoints, None);
                } else {
                    self.call_pods_by_sidecar(&mut answer, workload, endpoints);
                }
            }
        }
        answer
    }

    fn call_pods_by_sidecar(&self, answer: &mut CallAnswer<'m>, workload: &'m Workload<'m>, endpoints: Vec<Endpoint<'m>>) {
        let from = &self.question.from;
        if let Some(to) = self.listener_for(workload, &endpoints) {
            answer.note(
                Some(to.service.id.clone()),
                None,
                "has a listener for the pod's own address, so the call is handled as a call to this service",
            );
            let cluster = self.mesh.indices().cluster(from, to, None, &self.mesh.endpoints(to.service, to.port));
            answer.client.tls = cluster.tls;
            answer.client.unused_rules = self.unused_rules(to.service, &cluster);
            self.note_rule(answer, &cluster);
            self.call_all(answer, from, Some(&cluster), endpoints, Some(to.port.protocol));
            answer.client.cluster = Some(cluster);
            return;
        }
        if from.kind == ClientKind::Sidecar && workload.pods() <= 1 && from.instance.is_some_and(|(own, _)| own.subject == workload.subject)
        {
            answer.note(None, None, "a call of a pod to itself bypasses both its listeners");
            answer.endpoints = endpoints.into_iter().map(|endpoint| self.call_itself(endpoint)).collect();
            return;
        }
        if self.mesh.indices().out_of_scope(from) == OutOfScope::Refused {
            answer.note(None, Some(FieldPath::of("outboundTrafficPolicy.mode")), "REGISTRY_ONLY refuses calls to addresses of pods");
            answer.failure = Some(Failure::UnknownDestination);
            return;
        }
        answer.note(None, None, "the address of a pod is in no client's scope: the call is passed on unchanged (S50)");
        self.call_all(answer, from, None, endpoints, None);
    }

    fn call_itself(&self, endpoint: Endpoint<'m>) -> EndpointAnswer<'m> {
        let is_app_tls = self.question.scheme == Some(Scheme::Https);
        let sent_as = if is_app_tls { SentAs::AppTls } else { SentAs::Plaintext };
        let verdict = if is_app_tls { Verdict::Tls } else { Verdict::Plaintext };
        let mut reached = self.reached(&self.question.from, endpoint, SentCall { sent_as, is_app_tls }, None, None);
        reached.evaluation.verdict = verdict;
        reached
    }

    /// The service whose listener accepts calls to the pods' own addresses: one that lists an address, or a headless one; the port must
    /// not be HTTP (S50, S76).
    fn listener_for(&self, workload: &Workload<'_>, endpoints: &[Endpoint<'_>]) -> Option<Destination<'m>> {
        let (mesh, from, port) = (self.mesh, &self.question.from, self.question.port);
        if from.kind != ClientKind::Sidecar || from.instance.is_some_and(|(own, _)| own.subject == workload.subject) {
            return None;
        }
        let addresses: Vec<&Text> = endpoints.iter().filter_map(|endpoint| mesh.address_of(endpoint)).collect();
        let listens = |service: &&'m Service<'m>| match service.source {
            ServiceSource::Entry(body) => body.addresses().iter().any(|address| addresses.contains(&address)),
            ServiceSource::Service(_) => {
                let is_here = service.id.namespace == workload.subject.namespace && service.resolution() == Resolution::Passthrough;
                let known = || service.port(port).map(|port| mesh.endpoints(service, port)).unwrap_or_default();
                is_here && known().iter().any(|known| known.pod.is_some() && endpoints.iter().any(|endpoint| known.pod == endpoint.pod))
            }
        };
        let seen = |service: &'m Service<'m>| {
            let to = Destination { service, port: service.port(port).filter(|port| port.protocol.class() != ProtocolClass::Http)? };
            mesh.indices().destination(from, &service.host, port).filter(|seen| seen.service.id == service.id).map(|_| to)
        };
        let mut found: Vec<&'m Service<'m>> = mesh.registry().services().iter().filter(listens).collect();
        found.sort_by_key(|service| service.is_kubernetes());
        found.into_iter().find_map(seen)
    }
}
