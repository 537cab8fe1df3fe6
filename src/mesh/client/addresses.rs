//! Services by the addresses that clients connect to (S280, S285).

use std::collections::{BTreeMap, BTreeSet};

use super::registry::{Registry, Resolution, Service, ServiceSource};
use crate::{
    istio::EndpointSlice,
    object::{Id, Text},
};

/// Services by the addresses that clients connect to.
#[derive(Debug)]
pub(in crate::mesh) struct ServiceAddresses {
    /// Positions of the services with an address of their own: a cluster IP, or `addresses` of a `ServiceEntry`.
    pub(super) own: BTreeMap<Text, Vec<usize>>,
    /// Positions of the headless Services whose slices list an address.
    pub(super) listed: BTreeMap<Text, Vec<usize>>,
    /// Services that have slices, so that their selectors do not determine their endpoints.
    pub(super) sliced: BTreeSet<Id>,
}

impl ServiceAddresses {
    pub(super) fn new(registry: &Registry<'_>) -> Self {
        let mut own = BTreeMap::<Text, Vec<usize>>::new();
        for (at, service) in registry.services().iter().enumerate() {
            let mut add = |address: &Text| own.entry(address.clone()).or_default().push(at);
            match service.source {
                ServiceSource::Service(body) if matches!(body.address().as_str(), "" | "None") => {}
                ServiceSource::Service(body) => add(body.address()),
                ServiceSource::Entry(body) => body.addresses().iter().for_each(add),
            }
        }
        let (mut listed, mut sliced) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeSet::new());
        let headless = |service: &Service<'_>| service.is_kubernetes() && service.resolution() == Resolution::Passthrough;
        for (at, service) in registry.services().iter().enumerate().filter(|(_, service)| headless(service)) {
            let own = registry.slices(&service.id.namespace, &service.id.name);
            own.iter().flat_map(EndpointSlice::addresses).for_each(|address| listed.entry(address.clone()).or_default().push(at));
            if !own.is_empty() {
                sliced.insert(service.id.clone());
            }
        }
        Self { own, listed, sliced }
    }
}
