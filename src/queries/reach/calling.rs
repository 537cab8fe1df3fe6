//! Shared by all kinds of calls: what is sent to each endpoint, and the result there.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use super::{
    answer::{CallAnswer, CallQuestion, EndpointAnswer, Note, Scheme},
    bypass::bypass,
};
use crate::{
    istio::{DestinationRule, PodSpec, Protocol, ProtocolClass},
    mesh::{
        CallProperties, Client, ClientKind, Cluster, ClusterTls, Destination, Endpoint, Failure, FoundBy, HeadlessPod, Mesh, Resolution,
        SentAs, Service, ServiceSource, TrailOutcome, Verdict, host_matches,
    },
    object::{FieldPath, Text},
};

/// A call to evaluate in a mesh.
pub(super) struct CallEvaluation<'q, 'm> {
    pub(super) mesh: &'m Mesh<'m>,
    pub(super) question: &'q CallQuestion<'m>,
    pub(super) listing: Listing,
    /// The pod of a headless Service that the client calls by its name, if it does.
    pub(super) pod: Option<HeadlessPod<'m>>,
    /// The route by which the call comes here, whose cluster is used whatever listener has the address; `None` for the call as the
    /// application makes it.
    pub(super) routed: Option<Routed>,
}

/// A call that a `VirtualService` routes: the application sends what the port that it calls declares, wherever the call goes (S236).
#[derive(Clone, Copy, Debug)]
pub(super) struct Routed {
    /// Whether the application originates TLS itself.
    pub(super) is_app_tls: bool,
    /// Whether a proxy parses the call as HTTP.
    pub(super) is_http: bool,
    /// The port that the application calls.
    pub(super) called: u16,
}

/// What is sent to an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentCall {
    pub(super) sent_as: SentAs,
    /// Whether the application originates TLS itself.
    pub(super) is_app_tls: bool,
}

/// Which endpoints an answer lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    Every,
    /// One for all instances of a class.
    OnePerClass,
}

impl<'m> CallEvaluation<'_, 'm> {
    /// Whether the application sends HTTP: as requested, otherwise as declared. Undeclared and detected protocols count.
    pub(super) fn is_http(&self, declared: Option<Protocol>) -> bool {
        match self.question.scheme {
            Some(scheme) => scheme == Scheme::Http,
            None => declared.is_none_or(|protocol| matches!(protocol.class(), ProtocolClass::Http | ProtocolClass::Auto)),
        }
    }

    /// Whether the application originates TLS: as requested, otherwise as the port that it calls declares.
    pub(super) fn sends_tls(&self, to: Option<Destination<'_>>, from: &Client<'_>, declared: Option<Protocol>) -> bool {
        match (self.question.scheme, self.routed, to) {
            (Some(scheme), ..) => scheme == Scheme::Https,
            (None, Some(routed), _) => routed.is_app_tls,
            (None, None, Some(to)) => self.mesh.indices().sends_app_tls(from, &to.service.host, to.port),
            (None, None, None) => declared == Some(Protocol::Tls),
        }
    }

    pub(super) fn call_all(
        &self,
        answer: &mut CallAnswer<'m>,
        from: &Client<'_>,
        cluster: Option<&Cluster<'_>>,
        endpoints: Vec<Endpoint<'m>>,
        protocol: Option<Protocol>,
    ) {
        let names = cluster.map(|cluster| self.mesh.indices().accepted_names(from, cluster, &endpoints)).unwrap_or_default();
        let mut known: BTreeMap<(usize, u16), EndpointAnswer<'m>> = BTreeMap::new();
        let destination = answer.destination;
        let mut call = |endpoint: Endpoint<'m>| {
            let class = self.mesh.class_of(&endpoint);
            let same = class.and_then(|class| known.get(&class)).filter(|same| same.endpoint.is_same_server(&endpoint));
            if let Some(same) = same {
                return EndpointAnswer { endpoint, ..same.clone() };
            }
            let is_app_tls = self.sends_tls(destination, from, protocol.or_else(|| self.mesh.declared_at(&endpoint)));
            let sent_as = self.mesh.sent_as(from, cluster, &endpoint, is_app_tls);
            // The application may present the mesh's certificate (S248).
            let has_certificate = sent_as == SentAs::AppTls && from.outputs_certificates(self.mesh.indices());
            let (sent_as, is_app_tls) = if has_certificate { (SentAs::CustomMtls, false) } else { (sent_as, is_app_tls) };
            let mut answer = self.reached(from, endpoint, SentCall { sent_as, is_app_tls }, protocol, Some(&names));
            if self.is_known_plaintext(from, destination, cluster, is_app_tls) && self.refuses_plaintext(&answer.endpoint) {
                answer.evaluation = answer.evaluation.refusing_plaintext();
            }
            if let Some(cluster) = cluster {
                answer.evaluation.verdict = cluster.with_usable_ca(from.kind, sent_as, answer.evaluation.verdict);
            }
            if let Some(class) = class {
                known.insert(class, answer.clone());
            }
            answer
        };
        let all = endpoints.len();
        let there = endpoints.into_iter().filter(|endpoint| endpoint.found_by != FoundBy::Nothing);
        answer.endpoints = there.map(&mut call).collect();
        if answer.endpoints.len() < all {
            let failure = Some(Failure::NothingThere);
            (answer.failure, answer.partial_failure) = if answer.endpoints.is_empty() { (failure, None) } else { (None, failure) };
            answer.note(
                None,
                None,
                "nothing has the name and port of an endpoint: DNS does not resolve it, or its Service lacks the port (S243)",
            );
        }
        let is_on_host_network = from.instance.is_some_and(|(_, instance)| instance.spec.is_some_and(PodSpec::is_on_host_network));
        let is_denied = |one: &EndpointAnswer<'_>| one.evaluation.verdict == Verdict::Fail(Failure::HboneRequired);
        if is_on_host_network && answer.endpoints.iter().any(is_denied) {
            answer.note(None, None, "on the client's own node the call still succeeds, in plaintext: host processes bypass ztunnel (S120)");
        }
    }

    /// The result of a call to one endpoint; if `names` is given, checked against the identities that the client accepts.
    pub(super) fn reached(
        &self,
        from: &Client<'_>,
        endpoint: Endpoint<'m>,
        SentCall { sent_as, is_app_tls }: SentCall,
        protocol: Option<Protocol>,
        names: Option<&[Text]>,
    ) -> EndpointAnswer<'m> {
        let mesh = self.mesh;
        let at = mesh.declared_at(&endpoint);
        let call = CallProperties {
            client: from.kind,
            is_not_http: self.question.scheme == Some(Scheme::Tcp),
            is_app_tls,
            is_server_first: at.or(protocol) == Some(Protocol::Mysql),
        };
        let evaluation = match names {
            Some(names) => mesh.evaluate_with_identity(from, || names, &endpoint, sent_as, call),
            None => mesh.evaluate(&endpoint, sent_as, call),
        };
        EndpointAnswer { endpoint, sent_as, is_app_tls, evaluation }
    }

    /// Whether the bytes that reach the application are known to be plaintext: a route parses them as HTTP, a gateway terminated their TLS, or
    /// the question names the protocol; and no proxy originates TLS for them (S236, S239).
    fn is_known_plaintext(&self, from: &Client<'_>, to: Option<Destination<'_>>, cluster: Option<&Cluster<'_>>, is_app_tls: bool) -> bool {
        let is_originated = cluster.is_some_and(|cluster| matches!(cluster.tls, ClusterTls::Simple | ClusterTls::Mutual));
        let is_terminated = || {
            let parses = |to: Destination<'_>| self.mesh.indices().routes().is_parsed_by_gateways(&to.service.host, to.port.number);
            from.kind == ClientKind::Gateway && to.is_some_and(parses)
        };
        let is_named = self.question.scheme.is_some_and(|scheme| scheme != Scheme::Https);
        !is_app_tls && !is_originated && (is_named || self.routed.is_some_and(|routed| routed.is_http) || is_terminated())
    }

    /// Whether the server of an endpoint is known to accept only TLS.
    fn refuses_plaintext(&self, endpoint: &Endpoint<'_>) -> bool {
        endpoint.server.is_some_and(|(_, instance)| self.mesh.known_tls_server(instance, endpoint.port).is_some())
    }

    /// Whether the call bypasses the client's proxy (S51).
    pub(super) fn bypasses(&self, addresses: &[IpAddr], answer: &mut CallAnswer<'m>) -> bool {
        let Some((_, instance)) = self.question.from.instance.filter(|_| self.question.from.kind == ClientKind::Sidecar) else {
            return false;
        };
        let Some(by) = bypass(instance.annotations, self.question.port, addresses) else { return false };
        answer.note(None, None, format!("the annotation {by} makes the call bypass the proxy: it is sent as the application makes it"));
        answer.bypasses_proxy = true;
        true
    }

    /// The known addresses that a client would dial for a host.
    pub(super) fn addresses(&self, host: &str) -> Vec<IpAddr> {
        let mesh = self.mesh;
        let pods = |service: &Service<'_>| -> Vec<Text> {
            let endpoints = service.port(self.question.port).map(|port| mesh.endpoints(service, port)).unwrap_or_default();
            endpoints.iter().filter_map(|endpoint| mesh.address_of(endpoint).cloned()).collect()
        };
        let declared = mesh.registry().at(host).flat_map(|service| match service.source {
            ServiceSource::Service(_) if service.resolution() == Resolution::Passthrough => pods(service),
            ServiceSource::Service(body) => vec![body.address().clone()],
            ServiceSource::Entry(body) => body.single_addresses().map(Text::from).collect(),
        });
        declared.filter_map(|address| address.parse().ok()).collect()
    }

    pub(super) fn note_rule(&self, answer: &mut CallAnswer<'m>, cluster: &Cluster<'m>) {
        let first = cluster.rule.as_ref().and_then(|rule| rule.from.first());
        let decides = self.mesh.indices().deciding_field(cluster, self.question.port, self.question.subset.as_deref());
        match (first, cluster.configured, decides) {
            (_, Some(mode), Some((rule, field))) => answer.note(Some(rule), Some(field), format!("sets {mode} for this port")),
            (Some(rule), ..) => {
                answer.note(Some(rule.id.clone()), None, "is in force and sets no TLS: automatic mTLS decides");
            }
            (None, ..) => answer.note(None, None, "no DestinationRule is in force: automatic mTLS decides"),
        }
        if let Some(why) = cluster.auto_mtls_off {
            answer.note(None, None, format!("automatic mTLS is off here: {}", why.cause()));
        }
        if cluster.is_original_dst && cluster.tls == ClusterTls::Auto {
            answer.note(None, None, "the client connects to the address of the endpoint itself, so every connection gets mTLS (S75)");
        }
        for rule in answer.client.unused_rules.clone() {
            let message = "matches the host, but is not in force for this client".to_owned();
            answer.notes.push(Note {
                object: Some(rule.id.clone()),
                field: Some(FieldPath::of("spec.host")),
                message,
                outcome: TrailOutcome::Overridden,
            });
        }
    }

    /// Rules of the client's, the service's and the root namespace that match the host and are not in force.
    pub(super) fn unused_rules(&self, service: &Service<'_>, cluster: &Cluster<'m>) -> Vec<&'m DestinationRule> {
        let root = &self.mesh.control_planes().of_revision(&self.question.from.revision).root_namespace;
        let used: Vec<_> = cluster.rule.iter().flat_map(|rule| &rule.from).map(|rule| &rule.id).collect();
        let namespaces = BTreeSet::from([self.question.from.namespace.as_str(), service.id.namespace.as_str(), root.as_str()]);
        let rules = namespaces.into_iter().flat_map(|namespace| self.mesh.indices().destination_rules_in(namespace));
        rules.filter(|rule| host_matches(&rule.resolved_host(), &service.host) && !used.contains(&&rule.id)).collect()
    }
}
