//! What a client's proxy knows of a host that several objects may declare (S45–S48, S231, S279).

use super::{
    Client,
    egress::{has_scope, imports},
    registry::{Port, Service},
};
use crate::{
    istio::{EgressListener, EgressPort, ExportTo, ProtocolClass, Route},
    mesh::indices::Indices,
    object::Text,
};

/// What a client's proxy knows of a host.
#[derive(Debug)]
pub(super) struct KnownHost<'m> {
    /// The services in each of its outbound listeners, in the order of precedence.
    listeners: Vec<(EgressPort, Vec<&'m Service<'m>>)>,
    clusters: Option<Clusters<'m>>,
    /// Whether a `VirtualService` that it imports routes to the host (S46).
    is_implied: bool,
}

/// The clusters of a host: those of one service, and the ports of those that istiod merges into it.
#[derive(Debug)]
struct Clusters<'m> {
    service: &'m Service<'m>,
    ports: Vec<&'m Port>,
}

impl<'m> Clusters<'m> {
    /// The clusters after one more service, of which these ports are imported.
    fn with(before: Option<Self>, service: &'m Service<'m>, is_imported: impl Fn(u16) -> bool) -> Option<Self> {
        let ports: Vec<&Port> = service.ports.iter().filter(|port| is_imported(port.number)).collect();
        if ports.is_empty() && !service.ports.is_empty() {
            return before;
        }
        let Some(mut all) = before else { return Some(Self { service, ports }) };
        match (all.service.is_kubernetes(), service.is_kubernetes()) {
            (false, true) => all = Self { service, ports },
            (true, true) | (false, false) if all.service.merges(service) => {
                for port in ports {
                    all.add(port);
                }
            }
            (true, _) | (false, false) => {}
        }
        Some(all)
    }

    fn add(&mut self, port: &'m Port) {
        if self.ports.iter().all(|known| known.number != port.number) {
            self.ports.push(port);
        }
    }
}

impl<'m> KnownHost<'m> {
    /// What a client knows of these services with one host, the oldest first.
    pub(super) fn new(indices: &'m Indices<'_>, client: &Client<'_>, services: &[&'m Service<'m>]) -> Self {
        let default = &indices.control_planes().of_revision(&client.revision).service_export_to;
        let visible = in_order(services, default, &client.namespace);
        if !has_scope(client.kind) {
            let clusters = visible.iter().fold(None, |before, service| Clusters::with(before, service, |_| true));
            return Self { listeners: vec![(EgressPort::All, visible)], clusters, is_implied: false };
        }
        let mut known = Self { listeners: Vec::new(), clusters: None, is_implied: false };
        match indices.egress(client) {
            None => known.listen(indices, client, None, services, &visible),
            Some(listeners) => {
                for listener in listeners {
                    known.listen(indices, client, Some(listener), services, &visible);
                }
            }
        }
        known
    }

    /// Adds an outbound listener; `None` is the one of a proxy without a Sidecar resource, which imports everything.
    fn listen(
        &mut self,
        indices: &'m Indices<'_>,
        client: &Client<'_>,
        listener: Option<&EgressListener<'_>>,
        services: &[&'m Service<'m>],
        visible: &[&'m Service<'m>],
    ) {
        let port = listener.map_or(EgressPort::All, |listener| listener.port);
        let is_for = |number: u16| port == EgressPort::All || port == EgressPort::One(number);
        let is_imported = |service: &Service<'_>| {
            let is_named = listener.is_none_or(|one| imports(one, &client.namespace, &service.id.namespace, &service.host));
            is_named && (port == EgressPort::All || service.ports.iter().any(|port| is_for(port.number)))
        };
        let mut listed: Vec<&Service<'_>> = visible.iter().copied().filter(|service| is_imported(service)).collect();
        let chosen = namespace_of(&listed, &client.namespace);
        listed.retain(|service| Some(&service.id.namespace) == chosen);
        for service in &listed {
            self.clusters = Clusters::with(self.clusters.take(), service, is_for);
        }
        self.listeners.push((port, listed));
        if let Some((service, ports)) = implied(indices, client, listener, services, visible) {
            self.is_implied = true;
            let is_routed = |number: u16| is_for(number) && ports.as_ref().is_none_or(|ports| ports.contains(&number));
            self.clusters = Clusters::with(self.clusters.take(), service, is_routed);
        }
    }

    /// Whether the client does not know the host.
    pub(super) fn is_empty(&self) -> bool {
        self.clusters.is_none() && self.listeners.iter().all(|(_, listed)| listed.is_empty())
    }

    /// Whether a `VirtualService` brings the host into scope (S46).
    pub(super) fn is_implied(&self) -> bool {
        self.is_implied
    }

    /// The service and port that a listener or route of the client is for. An HTTP port is routed by one listener only (S45).
    pub(super) fn listed(&self, number: u16) -> Option<(&'m Service<'m>, &'m Port)> {
        let router = self.listeners.iter().position(|(port, _)| *port == EgressPort::One(number));
        let router = router.or_else(|| self.listeners.iter().position(|(port, _)| *port == EgressPort::All));
        let of_listener = |(at, (port, listed)): (usize, &(EgressPort, Vec<&'m Service<'m>>))| {
            let is_for = *port == EgressPort::All || *port == EgressPort::One(number);
            let is_routed = |port: &Port| port.protocol.class() != ProtocolClass::Http || router == Some(at);
            let mut found = listed.iter().filter_map(|service| Some((*service, service.port(number)?)));
            found.find(|(_, port)| is_for && is_routed(port))
        };
        self.listeners.iter().enumerate().find_map(of_listener)
    }

    /// Whether a listener or route of the client is for a port of a service.
    pub(super) fn lists(&self, service: &Service<'_>, number: u16) -> bool {
        let is_for = |port: EgressPort| port == EgressPort::All || port == EgressPort::One(number);
        self.listeners.iter().any(|(port, listed)| is_for(*port) && listed.iter().any(|one| one.id == service.id))
    }

    /// The service whose cluster the client has for a port, and the port.
    pub(super) fn cluster(&self, number: u16) -> Option<(&'m Service<'m>, &'m Port)> {
        let clusters = self.clusters.as_ref()?;
        let port = clusters.ports.iter().find(|port| port.number == number)?;
        Some((clusters.service, port))
    }

    /// The service that the host resolves to for calls to a port.
    pub(super) fn service(&self, number: u16) -> Option<&'m Service<'m>> {
        let is_for = |port: EgressPort| port == EgressPort::All || port == EgressPort::One(number);
        let is_listed = self.listeners.iter().any(|(port, listed)| is_for(*port) && !listed.is_empty());
        self.clusters.as_ref().filter(|_| is_listed || self.is_implied).map(|clusters| clusters.service)
    }

    /// The number of the port, if there is one only.
    pub(super) fn only_port(&self) -> Option<u16> {
        match self.clusters.as_ref()?.ports.as_slice() {
            [only] => Some(only.number),
            _ => None,
        }
    }
}

/// The services that a namespace sees, in the order in which istiod lists them: those that are not public, and public ones, each by age.
fn in_order<'m>(services: &[&'m Service<'m>], default: &ExportTo, namespace: &str) -> Vec<&'m Service<'m>> {
    let mut visible: Vec<&Service<'_>> = services.iter().copied().filter(|service| service.is_visible(default, namespace)).collect();
    visible.sort_by_key(|service| service.is_public(default));
    visible
}

/// The one namespace whose services a listener keeps (S48).
fn namespace_of<'m>(listed: &[&'m Service<'m>], own: &Text) -> Option<&'m Text> {
    let mut chosen: Option<(&Text, bool)> = None;
    for service in listed {
        let (namespace, is_kubernetes) = (&service.id.namespace, service.is_kubernetes());
        let is_preferred = match chosen {
            None => true,
            Some((before, was_kubernetes)) => *namespace == *own || *before != *own && is_kubernetes && !was_kubernetes,
        };
        if is_preferred {
            chosen = Some((namespace, is_kubernetes));
        }
    }
    chosen.map(|(namespace, _)| namespace)
}

/// The service to which a `VirtualService` that a listener imports routes calls, and the ports; `None` for ports means all (S46).
fn implied<'m>(
    indices: &Indices<'_>,
    client: &Client<'_>,
    listener: Option<&EgressListener<'_>>,
    services: &[&'m Service<'m>],
    visible: &[&'m Service<'m>],
) -> Option<(&'m Service<'m>, Option<Vec<u16>>)> {
    let host = &services.first()?.host;
    let namespace = &client.namespace;
    let mut ports: Option<Vec<Option<u16>>> = None;
    for one in indices.routes().visible_routes_to(host, namespace) {
        if listener.is_none_or(|listener| one.hosts.iter().any(|host| imports(listener, namespace, &one.id.namespace, host))) {
            let routes = one.all_routes().filter(|route| route.is_in_scope_of(namespace));
            let destinations = routes.flat_map(Route::all_destinations).filter(|to| to.host == *host);
            for to in destinations {
                ports.get_or_insert_default().push(to.port);
            }
        }
    }
    let ports = ports?;
    let by_precedence = |all: &[&'m Service<'m>]| all.iter().copied().find(|one| one.is_kubernetes()).or_else(|| all.first().copied());
    let own: Vec<&Service<'_>> = services.iter().copied().filter(|service| service.id.namespace == *namespace).collect();
    let service = by_precedence(&own).or_else(|| {
        let mut by_age = visible.to_vec();
        by_age.sort_by(|a, b| a.age().cmp(&b.age()));
        by_precedence(&by_age)
    })?;
    Some((service, ports.into_iter().collect()))
}
