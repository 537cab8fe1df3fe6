//! Which services a client sees, and what happens to calls outside its scope (S44–S49).

use super::{
    Client, ClientKind,
    registry::{Port, Service},
    routes::RouteTarget,
    rules::host_matches,
};
use crate::{
    istio::{EgressListener, EgressPort, OutboundPolicy, Protocol, ProtocolClass, RouteType, Sidecar, Tls},
    mesh::indices::Indices,
    object::{Id, Text},
};

/// A service that a client sees, and the port it calls.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'m> {
    pub service: &'m Service<'m>,
    pub port: &'m Port,
}

/// What happens to a call outside a client's scope (S49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutOfScope {
    /// It passes unchanged.
    Passes,
    /// It is refused.
    Refused,
    /// HTTP is resolved by name, with these TLS settings; everything else passes.
    Resolved(Option<Tls>),
}

impl<'s> Indices<'s> {
    /// The service and port that a client's call to a host reaches; `None` if that is outside its scope.
    #[must_use]
    pub fn destination<'m>(&'m self, client: &Client<'_>, host: &str, port: u16) -> Option<Destination<'m>> {
        let service = self.visible_service(client, host, port)?;
        service.port(port).map(|port| Destination { service, port })
    }

    /// The service that a host resolves to for a client at a port, whether or not the service has that port.
    #[must_use]
    pub fn visible_service<'m>(&'m self, client: &Client<'_>, host: &str, port: u16) -> Option<&'m Service<'m>> {
        let default = &self.control_planes().of_revision(&client.revision).service_export_to;
        let visible = self.registry().visible(host, default, &client.namespace, has_scope(client.kind));
        let egress = self.egress(client);
        visible.into_iter().find(|service| match &egress {
            None => true,
            Some(listeners) => {
                let imports_route = |listener: &EgressListener<'_>| self.is_imported_by_route(listener, &client.namespace, service);
                is_imported(listeners, &client.namespace, service, port, &imports_route)
            }
        })
    }

    /// Whether a `VirtualService` that a listener imports routes to a service, which brings it into scope implicitly (S46).
    fn is_imported_by_route(&self, listener: &EgressListener<'_>, namespace: &Text, service: &Service<'_>) -> bool {
        let mut virtual_services = self.routes().visible_routes_to(&service.host, namespace);
        virtual_services.any(|one| one.hosts.iter().any(|host| imports(listener, namespace, &one.id.namespace, host)))
    }

    /// Where a `VirtualService` that a client sees routes its calls to a host (S53, S83); `None` if none does.
    #[must_use]
    pub fn route(&self, client: &Client<'_>, host: &str, port: u16, route_type: RouteType) -> Option<(&'s Id, Vec<RouteTarget>)> {
        // Without a port, the call goes to the only port of the destination, else to the one that was called (S237).
        let only_port = |host: &Text| match self.visible_service(client, host, port)?.ports.as_slice() {
            [only] => Some(only.number),
            _ => None,
        };
        let found = self.routes().targets(host, port, &client.namespace, route_type, only_port);
        let (id, targets) = found.filter(|_| has_scope(client.kind))?;
        if self.registry().at(host).next().is_none() && !self.is_virtual_host(client, host, port, route_type) {
            return None;
        }
        let imports_route = |listener: &EgressListener<'_>| imports(listener, &client.namespace, &id.namespace, host);
        let is_imported = self.egress(client).is_none_or(|listeners| listeners.iter().any(imports_route));
        let is_itself = matches!(targets.as_slice(), [only] if *only.host == *host && only.port == port && only.subset.is_none());
        (is_imported && !is_itself).then_some((id, targets))
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

    /// The outbound listeners of the Sidecar resource that applies to a client; `None` if it sees everything.
    pub(in crate::mesh) fn egress(&self, client: &Client<'_>) -> Option<&[EgressListener<'s>]> {
        let sidecar = self.sidecar_of(client)?;
        Some(sidecar.egress.as_slice()).filter(|listeners| !listeners.is_empty())
    }

    fn sidecar_of(&self, client: &Client<'_>) -> Option<&Sidecar<'s>> {
        if !has_scope(client.kind) {
            return None;
        }
        let root = &self.control_planes().of_revision(&client.revision).root_namespace;
        self.services().sidecar(root, &client.namespace, &client.labels)
    }

    /// What happens to a client's call outside its scope.
    #[must_use]
    pub fn out_of_scope(&self, client: &Client<'_>) -> OutOfScope {
        let own = self.sidecar_of(client).and_then(|sidecar| sidecar.outbound.as_ref());
        let settings = self.control_planes().of_revision(&client.revision);
        match own.or(settings.outbound.as_ref()) {
            None | Some(OutboundPolicy::AllowAny) => OutOfScope::Passes,
            Some(OutboundPolicy::RegistryOnly) => OutOfScope::Refused,
            Some(OutboundPolicy::DynamicDns(tls)) => OutOfScope::Resolved(tls.clone()),
        }
    }
}

/// Whether Sidecar resources apply to such a client: istiod treats a gRPC agent as a sidecar, too (S44).
fn has_scope(kind: ClientKind) -> bool {
    matches!(kind, ClientKind::Sidecar | ClientKind::Proxyless)
}

/// Whether the outbound listeners import a service at a port (S45).
fn is_imported(
    listeners: &[EgressListener<'_>],
    namespace: &Text,
    service: &Service<'_>,
    port: u16,
    is_imported_by_route: &impl Fn(&EgressListener<'_>) -> bool,
) -> bool {
    let names = |listener: &&EgressListener<'_>| listener.port == EgressPort::One(port);
    let is_for_all = |listener: &&EgressListener<'_>| listener.port == EgressPort::All;
    let imports = |listener: &EgressListener<'_>| {
        imports(listener, namespace, &service.id.namespace, &service.host) || is_imported_by_route(listener)
    };
    if service.port(port).is_some_and(|port| port.protocol.class() == ProtocolClass::Http) {
        let router = listeners.iter().find(names).or_else(|| listeners.iter().find(is_for_all));
        return router.is_some_and(imports);
    }
    listeners.iter().filter(|listener| is_for_all(listener) || names(listener)).any(imports)
}

fn imports(listener: &EgressListener<'_>, namespace: &Text, service_namespace: &Text, called: &str) -> bool {
    let (mut is_in, mut is_out) = (false, false);
    for import in
        listener.hosts.iter().filter(|import| import.matches_namespace(service_namespace, namespace) && host_matches(import.host, called))
    {
        is_in |= !import.excludes;
        is_out |= import.excludes;
    }
    is_in && !is_out
}
