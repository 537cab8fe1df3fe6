//! The `EndpointSlices` of each Service.

use std::collections::BTreeMap;

use crate::{
    istio::{self, EndpointSlice},
    object::{Id, Snapshot},
};

/// `EndpointSlices` by namespace and name of the Service.
#[derive(Debug, Default)]
pub(super) struct SliceIndex<'s>(BTreeMap<&'s str, BTreeMap<&'s str, Vec<EndpointSlice<'s>>>>);

impl<'s> SliceIndex<'s> {
    /// `Endpoints` are mirrored for Services that have no selector (S214), unless slices of the Service were read.
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        let mut index = Self::default();
        for slice in snapshot.endpoint_slices.iter().map(EndpointSlice::of) {
            index.add(slice);
        }
        let mirrored = snapshot.endpoints.iter().filter(|read| {
            let is_sliced = !index.of(&read.id.namespace, &read.id.name).is_empty();
            !is_sliced && has_no_selector(snapshot, &read.id)
        });
        let mirrored: Vec<_> = mirrored.flat_map(EndpointSlice::mirrored).collect();
        for slice in mirrored {
            index.add(slice);
        }
        index
    }

    fn add(&mut self, slice: EndpointSlice<'s>) {
        let own = self.0.entry(slice.id.namespace.as_str()).or_default();
        own.entry(slice.service().unwrap_or_default()).or_default().push(slice);
    }

    pub(super) fn has_any_in(&self, namespace: &str) -> bool {
        self.0.contains_key(namespace)
    }

    pub(super) fn of(&self, namespace: &str, service: &str) -> &[EndpointSlice<'s>] {
        self.0.get(namespace).and_then(|own| own.get(service)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether the Service of this namespace and name was read and has no selector.
fn has_no_selector(snapshot: &Snapshot, endpoints: &Id) -> bool {
    let wanted = (&endpoints.namespace, &endpoints.name);
    let found = snapshot.services.binary_search_by(|read| (&read.id.namespace, &read.id.name).cmp(&wanted));
    found.is_ok_and(|at| istio::Service::of(&snapshot.services[at]).selector().is_empty())
}
