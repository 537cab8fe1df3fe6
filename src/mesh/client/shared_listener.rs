//! The listener of a sidecar for a port on all addresses, and the service that gets calls because of an address or a port (S281, S290).

use super::{
    Client, ClientKind,
    claim::Claim,
    registry::{Service, ServiceSource},
    scope::{Destination, Known},
};
use crate::{
    istio::{EgressPort, Protocol, ProtocolClass},
    mesh::{Mesh, indices::Indices},
};

/// What a sidecar does with connections at a port to addresses without a listener of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SharedListener<'m> {
    /// The entry without an address that gets everything that is not HTTP (S281).
    pub owner: Option<&'m Service<'m>>,
    /// Whether HTTP is routed by the name that was called.
    pub routes_http: bool,
}

/// A listener on all addresses while istiod adds the services of a client to it.
#[derive(Default)]
struct Draft<'m> {
    protocol: Option<Protocol>,
    found: SharedListener<'m>,
}

impl<'m> Draft<'m> {
    /// Adds a port of a service; those of `MongoDB` and `MySQL` share no listener with other protocols (S281).
    fn add(&mut self, service: &'m Service<'m>, protocol: Protocol) {
        let is_alone = |protocol: Protocol| matches!(protocol, Protocol::Mongo | Protocol::Mysql);
        let class = protocol.class();
        if let Some(before) = self.protocol
            && before != protocol
            && (is_alone(before) || is_alone(protocol))
        {
            return;
        }
        let is_first = self.protocol.is_none();
        if class != ProtocolClass::Tcp {
            self.found.routes_http = true;
            self.protocol = Some(Protocol::Unknown);
        } else if is_first {
            self.protocol = Some(protocol);
        }
        if class != ProtocolClass::Http && protocol != Protocol::Tls && service.has_no_range() {
            self.found.owner.get_or_insert(service);
        }
    }
}

impl Indices<'_> {
    /// The listener of a client for all addresses at a port. Without an entry that could own it, it is not evaluated.
    #[must_use]
    pub fn shared_listener<'m>(&'m self, client: &Client<'_>, port: u16) -> SharedListener<'m> {
        if client.kind != ClientKind::Sidecar || self.registry().without_address(port).next().is_none() {
            return SharedListener::default();
        }
        let default = &self.control_planes().of_revision(&client.revision).service_export_to;
        let mut services: Vec<&Service<'_>> = self.registry().without_address(port).collect();
        services.retain(|service| !self.has_allocated_address(client, service));
        services.extend(self.registry().with_http(port));
        services.sort_by(|a, b| (a.is_public(default), a.age()).cmp(&(b.is_public(default), b.age())));
        let listed = |service: &Service<'_>| {
            let known = service.is_visible(default, &client.namespace).then(|| self.known_host(client, &service.host)).flatten();
            known.is_some_and(|known| known.lists(service, port))
        };
        services.retain(|service| listed(service));
        let ports = match self.egress(client) {
            Some(listeners) => listeners.iter().map(|listener| (listener.port, Some(listener))).collect(),
            None => vec![(EgressPort::All, None)],
        };
        let mut draft = Draft::default();
        for (of_listener, listener) in ports {
            let is_for = of_listener == EgressPort::All && draft.protocol.is_none() || of_listener == EgressPort::One(port);
            let imports = |service: &Service<'_>| {
                listener.is_none_or(|one| super::egress::imports(one, &client.namespace, &service.id.namespace, &service.host))
            };
            for service in services.iter().filter(|service| is_for && imports(service)) {
                service.port(port).into_iter().for_each(|port| draft.add(service, port.protocol));
            }
        }
        draft.found
    }

    /// Whether the client's proxy has an address for an entry that declares none: those that capture DNS use the one that istiod allocates,
    /// by default from 1.25 on (S234).
    fn has_allocated_address(&self, client: &Client<'_>, service: &Service<'_>) -> bool {
        let ServiceSource::Entry(entry) = service.source else { return false };
        entry.may_have_allocated_address(&service.host) && client.uses_allocated_addresses(self)
    }
}

impl Service<'_> {
    /// Whether it lists no address ranges, which match only connections to these.
    fn has_no_range(&self) -> bool {
        matches!(self.source, ServiceSource::Entry(entry) if entry.addresses().is_empty())
    }
}

impl Mesh<'_> {
    /// The service that gets the calls of a client to a destination instead of it, and why: the owner of its address (S290), or of its port if
    /// it has no address (S281). The calls are not HTTP, if the port does not declare that.
    #[must_use]
    pub fn taken_by<'m>(&'m self, client: &Client<'_>, to: Destination<'_>) -> Option<(&'m Service<'m>, Claim)> {
        if client.kind != ClientKind::Sidecar {
            return None;
        }
        if !to.service.is_without_address() {
            return Some((self.owner_of_address(client, to)?, Claim::Address));
        }
        if to.port.protocol.class() != ProtocolClass::Tcp || to.port.protocol == Protocol::Tls || !to.service.has_no_range() {
            return None;
        }
        let owner = self.indices.shared_listener(client, to.port.number).owner?;
        (owner.host != to.service.host && !self.indices.has_allocated_address(client, to.service)).then_some((owner, Claim::Port))
    }

    /// The service whose listener is on the address of a destination, if that is another one: the first whose port is not HTTP.
    fn owner_of_address<'m>(&'m self, client: &Client<'_>, to: Destination<'_>) -> Option<&'m Service<'m>> {
        let address = self.shared_address(to.service)?;
        let default = &self.control_planes().of_revision(&client.revision).service_export_to;
        // Kubernetes gives a cluster IP to one Service: files with the same one for several do not show which has it.
        let is_other = |one: &&Service<'_>| one.is_kubernetes() && to.service.is_kubernetes() && one.host != to.service.host;
        let mut all: Vec<&Service<'_>> = self.services_at(address).filter(|one| !is_other(one)).collect();
        all.sort_by_key(|service| service.is_public(default));
        let number = to.port.number;
        let listens = |service: &&&Service<'_>| {
            let is_stream = service.port(number).is_some_and(|port| port.protocol.class() != ProtocolClass::Http);
            let is_listed = || !matches!(self.indices.known(client, &service.host, number, false), Known::Nothing);
            is_stream && service.is_visible(default, &client.namespace) && is_listed()
        };
        let owner = all.iter().find(listens).copied()?;
        (owner.host != to.service.host).then_some(owner)
    }
}
