//! Calls that a sidecar forwards by address: those of headless Services, of the names of their pods, and of pods themselves (S50, S75, S76).

use std::collections::BTreeMap;

use super::{
    answer::{CallAnswer, CallQuestion, EndpointAnswer, Scheme, Taken},
    calling::{CallEvaluation, SentCall},
};
use crate::{
    istio::{Protocol, ProtocolClass},
    mesh::{Claim, ClientKind, Destination, Endpoint, Failure, Instance, OutOfScope, Resolution, SentAs, Verdict},
    object::{FieldPath, Id},
};

/// What a sidecar does with the calls of an address.
#[derive(Clone, Copy)]
pub(super) enum Way<'m> {
    /// The address is the client's own: the call bypasses the proxy (S220).
    Itself,
    /// It goes through the cluster of this service.
    Cluster(Destination<'m>),
    /// It is passed on unchanged (S50). The protocol is that of the port, if the service that the client names has it.
    Unchanged(Option<Protocol>),
}

impl Way<'_> {
    fn service(&self) -> (u8, Option<&Id>) {
        match self {
            Self::Itself => (0, None),
            Self::Cluster(to) => (1, Some(to.service.id)),
            Self::Unchanged(_) => (2, None),
        }
    }
}

impl<'m> CallEvaluation<'_, 'm> {
    /// Whether the calls of a destination are distinguished by address, not by name (S76).
    pub(super) fn is_by_address(&self, to: Destination<'_>) -> bool {
        to.service.is_headless()
            && self.question.from.kind == ClientKind::Sidecar
            && self.question.subset.is_none()
            && self.routed.is_none()
    }

    /// Calls of the addresses of endpoints, each by the listener for its address, and `otherwise` without one.
    pub(super) fn to_addresses(&self, answer: &mut CallAnswer<'m>, endpoints: Vec<Endpoint<'m>>, otherwise: Way<'m>) {
        let mut ways: Vec<(Way<'m>, Vec<Endpoint<'m>>)> = Vec::new();
        if endpoints.is_empty() {
            ways.push((otherwise, Vec::new()));
        }
        for (way, endpoint) in self.ways(endpoints, otherwise) {
            match ways.iter_mut().find(|(other, _)| other.service() == way.service()) {
                Some((_, together)) => together.push(endpoint),
                None => ways.push((way, vec![endpoint])),
            }
        }
        let (mut failures, count) = (Vec::new(), ways.len());
        for (at, (way, endpoints)) in ways.into_iter().enumerate() {
            let mut one = CallAnswer::empty(&answer.host);
            self.take(way, &mut one, endpoints, otherwise);
            answer.notes.append(&mut one.notes);
            answer.endpoints.append(&mut one.endpoints);
            answer.bypasses_proxy |= count == 1 && one.bypasses_proxy;
            answer.taken_by = answer.taken_by.take().or(one.taken_by);
            failures.extend(one.failure);
            if at == 0 || way.service() == otherwise.service() {
                (answer.client, answer.destination) = (one.client, one.destination);
            }
        }
        let first = failures.iter().min().copied();
        (answer.failure, answer.partial_failure) = if failures.len() == count { (first, None) } else { (None, first) };
    }

    /// What the client's sidecar does with a call of each endpoint.
    fn ways(&self, endpoints: Vec<Endpoint<'m>>, otherwise: Way<'m>) -> Vec<(Way<'m>, Endpoint<'m>)> {
        let (mesh, from) = (self.mesh, &self.question.from);
        let mut known: BTreeMap<*const Instance<'m>, Option<Destination<'m>>> = BTreeMap::new();
        let mut listener = |endpoint: &Endpoint<'m>| {
            let find = || mesh.listener_at(from, endpoint, self.question.port).filter(|_| from.kind == ClientKind::Sidecar);
            let instance = endpoint.server.filter(|_| !mesh.is_listed(endpoint)).map(|(_, instance)| std::ptr::from_ref(instance));
            instance.map_or_else(find, |instance| *known.entry(instance).or_insert_with(find))
        };
        let mut way = |endpoint: &Endpoint<'m>| {
            if self.is_itself(endpoint) { Way::Itself } else { listener(endpoint).map_or(otherwise, Way::Cluster) }
        };
        endpoints.into_iter().map(|endpoint| (way(&endpoint), endpoint)).collect()
    }

    fn take(&self, way: Way<'m>, answer: &mut CallAnswer<'m>, endpoints: Vec<Endpoint<'m>>, otherwise: Way<'m>) {
        match way {
            Way::Itself => {
                answer.note(None, None, "a call of a pod to itself bypasses both its listeners (S220)");
                answer.bypasses_proxy = true;
                answer.endpoints = endpoints.into_iter().map(|endpoint| self.call_itself(endpoint)).collect();
            }
            Way::Cluster(to) => {
                if way.service() != otherwise.service() {
                    note_listener(answer, to, otherwise);
                }
                let all = self.every_endpoint(to);
                let cluster = self.mesh.indices().cluster(&self.question.from, to, None, &all);
                let is_passthrough = to.service.resolution() == Resolution::Passthrough;
                // A subset is one of the service that the client names.
                let question = CallQuestion { subset: None, ..self.question.clone() };
                let call = CallEvaluation { question: &question, pod: self.pod.clone(), routed: None, ..*self };
                call.through(answer, to, cluster, if is_passthrough { endpoints } else { all });
            }
            Way::Unchanged(declared) if let Some(owner) = self.owner_of_port(declared) => {
                self.through_owner(answer, (owner, Claim::Port), declared, endpoints);
            }
            Way::Unchanged(_) if self.mesh.indices().out_of_scope(&self.question.from) == OutOfScope::Refused => {
                answer.note(None, Some(FieldPath::of("outboundTrafficPolicy.mode")), "REGISTRY_ONLY refuses calls to addresses of pods");
                answer.failure = Some(Failure::UnknownDestination);
            }
            Way::Unchanged(declared) => {
                answer.note(None, None, "no listener of the client has the address of the pod: the call is passed on unchanged (S50)");
                self.call_all(answer, &self.question.from, None, endpoints, declared);
            }
        }
    }

    /// Whether an endpoint is the client itself, called by its own address or name (S219, S220).
    fn is_itself(&self, endpoint: &Endpoint<'m>) -> bool {
        let Some((own, _)) = self.question.from.instance.filter(|_| self.names_pods()) else { return false };
        let is_own_workload = endpoint.server.is_some_and(|(workload, _)| workload.subject == own.subject);
        is_own_workload
            && match (&self.question.from.pod, endpoint.pod) {
                (Some(own), Some(pod)) => own == pod,
                (None, Some(_)) => own.pods() <= 1,
                (_, None) => self.pod.is_none() && own.pods() == 0,
            }
    }

    fn call_itself(&self, endpoint: Endpoint<'m>) -> EndpointAnswer<'m> {
        let is_app_tls = self.question.scheme == Some(Scheme::Https);
        let sent_as = if is_app_tls { SentAs::AppTls } else { SentAs::Plaintext };
        let verdict = if is_app_tls { Verdict::Tls } else { Verdict::Plaintext };
        let mut reached = self.reached(&self.question.from, endpoint, SentCall { sent_as, is_app_tls }, None, None);
        reached.evaluation.verdict = verdict;
        reached
    }
}

/// Notes that the listener of a service gets the call, which is not the service that the client named, if it named one.
fn note_listener<'m>(answer: &mut CallAnswer<'m>, to: Destination<'m>, named: Way<'m>) {
    let message = match named {
        Way::Cluster(named) => {
            answer.taken_by = Some(Taken { by: to.service.id.clone(), claim: Claim::Pods });
            let older = if named.port.protocol.class() == ProtocolClass::Http { "is not HTTP" } else { "is older" };
            format!(
                "has the same pods and port as {} and {older}, so its listener gets the call, and its rules apply (S280)",
                named.service.host
            )
        }
        Way::Itself | Way::Unchanged(_) => {
            "has a listener for the pod's own address, so the call is handled as a call to this service (S76)".to_owned()
        }
    };
    answer.note(Some(to.service.id.clone()), None, message);
}
