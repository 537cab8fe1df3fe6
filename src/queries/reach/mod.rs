//! Will a client reach a destination: over mTLS, in plaintext, or not at all, and why?

mod why;

use std::{collections::BTreeSet, net::IpAddr};

pub use why::why;

use crate::{
    istio::{self, Class, DestinationRule, PodSpec, Protocol, Protocols, ServiceType, TlsMode},
    mesh::{
        Call, Client, ClientKind, Cluster, ClusterTls, Destination, Endpoint, Failure, Instance, Judgement, Mesh, Outcome, Outside, Port,
        Resolution, RouteTarget, Service, Source, Verdict, Wire, Workload, host_matches,
    },
    object::{FieldPath, Labels, Text},
};

/// What a client calls.
#[derive(Clone, Debug)]
pub enum To<'m> {
    /// A host as the application names it.
    Host(String),
    /// The addresses of a workload's pods, or of one of them.
    Pods(&'m Workload<'m>, Option<Text>),
}

/// What the application speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Any HTTP.
    Http,
    /// TLS of its own.
    Https,
    /// Something else.
    Tcp,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question<'m> {
    /// Who calls.
    pub from: Client<'m>,
    /// Whom.
    pub to: To<'m>,
    /// At which port: of the service, or of the workload where its pods are called.
    pub port: u16,
    /// Which subset.
    pub subset: Option<String>,
    /// What the application speaks; `None` for what the port declares.
    pub scheme: Option<Scheme>,
}

/// The answer.
#[derive(Debug)]
pub struct Reach<'m> {
    /// The host that was called.
    pub host: String,
    /// Which rule the client uses, and what its proxy does.
    pub client: ClientSide<'m>,
    /// Every endpoint, and what comes of a call to it.
    pub endpoints: Vec<Reached<'m>>,
    /// The service and port that the client's proxy makes of it; `None` where it knows none.
    pub destination: Option<Destination<'m>>,
    /// Where a `VirtualService` leads the call; empty where none does.
    pub led_to: Vec<RouteTarget>,
    /// What fails at some of these destinations before any endpoint is called.
    pub failure_of_some: Option<Failure>,
    /// What fails before any endpoint is called.
    pub failure: Option<Failure>,
    /// What was found on the way, in order.
    pub notes: Vec<Note>,
}

/// The client's side of an answer.
#[derive(Debug)]
pub struct ClientSide<'m> {
    /// The cluster; `None` where no rule is looked at.
    pub cluster: Option<Cluster<'m>>,
    /// What the proxy does.
    pub tls: ClusterTls,
    /// Rules that match the host and are not in force.
    pub others: Vec<&'m DestinationRule>,
}

/// An endpoint, and what comes of a call to it.
#[derive(Debug)]
pub struct Reached<'m> {
    /// The endpoint.
    pub endpoint: Endpoint<'m>,
    /// What is sent.
    pub wire: Wire,
    /// What comes of it.
    pub judgement: Judgement<'m>,
}

/// Something that decided, and the object that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The object.
    pub object: Option<crate::object::Id>,
    /// Its field.
    pub field: Option<FieldPath>,
    /// What it comes to.
    pub says: String,
    /// Whether it counts.
    pub outcome: Outcome,
}

/// The result of the whole (S104).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Result {
    /// The same at every endpoint.
    All(Verdict),
    /// Endpoints differ.
    Mixed,
    /// There is nobody to call.
    NoEndpoints,
}

impl Reach<'_> {
    /// The result of the whole.
    #[must_use]
    pub fn result(&self) -> Result {
        if let Some(failure) = self.failure {
            return Result::All(Verdict::Fail(failure));
        }
        if self.failure_of_some.is_some() && !self.endpoints.is_empty() {
            return Result::Mixed;
        }
        let word = |verdict: Verdict| if matches!(verdict, Verdict::Fail(_)) { Verdict::Fail(Failure::F1) } else { verdict };
        match self.endpoints.as_slice() {
            [] => Result::NoEndpoints,
            [first, rest @ ..] if rest.iter().all(|one| word(one.judgement.verdict) == word(first.judgement.verdict)) => {
                Result::All(first.judgement.verdict)
            }
            _ => Result::Mixed,
        }
    }

    /// The lowest failure of any endpoint.
    #[must_use]
    pub fn code(&self) -> Option<Failure> {
        let of = |reached: &Reached<'_>| if let Verdict::Fail(failure) = reached.judgement.verdict { Some(failure) } else { None };
        self.failure.or_else(|| self.endpoints.iter().filter_map(of).chain(self.failure_of_some).min())
    }
}

/// The registered host that a name means (S53): itself, else the Service that Kubernetes would find under it.
#[must_use]
pub fn host(mesh: &Mesh<'_>, namespace: &str, name: &str) -> String {
    if mesh.registry().at(name).next().is_some() {
        return name.to_owned();
    }
    let candidate = match name.split('.').collect::<Vec<_>>().as_slice() {
        [service] => mesh.cluster_domain().service(namespace, service),
        [service, namespace] | [service, namespace, "svc"] => mesh.cluster_domain().service(namespace, service),
        _ => return name.to_owned(),
    };
    if mesh.registry().at(&candidate).next().is_some() { candidate.to_string() } else { name.to_owned() }
}

/// Answers a question.
#[must_use]
pub fn reach<'m>(mesh: &'m Mesh<'m>, question: &Question<'m>) -> Reach<'m> {
    let call = Calling { mesh, question };
    match &question.to {
        To::Host(host) => call.host(host),
        To::Pods(workload, pod) => call.pods(workload, pod.as_ref()),
    }
}

struct Calling<'q, 'm> {
    mesh: &'m Mesh<'m>,
    question: &'q Question<'m>,
}

impl<'m> Calling<'_, 'm> {
    fn host(&self, host: &str) -> Reach<'m> {
        let mut answer = Reach::untouched(host);
        match self.question.from.kind {
            ClientKind::None => self.past_the_mesh(&mut answer, host),
            ClientKind::Ambient => self.by_ztunnel(&mut answer, host),
            ClientKind::Sidecar | ClientKind::Gateway | ClientKind::Waypoint | ClientKind::Proxyless => {
                if self.bypasses(&self.addresses(host), &mut answer) {
                    self.past_the_mesh(&mut answer, host);
                } else {
                    self.by_proxy(&mut answer, host);
                }
            }
        }
        answer
    }

    /// A client without proxy calls whatever Kubernetes, or DNS, gives it.
    fn past_the_mesh(&self, answer: &mut Reach<'m>, host: &str) {
        let from = Client { kind: ClientKind::None, ..self.question.from.clone() };
        if self.question.from.kind == ClientKind::None {
            answer.note(None, None, "no proxy sends the call: it leaves as the application makes it");
        }
        let (endpoints, protocol) = self.what_kubernetes_picks(host);
        self.call_all(answer, &from, None, endpoints, protocol);
    }

    /// The endpoints that Kubernetes knows for a host, whoever sees it.
    fn what_kubernetes_picks(&self, host: &str) -> (Vec<Endpoint<'m>>, Option<Protocol>) {
        let known = Self::aliased(host, &|host| self.mesh.registry().at(host).find(|service| service.is_kubernetes()));
        let found = known.and_then(|service| Some((service, service.port(self.question.port)?)));
        if let Some((service, port)) = found {
            return (self.mesh.endpoints(service, port), Some(port.protocol));
        }
        let declared = self.mesh.registry().at(host).find_map(|service| service.port(self.question.port)).map(|port| port.protocol);
        (vec![Endpoint::unknown(self.question.port)], declared)
    }

    /// Follows other names of a host to the service itself (S79); a circle leads nowhere.
    fn aliased(host: &str, find: &dyn Fn(&str) -> Option<&'m Service<'m>>) -> Option<&'m Service<'m>> {
        let mut service = find(host)?;
        for _ in 0..8 {
            match service.source {
                Source::Service(istio::Service { kind: ServiceType::ExternalName(other), .. }) => service = find(other)?,
                Source::Service(_) | Source::Entry(_) => return Some(service),
            }
        }
        None
    }

    /// ztunnel looks at no rule (S121): HBONE where the endpoint takes it, else as the application wrote it.
    fn by_ztunnel(&self, answer: &mut Reach<'m>, host: &str) {
        answer.client.tls = ClusterTls::Auto;
        let from = &self.question.from;
        let registry = self.mesh.registry();
        let preferred = |host: &str| {
            let is_own = |service: &&Service<'_>| (!service.is_kubernetes(), service.id.namespace != from.namespace);
            registry.at(host).min_by_key(is_own)
        };
        let found = Self::aliased(host, &preferred).and_then(|service| Some((service, service.port(self.question.port)?)));
        let Some((service, port)) = found else {
            return self.call_all(answer, from, None, vec![Endpoint::unknown(self.question.port)], None);
        };
        let endpoints = self.mesh.endpoints(service, port);
        match self.mesh.indices().service_waypoint(service) {
            Some(waypoint) => {
                answer.note(None, None, "the service has a waypoint: ztunnel calls that over HBONE, and it calls the endpoints");
                let cluster = self.mesh.cluster(&waypoint, Destination { service, port }, None, &endpoints);
                self.call_all(answer, &waypoint, Some(&cluster), endpoints, Some(port.protocol));
            }
            None => self.call_all(answer, from, None, endpoints, Some(port.protocol)),
        }
    }

    fn by_proxy(&self, answer: &mut Reach<'m>, host: &str) {
        let indices = self.mesh.indices();
        let led =
            self.question.subset.is_none().then(|| indices.route(&self.question.from, host, self.question.port, self.protocols(host)));
        match led.flatten() {
            Some((by, targets)) => self.led(answer, by, targets),
            None => self.to_host(answer, host),
        }
    }

    /// Which routes count: those of what the port declares, or of what the client speaks where that is open.
    fn protocols(&self, host: &str) -> Protocols {
        let declared = self.mesh.registry().at(host).find_map(|service| service.port(self.question.port)).map(|port| port.protocol);
        match (declared.map(Protocol::class), self.question.scheme) {
            (Some(Class::Http), _) | (Some(Class::Auto) | None, Some(Scheme::Http) | None) => Protocols::Http,
            (_, Some(Scheme::Https)) => Protocols::Tls,
            _ if declared == Some(Protocol::Tls) => Protocols::Tls,
            _ => Protocols::Tcp,
        }
    }

    /// A call that a `VirtualService` leads elsewhere: the endpoints of every destination are what it may reach.
    fn led(&self, answer: &mut Reach<'m>, by: &crate::object::Id, targets: Vec<RouteTarget>) {
        let mut failures = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            let subset = target.subset.as_ref().map(ToString::to_string);
            let question = Question { port: target.port, subset, ..self.question.clone() };
            let mut one = Reach::untouched(&target.host);
            Calling { mesh: self.mesh, question: &question }.to_host(&mut one, &target.host);
            answer.note(Some(by.clone()), None, format!("leads the call to {target}"));
            answer.notes.append(&mut one.notes);
            answer.endpoints.append(&mut one.endpoints);
            failures.extend(one.failure);
            if at == 0 {
                (answer.client, answer.destination) = (one.client, one.destination);
            }
        }
        let first = failures.iter().min().copied();
        let fails_everywhere = failures.len() == targets.len();
        (answer.failure, answer.failure_of_some) = if fails_everywhere { (first, None) } else { (None, first) };
        answer.led_to = targets;
    }

    fn to_host(&self, answer: &mut Reach<'m>, host: &str) {
        let from = &self.question.from;
        let see = |host: &str| self.mesh.indices().visible_service(from, host, self.question.port);
        let target = Self::aliased(host, &see);
        let found = target.and_then(|service| Some(Destination { service, port: service.port(self.question.port)? }));
        match found {
            Some(destination) => self.in_scope(answer, destination),
            None => self.out_of_scope(answer, host),
        }
    }

    fn in_scope(&self, answer: &mut Reach<'m>, to: Destination<'m>) {
        let (mesh, from) = (self.mesh, &self.question.from);
        let subset = self.question.subset.as_deref();
        let all = mesh.endpoints(to.service, to.port);
        let cluster = mesh.cluster(from, to, subset, &all);
        answer.destination = Some(to);
        answer.client.tls = cluster.tls;
        answer.client.others = self.others(to.service, &cluster);
        let lacks = cluster.lacks_subset;
        let labels = subset.and_then(|name| cluster.rule.as_ref()?.subset(name)).map(|subset| subset.labels.clone());
        let chosen: Vec<Endpoint<'m>> = match labels.filter(|_| !cluster.is_original_dst) {
            Some(labels) => all.into_iter().filter(|endpoint| labels.selects(&endpoint.labels)).collect(),
            None => all,
        };
        self.tell_rule(answer, &cluster);
        if lacks {
            answer.failure = Some(Failure::F12);
        } else {
            self.call_all(answer, from, Some(&cluster), chosen, Some(to.port.protocol));
        }
        answer.client.cluster = Some(cluster);
    }

    fn tell_rule(&self, answer: &mut Reach<'m>, cluster: &Cluster<'m>) {
        let first = cluster.rule.as_ref().and_then(|rule| rule.from.first());
        let decides = self.mesh.indices().deciding_field(cluster, self.question.port, self.question.subset.as_deref());
        match (first, cluster.configured, decides) {
            (_, Some(mode), Some((rule, field))) => answer.note(Some(rule), Some(field), format!("sets {mode} for this port")),
            (Some(rule), ..) => {
                answer.note(Some(rule.id.clone()), None, "is the rule in force and sets no tls: automatic mTLS decides");
            }
            (None, ..) => answer.note(None, None, "no DestinationRule is in force: automatic mTLS decides"),
        }
        if let Some(why) = cluster.auto_off {
            answer.note(None, None, format!("automatic mTLS is off here: {}", why.cause()));
        }
        if cluster.is_original_dst && cluster.tls == ClusterTls::Auto {
            answer.note(None, None, "the address that was dialled is the endpoint, so every connection gets mTLS (S75)");
        }
        for rule in answer.client.others.clone() {
            let says = "matches the host and is not in force for this client".to_owned();
            answer.notes.push(Note {
                object: Some(rule.id.clone()),
                field: Some(FieldPath::of("spec.host")),
                says,
                outcome: Outcome::Beaten,
            });
        }
    }

    /// Rules of the client's, the service's and the root namespace that match the host and lost.
    fn others(&self, service: &Service<'_>, cluster: &Cluster<'m>) -> Vec<&'m DestinationRule> {
        let root = &self.mesh.control_planes().of_revision(&self.question.from.revision).root_namespace;
        let used: Vec<_> = cluster.rule.iter().flat_map(|rule| &rule.from).map(|rule| &rule.id).collect();
        let near = BTreeSet::from([self.question.from.namespace.as_str(), service.id.namespace.as_str(), root.as_str()]);
        let rules = near.into_iter().flat_map(|namespace| self.mesh.indices().destination_rules_in(namespace));
        rules.filter(|rule| host_matches(&rule.resolved_host(), &service.host) && !used.contains(&&rule.id)).collect()
    }

    /// What becomes of a call to something the client does not see (S49).
    fn out_of_scope(&self, answer: &mut Reach<'m>, host: &str) {
        let from = &self.question.from;
        if matches!(from.kind, ClientKind::Gateway | ClientKind::Waypoint) {
            answer.note(None, None, "a gateway passes nothing on that it has no cluster for");
            answer.failure = Some(Failure::F12);
            return;
        }
        answer.note(None, None, self.why_outside(host));
        let (endpoints, declared) = self.what_kubernetes_picks(host);
        match self.mesh.indices().outside(from) {
            Outside::Refused => {
                answer.note(None, Some(FieldPath::of("outboundTrafficPolicy.mode")), "REGISTRY_ONLY refuses what is not in scope");
                answer.failure = Some(Failure::F9);
            }
            Outside::Resolved(tls) if self.is_http(declared) => {
                let (does, wire) = match tls.map_or(TlsMode::Disable, |tls| tls.mode) {
                    TlsMode::Simple => (ClusterTls::Simple, Wire::Tls),
                    TlsMode::Mutual => (ClusterTls::Mutual, Wire::CustomMtls),
                    TlsMode::IstioMutual => (ClusterTls::IstioMutual, Wire::Mtls),
                    TlsMode::Disable => (ClusterTls::Disable, Wire::Plaintext),
                };
                answer.client.tls = does;
                let reached = endpoints.into_iter().map(|endpoint| self.reached(from, endpoint, wire, declared, None));
                answer.endpoints = reached.collect();
            }
            Outside::Passes | Outside::Resolved(_) => self.call_all(answer, from, None, endpoints, declared),
        }
    }

    fn why_outside(&self, host: &str) -> String {
        let known: Vec<u16> = ports(self.mesh, host).iter().map(|port| port.number).collect();
        let port = self.question.port;
        if known.is_empty() {
            return format!("nothing that was read has the host {host}: no rule is looked at");
        }
        if !known.contains(&port) {
            let list: Vec<String> = known.iter().map(ToString::to_string).collect();
            return format!("{host} has no port {port}, only {}: no rule is looked at", list.join(", "));
        }
        format!("{host}:{port} is not in the client's scope (Sidecar, exportTo): no rule is looked at")
    }

    /// Whether the application speaks HTTP, as far as that can be told: a host that nobody declares is taken for one that does.
    fn is_http(&self, declared: Option<Protocol>) -> bool {
        match self.question.scheme {
            Some(scheme) => scheme == Scheme::Http,
            None => declared.is_none_or(|protocol| matches!(protocol.class(), Class::Http | Class::Auto)),
        }
    }

    /// Calls to pods by their own addresses (S50, S98, S122).
    fn pods(&self, workload: &'m Workload<'m>, pod: Option<&Text>) -> Reach<'m> {
        let (mesh, from, port) = (self.mesh, &self.question.from, self.question.port);
        let mut answer = Reach::untouched(&workload.subject.name);
        let endpoints = mesh.endpoints_of(workload, pod, port);
        answer.host = pod.unwrap_or(&workload.subject.name).to_string();
        match from.kind {
            ClientKind::Gateway | ClientKind::Waypoint => {
                answer.note(None, None, "a gateway calls services, never the address of a pod");
                answer.failure = Some(Failure::F12);
            }
            ClientKind::None => {
                answer.note(None, None, "no proxy sends the call: it leaves as the application makes it");
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
                    let bare = Client { kind: ClientKind::None, ..from.clone() };
                    self.call_all(&mut answer, &bare, None, endpoints, None);
                } else {
                    self.pods_by_sidecar(&mut answer, workload, endpoints);
                }
            }
        }
        answer
    }

    fn pods_by_sidecar(&self, answer: &mut Reach<'m>, workload: &'m Workload<'m>, endpoints: Vec<Endpoint<'m>>) {
        let from = &self.question.from;
        if let Some(to) = self.listener_for(workload, &endpoints) {
            answer.note(Some(to.service.id.clone()), None, "has a listener for the pod's own address, so the call becomes one to it");
            let cluster = self.mesh.cluster(from, to, None, &self.mesh.endpoints(to.service, to.port));
            answer.client.tls = cluster.tls;
            answer.client.others = self.others(to.service, &cluster);
            self.tell_rule(answer, &cluster);
            self.call_all(answer, from, Some(&cluster), endpoints, Some(to.port.protocol));
            answer.client.cluster = Some(cluster);
            return;
        }
        if from.kind == ClientKind::Sidecar && workload.pods() <= 1 && from.instance.is_some_and(|(own, _)| own.subject == workload.subject)
        {
            answer.note(None, None, "a pod that calls itself passes by both its listeners");
            answer.endpoints = endpoints.into_iter().map(|endpoint| self.to_itself(endpoint)).collect();
            return;
        }
        if self.mesh.indices().outside(from) == Outside::Refused {
            answer.note(None, Some(FieldPath::of("outboundTrafficPolicy.mode")), "REGISTRY_ONLY refuses the address of a pod");
            answer.failure = Some(Failure::F9);
            return;
        }
        answer.note(None, None, "the address of a pod is in no client's scope: the call passes as the application made it (S50)");
        self.call_all(answer, from, None, endpoints, None);
    }

    fn to_itself(&self, endpoint: Endpoint<'m>) -> Reached<'m> {
        let is_app_tls = self.question.scheme == Some(Scheme::Https);
        let wire = if is_app_tls { Wire::AppTls } else { Wire::Plaintext };
        let verdict = if is_app_tls { Verdict::Tls } else { Verdict::Plaintext };
        let mut reached = self.reached(&self.question.from, endpoint, wire, None, None);
        reached.judgement.verdict = verdict;
        reached
    }

    /// The service whose listener takes calls to the pods' own addresses: one that lists the address, or a headless one; and not HTTP (S50, S76).
    fn listener_for(&self, workload: &Workload<'_>, endpoints: &[Endpoint<'_>]) -> Option<Destination<'m>> {
        let (mesh, from, port) = (self.mesh, &self.question.from, self.question.port);
        if from.kind != ClientKind::Sidecar || from.instance.is_some_and(|(own, _)| own.subject == workload.subject) {
            return None;
        }
        let addresses: Vec<&Text> = endpoints.iter().filter_map(|endpoint| mesh.address_of(endpoint)).collect();
        let listens = |service: &&'m Service<'m>| match service.source {
            Source::Entry(body) => body.addresses().iter().any(|address| addresses.contains(&address)),
            Source::Service(_) => {
                let is_here = service.id.namespace == workload.subject.namespace && service.resolution() == Resolution::Passthrough;
                let known = || service.port(port).map(|port| mesh.endpoints(service, port)).unwrap_or_default();
                is_here && known().iter().any(|known| known.pod.is_some() && endpoints.iter().any(|endpoint| known.pod == endpoint.pod))
            }
        };
        let seen = |service: &'m Service<'m>| {
            let to = Destination { service, port: service.port(port).filter(|port| port.protocol.class() != Class::Http)? };
            mesh.destination(from, &service.host, port).filter(|seen| seen.service.id == service.id).map(|_| to)
        };
        let mut found: Vec<&'m Service<'m>> = mesh.registry().services().iter().filter(listens).collect();
        found.sort_by_key(|service| service.is_kubernetes());
        found.into_iter().find_map(seen)
    }

    fn call_all(
        &self,
        answer: &mut Reach<'m>,
        from: &Client<'_>,
        cluster: Option<&Cluster<'_>>,
        endpoints: Vec<Endpoint<'m>>,
        protocol: Option<Protocol>,
    ) {
        let names = cluster.map(|cluster| self.mesh.indices().accepted_names(from, cluster, &endpoints)).unwrap_or_default();
        let call = |endpoint: Endpoint<'m>| {
            let declared = protocol.or_else(|| self.mesh.declared_at(&endpoint)) == Some(Protocol::Tls);
            let is_app_tls = self.question.scheme.map_or(declared, |scheme| scheme == Scheme::Https);
            let wire = self.mesh.wire(from, cluster, &endpoint, is_app_tls);
            self.reached(from, endpoint, wire, protocol, Some(&names))
        };
        answer.endpoints = endpoints.into_iter().map(call).collect();
        let is_of_host = from.instance.is_some_and(|(_, instance)| instance.spec.is_some_and(PodSpec::is_on_host_network));
        let is_denied = |one: &Reached<'_>| one.judgement.verdict == Verdict::Fail(Failure::F8);
        if is_of_host && answer.endpoints.iter().any(is_denied) {
            answer.note(
                None,
                None,
                "on the client's own node the call passes all the same, in plaintext: host processes bypass ztunnel (S120)",
            );
        }
    }

    /// An endpoint and what comes of the call; where the client accepts certain names alone, by these.
    fn reached(
        &self,
        from: &Client<'_>,
        endpoint: Endpoint<'m>,
        wire: Wire,
        protocol: Option<Protocol>,
        names: Option<&[Text]>,
    ) -> Reached<'m> {
        let mesh = self.mesh;
        let at = mesh.declared_at(&endpoint);
        let call = Call {
            from: from.kind,
            is_tcp: self.question.scheme == Some(Scheme::Tcp),
            is_server_first: at.or(protocol) == Some(Protocol::Mysql),
        };
        let judgement = match names {
            Some(names) => mesh.judge_by_name(from, names, &endpoint, wire, call),
            None => mesh.judge(&endpoint, wire, call),
        };
        Reached { endpoint, wire, judgement }
    }

    /// Whether the call leaves the client's pod past its proxy (S51).
    fn bypasses(&self, addresses: &[IpAddr], answer: &mut Reach<'m>) -> bool {
        let Some((_, instance)) = self.question.from.instance.filter(|_| self.question.from.kind == ClientKind::Sidecar) else {
            return false;
        };
        let Some(by) = bypass(instance.annotations, self.question.port, addresses) else { return false };
        answer.note(None, None, format!("the annotation {by} lets the call leave past the proxy, as the application made it"));
        true
    }

    /// The addresses a client would dial for a host, as far as they are known.
    fn addresses(&self, host: &str) -> Vec<IpAddr> {
        let mesh = self.mesh;
        let pods = |service: &Service<'_>| -> Vec<Text> {
            let endpoints = service.port(self.question.port).map(|port| mesh.endpoints(service, port)).unwrap_or_default();
            endpoints.iter().filter_map(|endpoint| mesh.address_of(endpoint).cloned()).collect()
        };
        let said = mesh.registry().at(host).flat_map(|service| match service.source {
            Source::Service(_) if service.resolution() == Resolution::Passthrough => pods(service),
            Source::Service(body) => vec![body.address().clone()],
            Source::Entry(body) => body.addresses().to_vec(),
        });
        said.filter_map(|address| address.parse().ok()).collect()
    }
}

const OUTBOUND: &str = "traffic.sidecar.istio.io/";

/// The annotation by which a call to a port and an address is not captured; exclusion of ports comes first (S51).
fn bypass(annotations: &Labels, port: u16, addresses: &[IpAddr]) -> Option<String> {
    let get = |name: &str| annotations.get(&format!("{OUTBOUND}{name}")).map(str::trim);
    let names_port = |list: &str| list.split(',').any(|one| one.trim().parse() == Ok(port));
    let holds = |list: &str| list.split(',').filter_map(range).any(|range| addresses.iter().any(|address| contains(range, *address)));
    let found = if get("excludeOutboundPorts").is_some_and(names_port) {
        "excludeOutboundPorts"
    } else if get("includeOutboundPorts").is_some_and(names_port) {
        return None;
    } else if get("excludeOutboundIPRanges").is_some_and(holds) {
        "excludeOutboundIPRanges"
    } else if get("includeOutboundIPRanges").is_some_and(|list| list.is_empty() || list != "*" && !addresses.is_empty() && !holds(list)) {
        "includeOutboundIPRanges"
    } else {
        return None;
    };
    Some(format!("{OUTBOUND}{found}"))
}

fn range(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let bits = if bits.is_empty() { whole } else { bits.parse().ok().filter(|bits| *bits <= whole)? };
    Some((address, bits))
}

fn contains((network, bits): (IpAddr, u8), address: IpAddr) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    };
    let mask = if bits == 0 { 0 } else { u128::MAX << (128 - u32::from(bits)) };
    network.is_ipv4() == address.is_ipv4() && number(network) & mask == number(address) & mask
}

impl Reach<'_> {
    fn untouched(host: &str) -> Self {
        let client = ClientSide { cluster: None, tls: ClusterTls::Disable, others: Vec::new() };
        Self {
            host: host.to_owned(),
            client,
            endpoints: Vec::new(),
            destination: None,
            led_to: Vec::new(),
            failure_of_some: None,
            failure: None,
            notes: Vec::new(),
        }
    }

    fn note(&mut self, object: Option<crate::object::Id>, field: Option<FieldPath>, says: impl Into<String>) {
        self.notes.push(Note { object, field, says: says.into(), outcome: Outcome::InForce });
    }
}

/// The service of a name on the command line that a port is asked of: its ports, where the question leaves them open.
#[must_use]
pub fn ports<'m>(mesh: &'m Mesh<'m>, host: &str) -> Vec<&'m Port> {
    mesh.registry().at(host).next().map(|service| service.ports.iter().collect()).unwrap_or_default()
}

/// The host through which a workload is called at a service port: the oldest Service that leads to it.
#[must_use]
pub fn host_of<'m>(mesh: &'m Mesh<'m>, workload: &Workload<'_>, port: Option<u16>) -> Option<&'m Service<'m>> {
    let leads = |service: &&'m Service<'m>| {
        let selector = service.selector();
        let has_port = port.is_none_or(|port| service.port(port).is_some());
        let selects = |instance: &Instance<'_>| selector.is_some_and(|labels| !labels.is_empty() && labels.selects(&instance.labels));
        has_port && service.id.namespace == workload.subject.namespace && workload.instances.iter().any(selects)
    };
    mesh.registry().services().iter().filter(leads).min_by_key(|service| !service.is_kubernetes())
}
