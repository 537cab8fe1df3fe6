//! Calls that routes send elsewhere, or that the proxy answers itself (S330–S337).

use super::{
    answer::{CallAnswer, CallQuestion, Scheme},
    calling::{CallEvaluation, Routed},
};
use crate::{
    istio::{Protocol, ProtocolClass, ServiceType},
    mesh::{Client, Cluster, ClusterTls, Destination, Failure, RouteTarget, Routing, Service, ServiceSource, Verdict},
    object::Kind,
};

/// Why the result of a call is unknown if a route applies that is not evaluated.
const UNEVALUATED: &str = "a route applies to the call that this tool does not evaluate (a delegate, a TCPRoute or TLSRoute, or a filter or \
                           backend of another kind)";

impl<'m> CallEvaluation<'_, 'm> {
    /// A call that routes send elsewhere: it may reach the endpoints of every destination.
    pub(super) fn call_routed(&self, answer: &mut CallAnswer<'m>, routing: &Routing<'_>, routed: Routed) {
        note_answers(answer, routing);
        let (mut failures, mut partial) = (Vec::new(), Vec::new());
        for (at, target) in routing.targets.iter().enumerate() {
            let question = target_question(self.question, target);
            let mut one = CallAnswer::empty(&target.host);
            let call = CallEvaluation { question: &question, pod: self.pod.clone(), routed: Some(routed), ..*self };
            call.to_host(&mut one, &target.host, call.route_destination(&target.host, routed));
            answer.note(Some(routing.by.clone()), None, format!("routes the call to {target}"));
            if routed.is_http && self.is_http_to_tls(&one) {
                let message = format!("{target} declares TLS, and the request arrives there as plaintext HTTP, inside mTLS or not (S236)");
                answer.note(Some(routing.by.clone()), None, message);
                answer.is_http_to_tls_port = true;
            }
            answer.notes.append(&mut one.notes);
            answer.endpoints.append(&mut one.endpoints);
            failures.extend(one.failure);
            partial.extend(one.partial_failure);
            if at == 0 {
                (answer.client, answer.destination) = (one.client, one.destination);
            }
        }
        if !failures.is_empty() && routing.by.kind != Kind::VirtualService {
            answer.note(
                Some(routing.by.clone()),
                None,
                "is a route of the Gateway API: without a cluster, requests get 500 instead of 503 (S334)",
            );
        }
        let fails_everywhere = !failures.is_empty() && failures.len() == routing.targets.len();
        let first = failures.into_iter().chain(partial).min();
        (answer.failure, answer.partial_failure) = if fails_everywhere { (first, None) } else { (None, first) };
        answer.routed_to.clone_from(&routing.targets);
        if routing.is_unevaluated {
            let whole = std::mem::replace(answer, CallAnswer::empty(""));
            *answer = whole.undetermined(UNEVALUATED);
        }
    }

    /// Whether HTTP arrives at a port that declares TLS, and no proxy originates TLS for it (S236).
    fn is_http_to_tls(&self, to: &CallAnswer<'_>) -> bool {
        let is_declared = to.destination.is_some_and(|to| to.port.protocol == Protocol::Tls);
        let is_originated = matches!(to.client.tls, ClusterTls::Simple | ClusterTls::Mutual);
        let arrives = to.endpoints.iter().any(|one| !matches!(one.evaluation.verdict, Verdict::Fail(_)));
        self.question.scheme.is_none_or(|scheme| scheme == Scheme::Http) && is_declared && !is_originated && arrives
    }

    /// A call that a waypoint routes (S337).
    pub(super) fn call_routed_by_waypoint(&self, answer: &mut CallAnswer<'m>, waypoint: &Client<'_>, routing: &Routing<'_>) {
        note_answers(answer, routing);
        let mut failed = 0;
        for target in &routing.targets {
            answer.note(Some(routing.by.clone()), None, format!("routes the call at the waypoint to {target}"));
            let service = self.mesh.registry().at(&target.host).find(|service| service.is_called());
            let found = service.and_then(|service| Some(Destination { service, port: service.port(target.port)? }));
            let Some(to) = found else {
                answer.note(None, None, format!("{}:{} has no cluster in the waypoint", target.host, target.port));
                failed += 1;
                continue;
            };
            let mut one = CallAnswer::empty(&target.host);
            self.call_through_waypoint(&mut one, waypoint, to, target.subset.as_deref());
            answer.notes.append(&mut one.notes);
            answer.endpoints.append(&mut one.endpoints);
            failed += usize::from(one.failure.is_some());
        }
        let failure = (failed > 0).then_some(Failure::NoCluster);
        let fails_everywhere = failed == routing.targets.len();
        (answer.failure, answer.partial_failure) = if fails_everywhere { (failure, None) } else { (None, failure) };
        answer.routed_to.clone_from(&routing.targets);
        if routing.is_unevaluated {
            let whole = std::mem::replace(answer, CallAnswer::empty(""));
            *answer = whole.undetermined(UNEVALUATED);
        }
    }

    /// The call of a waypoint to the endpoints of a service.
    pub(super) fn call_through_waypoint(
        &self,
        answer: &mut CallAnswer<'m>,
        waypoint: &Client<'_>,
        to: Destination<'m>,
        subset: Option<&str>,
    ) {
        let all = self.every_endpoint(to);
        let cluster = self.mesh.indices().cluster(waypoint, to, subset, &all);
        if cluster.lacks_subset {
            answer.failure = Some(Failure::NoCluster);
            return;
        }
        let labels = subset.and_then(|name| cluster.rule.as_ref()?.subset(name)).map(|subset| subset.labels.clone());
        let endpoints = all.into_iter().filter(|endpoint| labels.as_ref().is_none_or(|labels| labels.selects(&endpoint.labels))).collect();
        self.call_all(answer, waypoint, Some(&cluster), endpoints, Some(to.port.protocol));
        if matches!(cluster.tls, ClusterTls::Simple | ClusterTls::Mutual) {
            self.add_tls_of_waypoint(answer, to, cluster);
        }
    }

    /// A rule makes a waypoint add TLS, also inside HBONE: an application that declares HTTP does not terminate it (S89, S337).
    fn add_tls_of_waypoint(&self, answer: &mut CallAnswer<'m>, to: Destination<'m>, cluster: Cluster<'m>) {
        self.note_rule(answer, &cluster);
        answer.note(None, None, "the waypoint adds this TLS inside HBONE, and the application receives it (S89)");
        if to.port.protocol.class() == ProtocolClass::Http {
            for one in answer.endpoints.iter_mut().filter(|one| one.evaluation.verdict == Verdict::Mtls) {
                one.evaluation.verdict = Verdict::Fail(Failure::TlsToPlaintext);
            }
        }
        answer.destination = Some(to);
        answer.client.tls = cluster.tls;
        answer.client.cluster = Some(cluster);
    }

    /// The service of a route's destination. An alias is followed once only; for HTTP, only if it declares the port that was called (S333).
    fn route_destination(&self, host: &str, routed: Routed) -> Option<&'m Service<'m>> {
        let Some(alias) = self.mesh.registry().at(host).find(|service| !service.is_called()) else { return self.visible_target(host) };
        let ServiceSource::Service(crate::istio::Service { kind: ServiceType::ExternalName(next), .. }) = alias.source else { return None };
        let is_followed = !routed.is_http || alias.ports.iter().any(|port| port.number == routed.called);
        let is_concrete = |host: &str| self.mesh.registry().at(host).all(Service::is_called);
        if is_followed && is_concrete(next) { self.visible_target(next) } else { None }
    }
}

pub(super) fn target_question<'m>(question: &CallQuestion<'m>, target: &RouteTarget) -> CallQuestion<'m> {
    let subset = target.subset.as_ref().map(ToString::to_string);
    CallQuestion { port: target.port, subset, ..question.clone() }
}

fn note_answers(answer: &mut CallAnswer<'_>, routing: &Routing<'_>) {
    if routing.is_answered {
        let message = "answers requests itself, with a redirect or a fixed response: they reach no endpoint (S336)";
        answer.note(Some(routing.by.clone()), None, message);
        answer.is_answered_by_proxy = true;
    }
    if routing.is_unevaluated {
        answer.note(Some(routing.by.clone()), None, "has a route that is not evaluated");
    }
}
