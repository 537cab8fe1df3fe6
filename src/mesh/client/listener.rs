//! The service that has a listener for an address (S76, S280).

use super::{
    Client,
    addresses::ServiceAddresses,
    endpoint::Endpoint,
    registry::{Port, Service},
    scope::Destination,
};
use crate::{
    istio::{ProtocolClass, ServiceType},
    mesh::Mesh,
    object::Text,
};

impl<'s> Mesh<'s> {
    fn service_addresses(&self) -> &ServiceAddresses {
        self.derived.service_addresses.get_or_init(|| ServiceAddresses::new(self.registry()))
    }

    /// The services that have this address themselves, the oldest first: the cluster IP of a Service, `addresses` of a `ServiceEntry` (S285).
    pub fn services_at<'m>(&'m self, address: &str) -> impl Iterator<Item = &'m Service<'s>> {
        self.service_addresses().own.get(address).into_iter().flatten().map(|&at| &self.registry().services()[at])
    }

    /// The service whose listener a sidecar has for the address of an endpoint, and which gets every call to it, whatever name the client
    /// uses: of the services that the client sees and whose port is not HTTP, the oldest (S76, S280).
    #[must_use]
    pub fn listener_at<'m>(&'m self, client: &Client<'_>, endpoint: &Endpoint<'_>, port: u16) -> Option<Destination<'m>> {
        let default = &self.control_planes().of_revision(&client.revision).service_export_to;
        let mut candidates = self.listening(endpoint);
        candidates.sort_by(|a, b| (a.is_public(default), a.age()).cmp(&(b.is_public(default), b.age())));
        candidates.into_iter().find_map(|service| {
            let port = service.port(port).filter(|port| port.protocol.class() != ProtocolClass::Http)?;
            if !self.lists_at(service, port, endpoint) {
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
        let is_listed = |at: &Text| addresses.own.contains_key(at.as_str()) || addresses.listed.contains_key(at.as_str());
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
