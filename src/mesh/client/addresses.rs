//! Services by the addresses that clients connect to (S280, S285).

use std::collections::BTreeMap;

use super::registry::{Registry, ServiceSource};
use crate::{istio::EndpointSlice, object::Text};

/// Services by the addresses that clients connect to.
#[derive(Debug)]
pub(in crate::mesh) struct ServiceAddresses {
    /// Positions of the services with an address of their own: a cluster IP, or `addresses` of a `ServiceEntry`.
    pub(super) own: BTreeMap<Text, Vec<usize>>,
    /// Positions of the headless Services whose slices list an address.
    pub(super) listed: BTreeMap<Text, Vec<usize>>,
}

impl ServiceAddresses {
    pub(super) fn new(registry: &Registry<'_>) -> Self {
        let mut own = BTreeMap::<Text, Vec<usize>>::new();
        for (at, service) in registry.services().iter().enumerate() {
            let add = |address: &str| own.entry(address.into()).or_default().push(at);
            match service.source {
                ServiceSource::Service(body) => body.cluster_ips().for_each(add),
                ServiceSource::Entry(body) => body.addresses().iter().map(Text::as_str).for_each(add),
            }
        }
        let mut listed = BTreeMap::<Text, Vec<usize>>::new();
        for (at, service) in registry.services().iter().enumerate().filter(|(_, service)| service.is_headless()) {
            let own = registry.slices(&service.id.namespace, &service.id.name);
            own.iter().flat_map(EndpointSlice::addresses).for_each(|address| listed.entry(address.clone()).or_default().push(at));
        }
        Self { own, listed }
    }
}
