//! Which services a client sees, and where their calls are routed (S44–S49, S237, S279).

use std::cell::LazyCell;

use super::{
    Client, ClientKind,
    egress::{has_scope, imports},
    known_host::KnownHost,
    registry::{Port, Service},
    routes::Routing,
};
use crate::{
    istio::{EgressListener, EgressPort, Protocol, ProtocolClass, RouteType, RoutedCall, VirtualService},
    mesh::indices::Indices,
    object::Text,
};

/// A service that a client sees, and the port it calls. The port is another service's if that is merged into this one (S279).
#[derive(Clone, Copy, Debug)]
pub struct Destination<'m> {
    pub service: &'m Service<'m>,
    pub port: &'m Port,
}

impl Destination<'_> {
    /// Whether a port of a service is called.
    #[must_use]
    pub fn is_port_of(&self, service: &Service<'_>, number: u16) -> bool {
        service.port(number).is_some_and(|port| std::ptr::eq(port, self.port))
    }
}

/// What a client's proxy has for a host and port.
#[derive(Clone, Copy, Debug)]
pub enum Known<'m> {
    /// A cluster.
    Cluster(Destination<'m>),
    /// A listener or a route of this service, and no cluster, because another object with the host has it (S279).
    NoCluster(&'m Service<'m>),
    /// Nothing: the call is outside the client's scope.
    Nothing,
}

impl<'s> Indices<'s> {
    /// The service and port whose cluster a client has for a host and port, and that it can call or be routed to; `None` if that is outside
    /// its scope.
    #[must_use]
    pub fn destination<'m>(&'m self, client: &Client<'_>, host: &str, port: u16) -> Option<Destination<'m>> {
        let known = self.known_host(client, host)?;
        let (service, found) = known.cluster(port)?;
        (known.listed(port).is_some() || known.is_implied()).then_some(Destination { service, port: found })
    }

    /// What a client's proxy does with a call to a host and port, which a `VirtualService` may have routed there.
    #[must_use]
    pub fn known<'m>(&'m self, client: &Client<'_>, host: &str, port: u16, is_routed: bool) -> Known<'m> {
        let Some(known) = self.known_host(client, host) else { return Known::Nothing };
        let listed = known.listed(port);
        match (known.cluster(port), listed) {
            (Some((service, port)), Some(_)) => Known::Cluster(Destination { service, port }),
            (Some((service, port)), None) if is_routed => Known::Cluster(Destination { service, port }),
            (None, Some((service, _))) => Known::NoCluster(service),
            (Some(_) | None, None) => Known::Nothing,
        }
    }

    /// The service that a host resolves to for a client at a port, whether or not the service has that port.
    #[must_use]
    pub fn visible_service<'m>(&'m self, client: &Client<'_>, host: &str, port: u16) -> Option<&'m Service<'m>> {
        self.known_host(client, host)?.service(port)
    }

    /// What a client's proxy knows of a host, or of the wildcard host that matches it.
    pub(super) fn known_host<'m>(&'m self, client: &Client<'_>, host: &str) -> Option<KnownHost<'m>> {
        self.registry().candidates(host).map(|services| KnownHost::new(self, client, &services)).find(|known| !known.is_empty())
    }

    /// Where the `VirtualServices` that a client sees route its calls to a host (S53, S83, S330); `None` if none does.
    #[must_use]
    pub fn route(&self, client: &Client<'_>, host: &str, port: u16, route_type: RouteType) -> Option<Routing<'s>> {
        if !has_scope(client.kind) || self.routes().is_empty() {
            return None;
        }
        let egress = LazyCell::new(|| self.egress(client));
        let is_imported = |one: &VirtualService<'_>| {
            let imports_route = |listener: &EgressListener<'_>| imports(listener, &client.namespace, &one.id.namespace, host);
            egress.is_none_or(|listeners| listeners.iter().any(imports_route))
        };
        // A request goes to the port that was called, a connection to the only port of the destination, if its route names none (S332).
        let only_port = |host: &Text| if route_type == RouteType::Http { None } else { self.known_host(client, host)?.only_port() };
        let found = self.routes().routing(host, routed_call(client, port, route_type), &is_imported, &only_port)?;
        if self.registry().at(host).next().is_none() && !self.is_virtual_host(client, host, port, route_type) {
            return None;
        }
        (!found.is_only(host, port)).then_some(found)
    }

    /// Where a waypoint routes the calls of one of its services (S337): `VirtualServices` of its own namespace and of the service's apply.
    #[must_use]
    pub fn route_at_waypoint(&self, waypoint: &Client<'_>, to: Destination<'_>, route_type: RouteType) -> Option<Routing<'s>> {
        let (host, port) = (&to.service.host, to.port.number);
        let is_used = |one: &VirtualService<'_>| one.id.namespace == waypoint.namespace || one.id.namespace == to.service.id.namespace;
        let only_port = |host: &Text| match self.registry().at(host).next()?.ports.as_slice() {
            [only] => Some(only.number),
            _ => None,
        };
        let found = self.routes().routing(host, routed_call(waypoint, port, route_type), &is_used, &only_port)?;
        (!found.is_only(host, port)).then_some(found)
    }

    /// Whether a client's proxy knows a host that only a `VirtualService` has: at the HTTP ports of the services among its hosts; without
    /// any, at port 80, if that has an HTTP listener (S238).
    fn is_virtual_host(&self, client: &Client<'_>, host: &str, port: u16, route_type: RouteType) -> bool {
        let Some(by) = self.routes().calls(host).find(|one| one.exports.is_visible_in(&one.id.namespace, &client.namespace)) else {
            return false;
        };
        let services = by.hosts.iter().filter_map(|host| self.visible_service(client, host, port));
        let ports = services.flat_map(|service| &service.ports).filter(|port| port.protocol.class() != ProtocolClass::Tcp);
        let mut numbers = ports.map(|port| port.number).peekable();
        let is_routed = if numbers.peek().is_none() { port == 80 && self.has_http_listener_80() } else { numbers.any(|one| one == port) };
        route_type == RouteType::Http && is_routed
    }

    /// Whether a client sends TLS that is not its proxy's to a port: the application's own, if the port declares TLS. A gateway sends TLS
    /// that it does not terminate where its route requires that, and otherwise none, whatever the port declares (S239, S294). Where no route
    /// of a gateway goes to the port, what it declares decides.
    #[must_use]
    pub fn sends_app_tls(&self, client: &Client<'_>, host: &Text, port: &Port) -> bool {
        let is_declared = port.protocol == Protocol::Tls;
        if client.kind != ClientKind::Gateway {
            return is_declared;
        }
        let passes_through = self.routes().passes_tls_through(host, port.number);
        passes_through.unwrap_or(is_declared)
    }

    /// Whether a client's proxy knows the name of an alias: if it sees the target, only its own Sidecar resource can hide the alias. The
    /// name is matched with what is imported from the namespace of the target (S246, S276).
    #[must_use]
    pub fn imports_alias(&self, client: &Client<'_>, alias: &Service<'_>, target: &Service<'_>, port: u16) -> bool {
        let is_for = |listener: &&EgressListener<'_>| listener.port == EgressPort::One(port) || listener.port == EgressPort::All;
        let imports = |listener: &EgressListener<'_>| imports(listener, &client.namespace, &target.id.namespace, &alias.host);
        self.egress(client).is_none_or(|listeners| listeners.iter().filter(is_for).any(imports))
    }
}

fn routed_call<'a>(client: &'a Client<'_>, port: u16, route_type: RouteType) -> RoutedCall<'a> {
    let is_at_waypoint = client.kind == ClientKind::Waypoint;
    RoutedCall { route_type, port, namespace: &client.namespace, labels: &client.labels, is_at_waypoint }
}
