//! `EndpointSlice`: endpoints of a Service, written by a controller or by hand (S74, S105).

use super::port;
use crate::object::{Id, Kind, Read, Text, wire};

#[derive(Clone, Copy, Debug)]
pub struct EndpointSlice<'s> {
    pub id: &'s Id,
    body: &'s wire::EndpointSlice,
}

/// An endpoint of a slice.
#[derive(Clone, Debug)]
pub struct SliceEndpoint<'s> {
    pub address: Option<&'s Text>,
    /// The pod in its `targetRef`.
    pub pod: Option<Id>,
}

impl<'s> EndpointSlice<'s> {
    /// The slice as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::EndpointSlice>) -> Self {
        Self { id: &read.id, body: &read.body }
    }

    /// The name of its Service.
    #[must_use]
    pub fn service(&self) -> Option<&'s str> {
        self.body.metadata.labels.get("kubernetes.io/service-name")
    }

    /// The number of the port with this name; `None` if the slice contains DNS names instead of addresses.
    #[must_use]
    pub fn port(&self, name: &str) -> Option<u16> {
        let found = self.body.ports.iter().find(|own| own.name == *name).and_then(|own| port(own.port?.0));
        found.filter(|_| self.body.address_type != "FQDN")
    }

    /// The endpoints that accept calls; an endpoint without that condition does (S105).
    pub fn ready(&self) -> impl Iterator<Item = SliceEndpoint<'s>> + use<'s> {
        let namespace = &self.id.namespace;
        let ready = self.body.endpoints.iter().filter(|endpoint| endpoint.conditions.ready.is_none_or(|ready| ready.0));
        ready.map(move |endpoint| SliceEndpoint {
            address: endpoint.addresses.first(),
            pod: endpoint.target_ref.as_ref().filter(|target| target.kind == "Pod").map(|target| {
                let of = if target.namespace.is_empty() { namespace } else { &target.namespace };
                Id::new(Kind::Pod, of.clone(), target.name.clone())
            }),
        })
    }

    /// The first address of every endpoint.
    pub fn addresses(&self) -> impl Iterator<Item = &'s Text> + use<'s> {
        self.body.endpoints.iter().filter_map(|endpoint| endpoint.addresses.first())
    }
}
