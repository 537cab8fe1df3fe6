//! Calls to a host, through the client's proxy or without one.

use super::{
    addressed::Way,
    answer::{CallAnswer, CallQuestion, Scheme},
    calling::CallEvaluation,
    names::{ports, resolve_alias},
};
use crate::{
    istio::{Protocol, ProtocolClass, RouteType, TlsMode},
    mesh::{Client, ClientKind, ClusterTls, Destination, Endpoint, Failure, OutOfScope, RouteTarget, SentAs, Service},
    object::FieldPath,
};

impl<'m> CallEvaluation<'_, 'm> {
    pub(super) fn host(&self, host: &str) -> CallAnswer<'m> {
        let mut answer = CallAnswer::empty(host);
        match self.question.from.kind {
            ClientKind::None => self.call_without_proxy(&mut answer, host),
            ClientKind::Ambient => self.call_by_ztunnel(&mut answer, host),
            ClientKind::Sidecar | ClientKind::Gateway | ClientKind::Waypoint | ClientKind::Proxyless => {
                if self.bypasses(&self.addresses(host), &mut answer) {
                    self.call_without_proxy(&mut answer, host);
                } else {
                    self.call_by_proxy(&mut answer, host);
                }
            }
        }
        answer
    }

    /// A client without a proxy calls the endpoints that Kubernetes or DNS resolves the host to.
    fn call_without_proxy(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let from = Client { kind: ClientKind::None, ..self.question.from.clone() };
        if self.question.from.kind == ClientKind::None {
            answer.note(None, None, "the client has no proxy: the call is sent as the application makes it");
        }
        let (endpoints, protocol) = self.kubernetes_endpoints(host);
        self.call_all(answer, &from, None, endpoints, protocol);
    }

    /// The endpoints that Kubernetes knows for a host, regardless of any client's scope; an unknown endpoint if it knows none.
    fn kubernetes_endpoints(&self, host: &str) -> (Vec<Endpoint<'m>>, Option<Protocol>) {
        let known = resolve_alias(host, &|host| self.mesh.registry().at(host).find(|service| service.is_kubernetes()));
        let found = known.and_then(|service| Some(Destination { service, port: service.port(self.question.port)? }));
        if let Some(to) = found {
            return (self.endpoints(to), Some(to.port.protocol));
        }
        if let Some(service) = known.and_then(|service| self.headless(&service.host)) {
            return (self.headless_endpoints(service), None);
        }
        let declared = self.mesh.registry().at(host).find_map(|service| service.port(self.question.port)).map(|port| port.protocol);
        (vec![Endpoint::unknown(self.question.port)], declared)
    }

    /// ztunnel evaluates no rule (S121): it uses HBONE if the endpoint accepts it, and otherwise passes the call on unchanged.
    fn call_by_ztunnel(&self, answer: &mut CallAnswer<'m>, host: &str) {
        answer.client.tls = ClusterTls::Auto;
        let from = &self.question.from;
        let registry = self.mesh.registry();
        let preferred = |host: &str| {
            let is_own = |service: &&Service<'_>| (!service.is_kubernetes(), service.id.namespace != from.namespace);
            registry.at(host).min_by_key(is_own)
        };
        let found = resolve_alias(host, &preferred).and_then(|service| Some((service, service.port(self.question.port)?)));
        let Some((service, port)) = found else {
            let (endpoints, declared) = self.kubernetes_endpoints(host);
            return self.call_all(answer, from, None, endpoints, declared);
        };
        let endpoints = self.every_endpoint(Destination { service, port });
        match self.mesh.indices().service_waypoint(service) {
            Some(waypoint) => {
                answer.note(
                    None,
                    None,
                    "the service has a waypoint: ztunnel calls the waypoint over HBONE, and the waypoint calls the endpoints",
                );
                let cluster = self.mesh.indices().cluster(&waypoint, Destination { service, port }, None, &endpoints);
                self.call_all(answer, &waypoint, Some(&cluster), endpoints, Some(port.protocol));
            }
            None => self.call_all(answer, from, None, endpoints, Some(port.protocol)),
        }
    }

    pub(super) fn call_by_proxy(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let indices = self.mesh.indices();
        let route =
            self.question.subset.is_none().then(|| indices.route(&self.question.from, host, self.question.port, self.protocols(host)));
        match route.flatten() {
            Some((by, targets)) => self.call_routed(answer, by, targets),
            None => self.to_host(answer, host),
        }
    }

    /// The protocol whose routes apply: that of the declared port; that of the application if none is declared, or if the application sends
    /// TLS to a port that is not HTTP.
    fn protocols(&self, host: &str) -> RouteType {
        let declared = self.mesh.registry().at(host).find_map(|service| service.port(self.question.port)).map(|port| port.protocol);
        match (declared.map(Protocol::class), self.question.scheme) {
            (Some(ProtocolClass::Http), _) | (Some(ProtocolClass::Auto) | None, Some(Scheme::Http) | None) => RouteType::Http,
            (_, Some(Scheme::Https)) => RouteType::Tls,
            _ if declared == Some(Protocol::Tls) => RouteType::Tls,
            _ => RouteType::Tcp,
        }
    }

    /// A call that a `VirtualService` routes elsewhere: it may reach the endpoints of every destination.
    fn call_routed(&self, answer: &mut CallAnswer<'m>, by: &crate::object::Id, targets: Vec<RouteTarget>) {
        let mut failures = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            let subset = target.subset.as_ref().map(ToString::to_string);
            let question = CallQuestion { port: target.port, subset, ..self.question.clone() };
            let mut one = CallAnswer::empty(&target.host);
            let call = CallEvaluation { question: &question, pod: self.pod.clone(), is_routed: true, ..*self };
            call.to_host(&mut one, &target.host);
            answer.note(Some(by.clone()), None, format!("routes the call to {target}"));
            answer.notes.append(&mut one.notes);
            answer.endpoints.append(&mut one.endpoints);
            failures.extend(one.failure);
            if at == 0 {
                (answer.client, answer.destination) = (one.client, one.destination);
            }
        }
        let first = failures.iter().min().copied();
        let fails_everywhere = failures.len() == targets.len();
        (answer.failure, answer.partial_failure) = if fails_everywhere { (first, None) } else { (None, first) };
        answer.routed_to = targets;
    }

    fn to_host(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let from = &self.question.from;
        let resolve = |host: &str| self.mesh.indices().visible_service(from, host, self.question.port);
        let target = resolve_alias(host, &resolve);
        let found = target.and_then(|service| Some(Destination { service, port: service.port(self.question.port)? }));
        match found {
            Some(destination) => self.in_scope(answer, destination),
            None => self.out_of_scope(answer, host),
        }
    }

    fn in_scope(&self, answer: &mut CallAnswer<'m>, to: Destination<'m>) {
        let endpoints = self.endpoints(to);
        if self.is_by_address(to) { self.to_addresses(answer, endpoints, Way::Cluster(to)) } else { self.by_cluster(answer, to, endpoints) }
    }

    /// The call of these endpoints through the cluster of a destination.
    pub(super) fn by_cluster(&self, answer: &mut CallAnswer<'m>, to: Destination<'m>, endpoints: Vec<Endpoint<'m>>) {
        let (mesh, from) = (self.mesh, &self.question.from);
        let subset = self.question.subset.as_deref();
        let cluster = mesh.indices().cluster(from, to, subset, &self.every_endpoint(to));
        answer.destination = Some(to);
        answer.client.tls = cluster.tls;
        answer.client.unused_rules = self.unused_rules(to.service, &cluster);
        let is_subset_missing = cluster.lacks_subset;
        let labels = subset.and_then(|name| cluster.rule.as_ref()?.subset(name)).map(|subset| subset.labels.clone());
        let chosen: Vec<Endpoint<'m>> = match labels.filter(|_| !cluster.is_original_dst) {
            Some(labels) => endpoints.into_iter().filter(|endpoint| labels.selects(&endpoint.labels)).collect(),
            None => endpoints,
        };
        self.note_rule(answer, &cluster);
        if is_subset_missing {
            answer.failure = Some(Failure::NoCluster);
        } else {
            self.call_all(answer, from, Some(&cluster), chosen, Some(to.port.protocol));
        }
        answer.client.cluster = Some(cluster);
    }

    /// The result of a call outside the client's scope (S49).
    fn out_of_scope(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let from = &self.question.from;
        if matches!(from.kind, ClientKind::Gateway | ClientKind::Waypoint) {
            answer.note(None, None, "a gateway does not forward a call for which it has no cluster");
            answer.failure = Some(Failure::NoCluster);
            return;
        }
        answer.note(None, None, self.why_outside(host));
        let (endpoints, declared) = self.kubernetes_endpoints(host);
        if from.kind == ClientKind::Sidecar && !self.is_routed && self.headless(host).is_some() && !self.is_resolved(declared) {
            return self.to_addresses(answer, endpoints, Way::Unchanged(declared));
        }
        match self.mesh.indices().out_of_scope(from) {
            OutOfScope::Refused => {
                answer.note(
                    None,
                    Some(FieldPath::of("outboundTrafficPolicy.mode")),
                    "REGISTRY_ONLY refuses calls to hosts that are not in scope",
                );
                answer.failure = Some(Failure::UnknownDestination);
            }
            OutOfScope::Resolved(tls) if self.is_http(declared) => {
                let (tls_mode, sent_as) = match tls.map_or(TlsMode::Disable, |tls| tls.mode) {
                    TlsMode::Simple => (ClusterTls::Simple, SentAs::Tls),
                    TlsMode::Mutual => (ClusterTls::Mutual, SentAs::CustomMtls),
                    TlsMode::IstioMutual => (ClusterTls::IstioMutual, SentAs::Mtls),
                    TlsMode::Disable => (ClusterTls::Disable, SentAs::Plaintext),
                };
                answer.client.tls = tls_mode;
                let reached = endpoints.into_iter().map(|endpoint| self.reached(from, endpoint, sent_as, declared, None));
                answer.endpoints = reached.collect();
            }
            OutOfScope::Passes | OutOfScope::Resolved(_) => self.call_all(answer, from, None, endpoints, declared),
        }
    }

    /// Whether a call outside the client's scope is resolved by name.
    fn is_resolved(&self, declared: Option<Protocol>) -> bool {
        self.is_http(declared) && matches!(self.mesh.indices().out_of_scope(&self.question.from), OutOfScope::Resolved(_))
    }

    fn why_outside(&self, host: &str) -> String {
        let known: Vec<u16> = ports(self.mesh, host).iter().map(|port| port.number).collect();
        let port = self.question.port;
        if known.is_empty() {
            return format!("no object that was read defines the host {host}: no rule is evaluated");
        }
        if !known.contains(&port) {
            let list: Vec<String> = known.iter().map(ToString::to_string).collect();
            return format!("{host} has no port {port}, only {}: no rule is evaluated", list.join(", "));
        }
        format!("{host}:{port} is not in the client's scope (Sidecar, exportTo): no rule is evaluated")
    }
}
