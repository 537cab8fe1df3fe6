//! HTTP routes to ports that declare TLS, for which no proxy originates TLS: the server gets plaintext (S236, S239).

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    istio::{
        Gateway, GatewayTls, Protocol, ProtocolClass, Route, RouteAction, RouteDestination, RouteType, ServiceCall, TlsMode,
        VirtualService, ingress_class,
    },
    mesh::{
        Acceptance, CallProperties, Client, ClientKind, ClusterTls, Dataplane, Destination, Endpoint, Failure, Mesh, Port, Representative,
        Service, TargetPort, Verdict,
    },
    object::{FieldPath, Id, Text},
};

/// A port that declares TLS, and the routes of one object that send plaintext to it.
#[derive(Clone, Debug)]
pub struct PlaintextRoute<'m> {
    /// The object with the routes.
    pub by: &'m Id,
    /// The field of its first route to the port.
    pub at: FieldPath,
    pub service: &'m Service<'m>,
    pub port: u16,
    /// Why it is known that the server only accepts TLS; `None` if only the port declares it.
    pub known_by: Option<String>,
    /// The TLS mode with which a rule would make clients send what the server accepts.
    pub mode: TlsMode,
    /// Namespaces of the clients that send plaintext to a gateway's TLS server, if only the clients of some namespaces do; else empty.
    pub clients: BTreeSet<Text>,
    /// Whether a proxy of the server requires mTLS, so that it refuses TLS that the client's proxy originates (S241).
    pub is_strict: bool,
    /// Whether gateways send it.
    pub is_from_gateways: bool,
}

/// Who follows a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Callers {
    gateways: bool,
    sidecars: bool,
}

/// What happens at the endpoints of a destination.
#[derive(Debug, Default)]
struct Arrival {
    arrives: bool,
    /// The mode that a server that terminates TLS, and refuses plaintext, requires of clients.
    refused_for: Option<TlsMode>,
    is_strict: bool,
    known_by: Option<String>,
}

impl Mesh<'_> {
    /// Whether a `VirtualService`, of sidecars or gateways, or an Ingress routes calls to a host.
    #[must_use]
    pub fn is_routed_to(&self, host: &Text) -> bool {
        let routes = self.indices.routes();
        let of_ingress = || {
            let mut calls = self.snapshot().ingresses.iter().flat_map(ServiceCall::of_ingress);
            calls.any(|call| self.registry().of(&call.service).is_some_and(|service| service.host == *host))
        };
        routes.routed_to(host).next().is_some() || routes.is_called_by_gateways(host) || of_ingress()
    }
}

/// All such routes, one for each object and port.
pub(in crate::mesh) fn all<'m>(mesh: &'m Mesh<'m>) -> Vec<PlaintextRoute<'m>> {
    let finder = Finder { mesh, passing: passing_gateways(mesh) };
    let mut found: BTreeMap<(&Id, &Text, u16), PlaintextRoute<'m>> = BTreeMap::new();
    let mut add = |one: PlaintextRoute<'m>| {
        found.entry((one.by, &one.service.host, one.port)).or_insert(one);
    };
    for read in &mesh.snapshot().virtual_services {
        let one = VirtualService::decode(read, mesh.cluster_domain());
        for route in one.routes(RouteType::Http).iter().filter(|route| route.action == RouteAction::Forward) {
            for to in route.destinations.iter().filter(|to| to.is_used) {
                finder.of_virtual_service(&one, route, to).into_iter().for_each(&mut add);
            }
        }
    }
    // The gateway that serves Ingresses of Istio's own class sends HTTP to their backends.
    let gateways = Callers { gateways: true, sidecars: false };
    for call in mesh.snapshot().ingresses.iter().filter(|read| ingress_class(read) == "istio").flat_map(ServiceCall::of_ingress) {
        let host = mesh.cluster_domain().service(&call.service.namespace, &call.service.name);
        let Some(service) = mesh.registry().kubernetes(&host) else { continue };
        let Some(port) = service.ports.iter().find(|port| call.port.is(port.number, &port.name)) else { continue };
        finder.of_port(call.defined_by, call.at, Destination { service, port }, None, gateways, &|_| true).into_iter().for_each(&mut add);
    }
    found.into_values().collect()
}

struct Finder<'m> {
    mesh: &'m Mesh<'m>,
    /// Gateways all of whose servers pass TLS through, for which HTTP routes have no effect.
    passing: BTreeSet<Id>,
}

impl<'m> Finder<'m> {
    fn of_virtual_service(&self, one: &VirtualService<'m>, route: &Route<'_>, to: &RouteDestination<'_>) -> Option<PlaintextRoute<'m>> {
        let service = self.mesh.registry().at(&to.host).find(|service| service.is_called())?;
        let port = match (to.port, service.ports.as_slice()) {
            (Some(number), _) => service.port(number)?,
            (None, [only]) => only,
            (None, _) => return None,
        };
        let binds_terminating = || one.gateway_ids().any(|id| !self.passing.contains(&id));
        let callers = Callers {
            gateways: one.is_for_gateways && route.is_for_gateways() && binds_terminating(),
            sidecars: one.is_for_mesh && self.is_called_over_http(one, route),
        };
        let sees = |client: &Client<'_>| one.exports.is_visible_in(&one.id.namespace, &client.namespace);
        self.of_port(one.id, to.at.clone(), Destination { service, port }, to.subset, callers, &sees)
    }

    /// Whether applications in the mesh call a host of the `VirtualService` over HTTP at a port that the route applies to. A host that is no
    /// service is known at port 80 only (S238).
    fn is_called_over_http(&self, one: &VirtualService<'_>, route: &Route<'_>) -> bool {
        let is_http = |port: &&Port| port.protocol.class() != ProtocolClass::Tcp && route.is_for(port.number);
        one.hosts.iter().any(|host| match self.mesh.registry().at(host).find(|service| service.is_called()) {
            Some(service) => service.ports.iter().any(|port| is_http(&port)),
            None => self.mesh.indices().has_http_listener_80() && !host.starts_with('*') && route.is_for(80),
        })
    }

    fn of_port(
        &self,
        by: &'m Id,
        at: FieldPath,
        to: Destination<'m>,
        subset: Option<&Text>,
        callers: Callers,
        sees: &dyn Fn(&Client<'_>) -> bool,
    ) -> Option<PlaintextRoute<'m>> {
        let is_declared = to.port.protocol == Protocol::Tls && !is_http_elsewhere(to);
        let mut endpoints = self.mesh.endpoint_classes(to.service, to.port);
        if !is_declared && !endpoints.iter().any(is_of_gateway) {
            return None;
        }
        if endpoints.is_empty() {
            endpoints.extend(self.mesh.assumed_endpoint(to.service, to.port));
        }
        let clients = self.clients(to, callers, sees);
        let arrivals: Vec<Arrival> = clients.iter().map(|client| self.arrival(client, to, subset, &endpoints)).collect();
        let refused: Vec<_> = clients.iter().zip(&arrivals).filter_map(|(client, one)| Some((client, one.refused_for?))).collect();
        let is_refused = !refused.is_empty();
        let arrives = is_declared && !arrivals.is_empty() && arrivals.iter().all(|one| one.arrives);
        if !is_refused && !arrives {
            return None;
        }
        let is_outside = to.service.is_external();
        let known_by = if is_refused {
            Some("a gateway whose server terminates TLS".to_owned())
        } else {
            let of_server = || arrivals.iter().find_map(|one| one.known_by.clone());
            of_server().or_else(|| is_outside.then(|| format!("{} declares it for a server outside the mesh", to.service.id)))
        };
        Some(PlaintextRoute {
            by,
            at,
            service: to.service,
            port: to.port.number,
            known_by,
            mode: refused.first().map_or(TlsMode::Simple, |(_, mode)| *mode),
            clients: refused.iter().map(|(client, _)| client.namespace.clone()).filter(|_| refused.len() < clients.len()).collect(),
            is_strict: arrivals.iter().any(|one| one.is_strict),
            is_from_gateways: clients.iter().any(|client| client.kind == ClientKind::Gateway),
        })
    }

    fn clients(&self, to: Destination<'m>, callers: Callers, sees: &dyn Fn(&Client<'_>) -> bool) -> Vec<Client<'m>> {
        let (mesh, classes) = (self.mesh, self.mesh.possible_client_classes());
        let exceptions = classes.exceptions(mesh.indices(), to.service);
        let mut found: Vec<Representative<'m>> = classes.representatives(mesh.indices(), to.service, to.port.number, &exceptions);
        if !found.iter().any(|one| one.client.kind == ClientKind::Gateway) {
            found.extend(mesh.unread_gateway(to.service));
        }
        let follows = |client: &Client<'_>| match client.kind {
            ClientKind::Gateway => callers.gateways,
            ClientKind::Sidecar => callers.sidecars && sees(client),
            ClientKind::Ambient | ClientKind::Waypoint | ClientKind::Proxyless | ClientKind::None => false,
        };
        found.into_iter().map(|one| one.client).filter(follows).collect()
    }

    /// What happens to the plaintext of a client: it arrives unless its proxy originates TLS, or every server refuses what is sent.
    fn arrival(&self, client: &Client<'_>, to: Destination<'m>, subset: Option<&Text>, endpoints: &[Endpoint<'m>]) -> Arrival {
        let mesh = self.mesh;
        let cluster = mesh.indices().cluster(client, to, subset.map(Text::as_str), endpoints);
        if cluster.lacks_subset || matches!(cluster.tls, ClusterTls::Simple | ClusterTls::Mutual) {
            return Arrival::default();
        }
        let mut arrival = Arrival { arrives: endpoints.is_empty(), ..Arrival::default() };
        for endpoint in endpoints {
            let sent_as = mesh.sent_as(client, Some(&cluster), endpoint, false);
            let evaluation = mesh.evaluate(endpoint, sent_as, CallProperties::of(client.kind));
            // A gateway terminates the mTLS of its servers itself.
            let is_terminated = matches!(evaluation.acceptance, Acceptance::Gateway(_));
            arrival.arrives |= !is_terminated && !matches!(evaluation.verdict, Verdict::Fail(_));
            let is_refused = evaluation.verdict == Verdict::Fail(Failure::PlaintextToTls);
            arrival.refused_for = arrival.refused_for.or_else(|| is_refused.then(|| required(evaluation.acceptance)));
            arrival.is_strict |= evaluation.acceptance.requires_mtls();
            arrival.known_by = arrival.known_by.or_else(|| known_server(mesh, endpoint));
        }
        arrival
    }
}

/// Whether an endpoint is a gateway, whose servers may terminate TLS whatever the port declares.
fn is_of_gateway(endpoint: &Endpoint<'_>) -> bool {
    endpoint.server.is_some_and(|(_, instance)| instance.dataplane == Dataplane::Gateway)
}

fn known_server(mesh: &Mesh<'_>, endpoint: &Endpoint<'_>) -> Option<String> {
    let (_, instance) = endpoint.server?;
    mesh.known_tls_server(instance, endpoint.port)
}

/// The mode that TLS of a client needs so that the server accepts it.
fn required(acceptance: Acceptance) -> TlsMode {
    match acceptance {
        Acceptance::Gateway(GatewayTls::IstioMutual) | Acceptance::SidecarIngressTls(GatewayTls::IstioMutual) => TlsMode::IstioMutual,
        Acceptance::Gateway(GatewayTls::Mutual) | Acceptance::SidecarIngressTls(GatewayTls::Mutual) => TlsMode::Mutual,
        Acceptance::Gateway(_)
        | Acceptance::SidecarIngressTls(_)
        | Acceptance::Sidecar(..)
        | Acceptance::AmbientStrict
        | Acceptance::AmbientPermissive
        | Acceptance::Uncaptured
        | Acceptance::NoProxy
        | Acceptance::Waypoint
        | Acceptance::ProxylessTls
        | Acceptance::ProxylessPlain => TlsMode::Simple,
    }
}

/// Whether something else declares that the same workload port accepts HTTP: another port with this target, or the target's name.
fn is_http_elsewhere(to: Destination<'_>) -> bool {
    let is_http = |port: &Port| port.protocol.class() == ProtocolClass::Http;
    let has_http_name = matches!(&to.port.target, TargetPort::Name(name) if Protocol::from_name(name).class() == ProtocolClass::Http);
    has_http_name || to.service.ports.iter().any(|port| port.target == to.port.target && is_http(port))
}

fn passing_gateways(mesh: &Mesh<'_>) -> BTreeSet<Id> {
    let passes = |gateway: &Gateway<'_>| gateway.servers().all(|server| server.tls == GatewayTls::Passthrough);
    mesh.snapshot().gateways.iter().map(Gateway::of).filter(passes).map(|gateway| gateway.id.clone()).collect()
}

impl Mesh<'_> {
    /// Routes that send plaintext to ports that declare TLS.
    #[must_use]
    pub fn plaintext_routes(&self) -> Vec<PlaintextRoute<'_>> {
        all(self)
    }
}
