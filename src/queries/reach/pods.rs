//! Calls to the addresses of pods, and to the names that pods have below a headless Service.

use std::net::IpAddr;

use super::{
    addressed::Way,
    answer::{CallAnswer, CallTarget},
    calling::CallEvaluation,
};
use crate::{
    istio::{Protocol, ProtocolClass},
    mesh::{Client, ClientKind, ClusterTls, Endpoint, Failure, HeadlessPod, Workload},
    object::Text,
};

impl<'m> CallEvaluation<'_, 'm> {
    /// Calls to pods by their own addresses (S50, S98, S122).
    pub(super) fn pods(&self, workload: &'m Workload<'m>, pod: Option<&Text>) -> CallAnswer<'m> {
        let mut answer = CallAnswer::empty(pod.unwrap_or(&workload.subject.name));
        let endpoints = self.mesh.endpoints_of(workload, pod, self.question.port);
        let is_by_proxy = matches!(self.question.from.kind, ClientKind::Sidecar | ClientKind::Proxyless);
        if is_by_proxy && !self.bypasses(&self.addresses_of(&endpoints), &mut answer) {
            self.to_addresses(&mut answer, endpoints, Way::Unchanged(None));
        } else {
            self.without_listener(&mut answer, endpoints, None);
        }
        answer
    }

    /// Calls to a pod by its name below a headless Service: as to the Service, but only to this pod (S216, S217, S218).
    pub(super) fn pod_of_headless(&self, host: &str, named: &HeadlessPod<'m>) -> CallAnswer<'m> {
        let mut answer = CallAnswer::empty(host);
        let endpoints = self.headless_endpoints(named.service);
        let kind = self.question.from.kind;
        let declared = named.service.port(self.question.port).map(|port| port.protocol);
        // An alias of a pod's name is no name that a route has.
        let is_unknown_name = self.mesh.headless_pod(host).is_none() && declared.is_some_and(|one| one.class() == ProtocolClass::Http);
        if kind == ClientKind::Proxyless {
            answer.note(None, None, "gRPC without a proxy calls services by their own names: the name of a pod has no listener (S268)");
            answer.failure = Some(Failure::NoCluster);
        } else if kind == ClientKind::Sidecar && !self.bypasses(&self.addresses_of(&endpoints), &mut answer) {
            if is_unknown_name {
                self.to_addresses(&mut answer, endpoints, Way::Unchanged(declared));
            } else {
                self.call_by_proxy(&mut answer, &named.service.host);
            }
            host.clone_into(&mut answer.host);
        } else {
            self.without_listener(&mut answer, endpoints, declared);
        }
        answer
    }

    /// Calls to addresses by clients that have no listeners for them.
    fn without_listener(&self, answer: &mut CallAnswer<'m>, endpoints: Vec<Endpoint<'m>>, declared: Option<Protocol>) {
        let from = &self.question.from;
        match from.kind {
            ClientKind::Gateway | ClientKind::Waypoint => {
                answer.note(None, None, "a gateway calls services, never pods by address or name (S223)");
                answer.failure = Some(Failure::NoCluster);
            }
            ClientKind::Ambient => {
                answer.client.tls = ClusterTls::Auto;
                self.call_all(answer, from, None, endpoints, declared);
            }
            ClientKind::None => {
                answer.note(None, None, "the client has no proxy: the call is sent as the application makes it");
                self.call_all(answer, from, None, endpoints, declared);
            }
            ClientKind::Sidecar | ClientKind::Proxyless => {
                let without_proxy = Client { kind: ClientKind::None, ..from.clone() };
                self.call_all(answer, &without_proxy, None, endpoints, declared);
            }
        }
    }

    /// Whether the call names pods: by address, or by a name below a headless Service.
    pub(super) fn names_pods(&self) -> bool {
        self.pod.is_some() || matches!(self.question.to, CallTarget::Pods(..))
    }

    fn addresses_of(&self, endpoints: &[Endpoint<'m>]) -> Vec<IpAddr> {
        endpoints.iter().filter_map(|endpoint| self.mesh.address_of(endpoint)?.parse().ok()).collect()
    }
}
