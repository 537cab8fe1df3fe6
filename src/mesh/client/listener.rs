//! The service that has a listener for an address (S76, S280).

use super::{
    Client, ClientKind,
    addresses::ServiceAddresses,
    endpoint::Endpoint,
    registry::{Port, Service, ServiceSource},
    scope::Destination,
};
use crate::{
    istio::{ProtocolClass, ServiceType},
    mesh::Mesh,
    object::Text,
};

impl<'s> Mesh<'s> {
    pub(super) fn service_addresses(&self) -> &ServiceAddresses {
        self.derived.service_addresses.get_or_init(|| ServiceAddresses::new(self.registry(), self.indices.addresses().keys()))
    }

    /// The services that have this address themselves, the oldest first: the cluster IP of a Service, `addresses` of a `ServiceEntry` (S285).
    pub fn services_at<'m>(&'m self, address: &str) -> impl Iterator<Item = &'m Service<'s>> {
        self.service_addresses().own.get(address).into_iter().flatten().map(|&at| &self.registry().services()[at])
    }

    /// The address of a service, if another one may have the listener for it. Kubernetes gives a cluster IP to one Service, so that only
    /// entries can have it too.
    pub(in crate::mesh) fn shared_address<'a>(&self, service: &'a Service<'_>) -> Option<&'a str> {
        let is_shared = |address: &&str| match service.source {
            ServiceSource::Service(_) => self.service_addresses().of_entries.contains(*address),
            ServiceSource::Entry(_) => self.services_at(address).nth(1).is_some(),
        };
        service.address().filter(is_shared)
    }

    /// The entries to which istiod allocated this address, which only ztunnel and sidecars that capture DNS know (S234).
    pub fn allocated_at<'m>(&'m self, address: &str) -> impl Iterator<Item = &'m Service<'s>> {
        self.service_addresses().allocated.get(address).into_iter().flatten().map(|&at| &self.registry().services()[at])
    }

    /// The entry whose range of addresses gets the calls of a sidecar to an address without a listener of its own: the one with the smallest
    /// range, whatever is sent, of those that the client sees and whose port is not HTTP (S311).
    #[must_use]
    pub fn range_owner<'m>(&'m self, client: &Client<'_>, address: &str, port: u16) -> Option<Destination<'m>> {
        if client.kind != ClientKind::Sidecar {
            return None;
        }
        let of_range = |entries: &Vec<usize>| {
            let candidates = entries.iter().map(|&at| &self.registry().services()[at]).collect();
            self.first_listening(client, candidates, port, |_, _| true)
        };
        self.service_addresses().in_ranges(address).find_map(of_range)
    }

    /// The service whose listener a sidecar has for the address of an endpoint, and which gets every call to it, whatever name the client
    /// uses: of the services that the client sees and whose port is not HTTP, the oldest (S76, S280).
    #[must_use]
    pub fn listener_at<'m>(&'m self, client: &Client<'_>, endpoint: &Endpoint<'_>, port: u16) -> Option<Destination<'m>> {
        let own = self.first_listening(client, self.listening(endpoint), port, |service, port| self.lists_at(service, port, endpoint));
        own.or_else(|| self.range_owner(client, self.address_of(endpoint)?, port))
    }

    /// The first of some services with a listener of a client for a port.
    fn first_listening<'m>(
        &'m self,
        client: &Client<'_>,
        mut candidates: Vec<&'m Service<'m>>,
        port: u16,
        lists: impl Fn(&Service<'_>, &Port) -> bool,
    ) -> Option<Destination<'m>> {
        let default = &self.control_planes().of_revision(&client.revision).service_export_to;
        candidates.sort_by(|a, b| (a.is_public(default), a.age()).cmp(&(b.is_public(default), b.age())));
        candidates.into_iter().find_map(|service| {
            let port = service.port(port).filter(|port| port.protocol.class() != ProtocolClass::Http)?;
            if !lists(service, port) {
                return None;
            }
            let seen = self.indices.destination(client, &service.host, port.number)?;
            (seen.service.id == service.id).then_some(Destination { service, port })
        })
    }

    /// Whether the slices of a Service, if it has any, list an endpoint at a port by its name: others get no listener (S291).
    fn lists_at(&self, service: &Service<'_>, port: &Port, endpoint: &Endpoint<'_>) -> bool {
        let slices = self.slices_of(service);
        if slices.iter().all(|slice| slice.port(&port.name).is_some()) {
            return true;
        }
        let mut named = slices.iter().filter(|slice| slice.port(&port.name).is_some());
        let at = self.address_of(endpoint);
        at.is_some_and(|at| named.any(|slice| slice.addresses().any(|address| address == at)))
    }

    /// Whether a listener for the address of an endpoint may depend on more than its labels.
    #[must_use]
    pub fn is_listed(&self, endpoint: &Endpoint<'_>) -> bool {
        let addresses = self.service_addresses();
        let is_listed = |at: &Text| {
            let is_own = addresses.own.contains_key(at.as_str()) || addresses.listed.contains_key(at.as_str());
            is_own || addresses.in_ranges(at).next().is_some()
        };
        self.address_of(endpoint).is_some_and(is_listed)
    }

    /// The pods of a headless Service at a number, whether or not the Service has it as port (S291).
    #[must_use]
    pub fn headless_endpoints<'m>(&'m self, service: &Service<'_>, number: u16) -> Vec<Endpoint<'m>> {
        let first = || service.ports.first().map(|port| port.name.clone()).unwrap_or_default();
        let any = || Port { name: first(), ..Port::assumed(number) };
        self.endpoints(service, &service.port(number).cloned().unwrap_or_else(any))
    }

    /// The headless Services that contain an endpoint, and the services that have its address themselves.
    fn listening<'m>(&'m self, endpoint: &Endpoint<'_>) -> Vec<&'m Service<'m>> {
        let (addresses, registry) = (self.service_addresses(), self.registry());
        let at = self.address_of(endpoint);
        let own = at.and_then(|at| addresses.own.get(at.as_str())).into_iter().flatten();
        let listed = at.and_then(|at| addresses.listed.get(at.as_str())).into_iter().flatten();
        let mut found: Vec<&Service<'_>> = own.chain(listed).map(|&at| &registry.services()[at]).collect();
        if let Some((workload, instance)) = endpoint.server {
            let is_machine = instance.spec.is_none();
            let selecting = self.indices.services().services(&workload.subject.namespace, &instance.labels);
            let headless = selecting.filter(|service| service.kind == ServiceType::Headless);
            let selecting = headless.filter(|service| is_machine || registry.slices(&service.id.namespace, &service.id.name).is_empty());
            found.extend(selecting.filter_map(|service| registry.of(service.id)));
        }
        found
    }
}
