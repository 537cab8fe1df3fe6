//! Calls to a host, through the client's proxy or without one.

use super::{
    addressed::Way,
    answer::{CallAnswer, Scheme},
    calling::{CallEvaluation, Routed, SentCall},
    names::ports,
};
use crate::{
    istio::{Protocol, ProtocolClass, RouteType, TlsMode},
    mesh::{
        Claim, Client, ClientKind, Cluster, ClusterTls, Destination, Endpoint, Failure, Known, OutOfScope, Resolution, SentAs, Service,
        resolve_alias,
    },
    object::FieldPath,
};

impl<'m> CallEvaluation<'_, 'm> {
    pub(super) fn host(&self, host: &str) -> CallAnswer<'m> {
        let mut answer = CallAnswer::empty(host);
        if let Some(entry) = self.mesh.allocated_at(host).next() {
            if self.mesh.indices().knows_allocated_addresses(&self.question.from) {
                return self.host(&entry.host);
            }
            let message =
                format!("istiod allocated {host}, which only ztunnel and sidecars that capture DNS know: nothing else has it (S234)");
            answer.note(Some(entry.id.clone()), None, message);
            answer.failure = Some(Failure::NothingThere);
            return answer;
        }
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
        self.note_machines(&mut answer);
        answer
    }

    /// A client without a proxy calls the endpoints that Kubernetes or DNS resolves the host to, whatever entries have the host (S270).
    fn call_without_proxy(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let from = Client { kind: ClientKind::None, ..self.question.from.clone() };
        if self.question.from.kind == ClientKind::None {
            answer.note(None, None, "the client has no proxy: the call is sent as the application makes it");
        }
        if self.fails_at_alias(answer, host) {
            return;
        }
        let (endpoints, protocol) = self.kubernetes_endpoints(host);
        self.call_all(answer, &from, None, endpoints, protocol);
    }

    /// The endpoints that Kubernetes knows for a host, regardless of any client's scope; an unknown endpoint if it knows none.
    fn kubernetes_endpoints(&self, host: &str) -> (Vec<Endpoint<'m>>, Option<Protocol>) {
        let known = resolve_alias(host, &|host| self.mesh.registry().kubernetes(host));
        let found = known.and_then(|service| Some(Destination { service, port: service.port(self.question.port)? }));
        if let Some(to) = found {
            return (self.addressed(to), Some(to.port.protocol));
        }
        if let Some(service) = known.and_then(|service| self.headless(&service.host)) {
            return (self.headless_endpoints(service), None);
        }
        let declared = self.mesh.registry().at(host).find_map(|service| service.port(self.question.port)).map(|port| port.protocol);
        (vec![Endpoint::unknown(host, self.question.port)], declared)
    }

    /// ztunnel evaluates no rule (S121): it uses HBONE if the endpoint accepts it, and otherwise passes the call on unchanged.
    fn call_by_ztunnel(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let (preferred, doubt) = self.known_to_ztunnel(host);
        if let Some(doubt) = doubt {
            let mut one = CallAnswer::empty(host);
            self.call_service_by_ztunnel(&mut one, host, preferred);
            *answer = one.undetermined(doubt);
            return;
        }
        self.call_service_by_ztunnel(answer, host, preferred);
    }

    /// A call of the service that ztunnel finds for a host, if it finds one.
    fn call_service_by_ztunnel(&self, answer: &mut CallAnswer<'m>, host: &str, preferred: Option<&'m Service<'m>>) {
        answer.client.tls = ClusterTls::Auto;
        let from = &self.question.from;
        let find = |other: &str| if other == host { preferred } else { self.known_to_ztunnel(other).0 };
        let known = resolve_alias(host, &find);
        let found = known.and_then(|service| Some((service, service.port(self.question.port)?)));
        if found.is_none() && self.fails_at_alias(answer, host) {
            return;
        }
        // ztunnel finds the Service by its address, and closes connections to a port that it does not have (S231, S244).
        if let Some(service) = known.filter(|service| found.is_none() && service.is_kubernetes() && !service.is_headless()) {
            let message =
                format!("ztunnel knows the Service by its address, and no port {} of it: the call fails (S244)", self.question.port);
            answer.note(Some(service.id.clone()), None, message);
            answer.failure = Some(Failure::NoEndpoint);
            return;
        }
        let Some((service, port)) = found else {
            let (endpoints, declared) = self.kubernetes_endpoints(host);
            return self.call_all(answer, from, None, endpoints, declared);
        };
        let to = Destination { service, port };
        let Some(waypoint) = self.mesh.indices().service_waypoint(service) else {
            self.call_all(answer, from, None, self.ztunnel_endpoints(to), Some(port.protocol));
            return self.note_slices(answer, service, port);
        };
        let message = "the service has a waypoint: ztunnel calls the waypoint over HBONE, and the waypoint calls the endpoints";
        answer.note(None, None, message);
        match self.mesh.indices().route_at_waypoint(&waypoint, to, self.route_type(Some(port.protocol))) {
            Some(routing) => self.call_routed_by_waypoint(answer, &waypoint, &routing),
            None => self.call_through_waypoint(answer, &waypoint, to, None),
        }
    }

    pub(super) fn call_by_proxy(&self, answer: &mut CallAnswer<'m>, host: &str) {
        let port = self.question.port;
        let target = self.visible_target(host);
        let declared = self.declared(host, target);
        let to = target.and_then(|target| self.known(&target.host)).filter(|to| !self.is_missed_by_name(*to));
        if let Some(taker) = to.and_then(|to| self.taker(to)) {
            let endpoints = to.map(|to| self.every_endpoint(to)).unwrap_or_default();
            return self.through_owner(answer, taker, declared, endpoints);
        }
        let route_type = self.route_type(declared);
        // Only HTTP requests contain the name that was called: TCP connections are routed by their address (S246, S284).
        let routed_host = match (target, route_type) {
            (Some(target), RouteType::Tcp) => target.host.as_str(),
            _ => host,
        };
        let indices = self.mesh.indices();
        let route = self.question.subset.is_none().then(|| indices.route(&self.question.from, routed_host, port, route_type)).flatten();
        match route {
            Some(routing) => {
                let is_app_tls = self.sends_tls(None, &self.question.from, declared);
                let is_http = route_type == RouteType::Http && !is_app_tls;
                self.call_routed(answer, &routing, Routed { is_app_tls, is_http, called: port });
            }
            None => self.to_host(answer, host, target),
        }
    }

    /// The protocol that the called port declares: that of the service behind an alias.
    fn declared(&self, host: &str, target: Option<&Service<'_>>) -> Option<Protocol> {
        let port = self.question.port;
        let seen = || Some(target?.port(port)?.protocol);
        let registered = || self.mesh.registry().at(host).filter(|service| service.is_called()).find_map(|service| service.port(port));
        seen().or_else(|| registered().map(|port| port.protocol))
    }

    /// The service that a host resolves to for the client. An alias is visible wherever its target is (S276), unless the Sidecar resource of
    /// a client that sends HTTP does not import it (S246).
    pub(super) fn visible_target(&self, host: &str) -> Option<&'m Service<'m>> {
        let (indices, from, port) = (self.mesh.indices(), &self.question.from, self.question.port);
        let visible = |host: &str| indices.visible_service(from, host, port).filter(|service| service.is_called());
        let alias = |host: &str| self.mesh.registry().at(host).find(|service| !service.is_called());
        let found = resolve_alias(host, &|host| visible(host).or_else(|| alias(host)))?;
        let is_http = found.port(port).is_some_and(|port| port.protocol.class() == ProtocolClass::Http);
        let is_known = || alias(host).is_none_or(|alias| indices.imports_alias(from, alias, found, port));
        (!is_http || found.host == *host || is_known()).then_some(found)
    }

    /// The protocol whose routes apply: that of the declared port; that of the application if none is declared. TLS routes apply to ports that
    /// declare TLS only.
    pub(super) fn route_type(&self, declared: Option<Protocol>) -> RouteType {
        match (declared.map(Protocol::class), self.question.scheme) {
            (Some(ProtocolClass::Http), _) | (Some(ProtocolClass::Auto) | None, Some(Scheme::Http) | None) => RouteType::Http,
            _ if declared == Some(Protocol::Tls) => RouteType::Tls,
            _ => RouteType::Tcp,
        }
    }

    pub(super) fn to_host(&self, answer: &mut CallAnswer<'m>, host: &str, target: Option<&'m Service<'m>>) {
        let (from, port) = (&self.question.from, self.question.port);
        let known = target.map_or(Known::Nothing, |target| self.mesh.indices().known(from, &target.host, port, self.routed.is_some()));
        match known {
            Known::Cluster(to) if self.is_missed_by_name(to) => {
                let why = format!(
                    "{}:{} is an HTTPS port of a host without an address, which only TLS with the name of the host matches (S240): the call is handled like one to an unknown host",
                    to.service.host, to.port.number
                );
                self.out_of_scope(answer, host, why);
            }
            Known::Cluster(to) => self.in_scope(answer, to),
            Known::NoCluster(by) => {
                let message = format!(
                    "declares port {port} of {host}, but another object with this host has the clusters, and it does not have the port (S279)"
                );
                answer.note(Some(by.id.clone()), None, message);
                answer.failure = Some(Failure::NoCluster);
            }
            // A route to what the client does not see has no cluster (S237, S286).
            Known::Nothing if self.routed.is_some() => {
                answer.note(None, None, format!("{host}:{} has no cluster in the client's proxy", self.question.port));
                answer.failure = Some(Failure::NoCluster);
            }
            Known::Nothing => {
                if let Some(seen) = target {
                    self.note_hidden_service(answer, seen);
                }
                self.out_of_scope(answer, host, self.why_outside(host));
            }
        }
    }

    /// Notes that an entry has the host of a Service, which clients that see the entry do not call (S231, S232).
    fn note_hidden_service(&self, answer: &mut CallAnswer<'m>, seen: &Service<'m>) {
        let hidden = self.mesh.registry().at(&seen.host).find(|one| one.is_kubernetes() && one.host == seen.host);
        if let Some(hidden) = hidden.filter(|_| !seen.is_kubernetes()) {
            let message = format!("has the host of {} and replaces it for this client, with its own ports and endpoints (S231)", hidden.id);
            answer.note(Some(seen.id.clone()), Some(FieldPath::of("spec.hosts")), message);
        }
    }

    /// The cluster that the client has for the port of a host.
    pub(super) fn known(&self, host: &str) -> Option<Destination<'m>> {
        match self.mesh.indices().known(&self.question.from, host, self.question.port, self.routed.is_some()) {
            Known::Cluster(to) => Some(to),
            Known::NoCluster(_) | Known::Nothing => None,
        }
    }

    /// Whether a call without TLS misses the filter chain of a TLS port, which is matched by SNI if the host has no address (S240).
    fn is_missed_by_name(&self, to: Destination<'_>) -> bool {
        let is_tls = self.question.scheme.is_none_or(|scheme| scheme == Scheme::Https);
        let is_direct = self.routed.is_none() && self.question.from.kind == ClientKind::Sidecar;
        is_direct && to.port.protocol == Protocol::Tls && to.service.is_without_address() && !is_tls
    }

    fn in_scope(&self, answer: &mut CallAnswer<'m>, to: Destination<'m>) {
        let all = self.every_endpoint(to);
        if self.is_by_address(to) {
            self.to_addresses(answer, self.only_named(to.service, all), Way::Cluster(to));
        } else {
            let cluster = self.mesh.indices().cluster(&self.question.from, to, self.question.subset.as_deref(), &all);
            self.through(answer, to, cluster, self.only_named(to.service, all));
        }
        self.call_unlisted(answer, to);
        self.note_slices(answer, to.service, to.port);
    }

    /// The call of these endpoints through the cluster of a destination.
    pub(super) fn through(&self, answer: &mut CallAnswer<'m>, to: Destination<'m>, cluster: Cluster<'m>, endpoints: Vec<Endpoint<'m>>) {
        let (from, subset) = (&self.question.from, self.question.subset.as_deref());
        answer.destination = Some(to);
        self.note_hidden_service(answer, to.service);
        answer.client.tls = cluster.tls;
        answer.client.unused_rules = self.unused_rules(to.service, &cluster);
        let is_subset_missing = cluster.lacks_subset;
        let labels = subset.and_then(|name| cluster.rule.as_ref()?.subset(name)).map(|subset| subset.labels.clone());
        let chosen: Vec<Endpoint<'m>> = match labels.filter(|_| !cluster.is_original_dst) {
            Some(labels) => endpoints.into_iter().filter(|endpoint| labels.selects(&endpoint.labels)).collect(),
            None => endpoints,
        };
        self.note_rule(answer, &cluster);
        // A DNS cluster without endpoints is not generated (S278).
        let is_empty_dns = chosen.is_empty() && subset.is_some() && to.service.resolution() == Resolution::Dns;
        if is_subset_missing || is_empty_dns {
            answer.failure = Some(Failure::NoCluster);
        } else {
            self.call_all(answer, from, Some(&cluster), chosen, Some(to.port.protocol));
        }
        answer.client.cluster = Some(cluster);
    }

    /// The result of a call outside the client's scope, which the client's proxy passes on as the application makes it (S49, S273, S275).
    fn out_of_scope(&self, answer: &mut CallAnswer<'m>, host: &str, why: String) {
        let from = &self.question.from;
        if matches!(from.kind, ClientKind::Gateway | ClientKind::Waypoint) {
            answer.note(None, None, "a gateway does not forward a call for which it has no cluster");
            answer.failure = Some(Failure::NoCluster);
            return;
        }
        let is_refused = matches!(self.mesh.indices().out_of_scope(from), OutOfScope::Refused);
        if !is_refused && self.fails_at_alias(answer, host) {
            return;
        }
        answer.note(None, None, why);
        let is_known = || self.mesh.registry().at(host).any(|service| service.port(self.question.port).is_some());
        if from.kind == ClientKind::Proxyless && is_known() {
            answer.note(None, None, "a proxyless gRPC client passes nothing on: without a cluster the name is not resolved (S268)");
            answer.failure = Some(Failure::NoCluster);
            return;
        }
        let (endpoints, declared) = self.kubernetes_endpoints(host);
        if let Some(owner) = self.owner_of_range(host) {
            return self.through_owner(answer, (owner, Claim::Address), declared, endpoints);
        }
        if let Some(owner) = self.owner_of_port(declared).filter(|_| self.headless(host).is_none()) {
            return self.through_owner(answer, (owner, Claim::Port), declared, endpoints);
        }
        if from.kind == ClientKind::Sidecar && self.routed.is_none() && self.headless(host).is_some() && !self.is_resolved(declared) {
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
                let reached = endpoints
                    .into_iter()
                    .map(|endpoint| self.reached(from, endpoint, SentCall { sent_as, is_app_tls: false }, declared, None));
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
        let port = self.question.port;
        let target = resolve_alias(host, &|host| self.mesh.registry().at(host).next());
        if let Some(target) = target.filter(|target| target.host != *host && target.port(port).is_none()) {
            let known: Vec<String> = target.ports.iter().map(|port| port.number.to_string()).collect();
            let known = known.join(", ");
            return format!("{host} is an alias of {}, which has no port {port}, only {known}: no rule is evaluated", target.host);
        }
        let known: Vec<u16> = ports(self.mesh, host).iter().map(|port| port.number).collect();
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
