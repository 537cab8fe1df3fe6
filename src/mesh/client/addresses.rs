//! Services by the addresses that clients connect to (S280, S285).

use std::collections::{BTreeMap, BTreeSet};

use super::registry::{Registry, Resolution, ServiceSource};
use crate::{
    istio::EndpointSlice,
    object::{Id, Kind, Snapshot, Text},
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
    pub(super) fn new(snapshot: &Snapshot, registry: &Registry<'_>) -> Self {
        let (mut own, mut positions) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeMap::<&Id, usize>::new());
        for (at, service) in registry.services().iter().enumerate() {
            positions.entry(service.id).or_insert(at);
            let mut add = |address: &Text| own.entry(address.clone()).or_default().push(at);
            match service.source {
                ServiceSource::Service(body) if matches!(body.address().as_str(), "" | "None") => {}
                ServiceSource::Service(body) => add(body.address()),
                ServiceSource::Entry(body) => body.addresses().iter().for_each(add),
            }
        }
        let (mut listed, mut sliced) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeSet::new());
        for slice in snapshot.endpoint_slices.iter().map(EndpointSlice::of) {
            let id = Id::new(Kind::Service, slice.id.namespace.clone(), slice.service().unwrap_or_default());
            let found = positions.get(&id).filter(|&&at| registry.services()[at].resolution() == Resolution::Passthrough);
            if let Some(&at) = found {
                slice.addresses().for_each(|address| listed.entry(address.clone()).or_default().push(at));
                sliced.insert(id);
            }
        }
        Self { own, listed, sliced }
    }
}
