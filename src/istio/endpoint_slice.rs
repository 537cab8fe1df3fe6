//! `EndpointSlice`: endpoints of a Service, written by a controller or by hand, and `Endpoints`, which Kubernetes mirrors into slices (S74,
//! S105, S211, S213, S214).

use super::port;
use crate::object::{Id, Kind, Labels, Read, Text, Uid, wire};

/// An `EndpointSlice`, or a subset of `Endpoints` as the slice that Kubernetes makes of it.
#[derive(Clone, Copy, Debug)]
pub struct EndpointSlice<'s> {
    pub id: &'s Id,
    service: Option<&'s str>,
    has_names: bool,
    ports: &'s [wire::EndpointPort],
    endpoints: &'s [wire::Endpoint],
    subset: Subset<'s>,
}

/// The addresses of a subset of `Endpoints`.
#[derive(Clone, Copy, Debug, Default)]
struct Subset<'s> {
    ready: &'s [wire::EndpointAddress],
    not_ready: &'s [wire::EndpointAddress],
}

/// An endpoint of a slice.
#[derive(Clone, Debug)]
pub struct SliceEndpoint<'s> {
    pub address: Option<&'s Text>,
    /// What its `targetRef` names.
    pub target: SliceTarget,
    /// Whether it accepts calls; an endpoint without that condition does (S105).
    pub is_ready: bool,
}

/// What the `targetRef` of an endpoint names (S211).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceTarget {
    /// Nothing, or no pod: only the address is known.
    Address,
    /// A pod, and its `uid`.
    Pod(Id, Uid),
    /// A pod without its namespace, which is found by no client.
    PodWithoutNamespace,
}

impl SliceTarget {
    fn of(target: Option<&wire::TargetPod>) -> Self {
        match target.filter(|target| target.kind == "Pod") {
            None => Self::Address,
            Some(target) if target.namespace.is_empty() => Self::PodWithoutNamespace,
            Some(target) => Self::Pod(Id::new(Kind::Pod, target.namespace.clone(), target.name.clone()), target.uid),
        }
    }
}

impl<'s> EndpointSlice<'s> {
    /// The slice as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::EndpointSlice>) -> Self {
        Self {
            id: &read.id,
            service: read.body.metadata.labels.get("kubernetes.io/service-name"),
            has_names: read.body.address_type == "FQDN",
            ports: &read.body.ports,
            endpoints: &read.body.endpoints,
            subset: Subset::default(),
        }
    }

    /// The slices that Kubernetes makes of `Endpoints`, if their Service has no selector.
    pub fn mirrored(read: &'s Read<wire::Endpoints>) -> impl Iterator<Item = Self> {
        let is_skipped = |labels: &Labels| labels.get("endpointslice.kubernetes.io/skip-mirror") == Some("true");
        let subsets = read.body.subsets.iter().filter(move |_| !is_skipped(read.labels()));
        subsets.map(|subset| Self {
            id: &read.id,
            service: Some(read.id.name.as_str()),
            has_names: false,
            ports: &subset.ports,
            endpoints: &[],
            subset: Subset { ready: &subset.addresses, not_ready: &subset.not_ready_addresses },
        })
    }

    /// The name of its Service.
    #[must_use]
    pub fn service(&self) -> Option<&'s str> {
        self.service
    }

    /// The number of the port with this name; `None` if the slice contains DNS names instead of addresses.
    #[must_use]
    pub fn port(&self, name: &str) -> Option<u16> {
        let found = self.ports.iter().find(|own| own.name == *name).and_then(|own| port(own.port?.0));
        found.filter(|_| !self.has_names)
    }

    /// The names of its ports, if it contains addresses and not DNS names.
    pub fn port_names(&self) -> impl Iterator<Item = &'s Text> + use<'s> {
        let ports = if self.has_names { &[] } else { self.ports };
        ports.iter().map(|port| &port.name)
    }

    /// Its endpoints, if they are addresses and not DNS names.
    pub fn endpoints(&self) -> impl Iterator<Item = SliceEndpoint<'s>> + use<'s> {
        let endpoints = if self.has_names { &[] } else { self.endpoints };
        let own = endpoints.iter().map(|endpoint| SliceEndpoint {
            address: endpoint.addresses.first(),
            target: SliceTarget::of(endpoint.target_ref.as_ref()),
            is_ready: endpoint.conditions.ready.is_none_or(|ready| ready.0),
        });
        let mirrored = |address: &'s wire::EndpointAddress, is_ready| SliceEndpoint {
            address: Some(&address.ip),
            target: SliceTarget::of(address.target_ref.as_ref()),
            is_ready,
        };
        let ready = self.subset.ready.iter().map(move |address| mirrored(address, true));
        own.chain(ready).chain(self.subset.not_ready.iter().map(move |address| mirrored(address, false)))
    }

    /// The endpoints that accept calls.
    pub fn ready(&self) -> impl Iterator<Item = SliceEndpoint<'s>> + use<'s> {
        self.endpoints().filter(|endpoint| endpoint.is_ready)
    }

    /// The first address of every endpoint.
    pub fn addresses(&self) -> impl Iterator<Item = &'s Text> + use<'s> {
        let own = self.endpoints.iter().filter_map(|endpoint| endpoint.addresses.first());
        own.chain(self.subset.ready.iter().chain(self.subset.not_ready).map(|address| &address.ip))
    }
}
