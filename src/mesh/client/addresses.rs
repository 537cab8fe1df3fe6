//! Services by the addresses that clients connect to (S280, S285).

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ipnet::IpNet;

use super::registry::{Registry, ServiceSource};
use crate::{istio::EndpointSlice, object::Text};

/// Services by the addresses that clients connect to.
#[derive(Debug)]
pub(in crate::mesh) struct ServiceAddresses {
    /// Positions of the services with an address of their own: a cluster IP, or `addresses` of a `ServiceEntry`.
    pub(super) own: BTreeMap<Text, Vec<usize>>,
    /// The addresses among them that some `ServiceEntry` has.
    pub(super) of_entries: BTreeSet<Text>,
    /// Positions of the headless Services whose slices list an address.
    pub(super) listed: BTreeMap<Text, Vec<usize>>,
    /// Positions of the entries to which istiod allocated an address (S234).
    pub(super) allocated: BTreeMap<Text, Vec<usize>>,
    ranges: Ranges,
}

/// Positions of the entries with a range of addresses, by the length of its prefix and by the range (S311).
#[derive(Debug, Default)]
struct Ranges {
    by_length: BTreeMap<u8, BTreeMap<IpNet, Vec<usize>>>,
    /// The ranges that contain the address of a pod.
    with_pods: BTreeSet<IpNet>,
}

impl Ranges {
    /// The ranges that contain an address, the smallest first, each with its entries.
    fn of(&self, address: IpAddr) -> impl Iterator<Item = (IpNet, &Vec<usize>)> {
        self.by_length.iter().rev().filter_map(move |(length, ranges)| {
            let range = IpNet::new(address, *length).ok()?.trunc();
            Some((range, ranges.get(&range)?))
        })
    }
}

impl ServiceAddresses {
    pub(super) fn new<'p>(registry: &Registry<'_>, pods: impl Iterator<Item = &'p Text>) -> Self {
        let (mut own, mut allocated) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeMap::<Text, Vec<usize>>::new());
        let (mut of_entries, mut ranges) = (BTreeSet::new(), Ranges::default());
        for (at, service) in registry.services().iter().enumerate() {
            let add = |address: &str| own.entry(address.into()).or_default().push(at);
            match service.source {
                ServiceSource::Service(body) => body.cluster_ips().for_each(add),
                ServiceSource::Entry(body) => {
                    body.single_addresses().for_each(add);
                    of_entries.extend(body.single_addresses().map(Text::from));
                    for range in body.address_ranges() {
                        ranges.by_length.entry(range.prefix_len()).or_default().entry(range).or_default().push(at);
                    }
                    body.allocated_addresses(&service.host).for_each(|address| allocated.entry(address.into()).or_default().push(at));
                }
            }
        }
        if !ranges.by_length.is_empty() {
            let addresses = pods.filter_map(|address| address.parse::<IpAddr>().ok());
            ranges.with_pods = addresses.flat_map(|address| ranges.of(address).map(|(range, _)| range).collect::<Vec<_>>()).collect();
        }
        let mut listed = BTreeMap::<Text, Vec<usize>>::new();
        for (at, service) in registry.services().iter().enumerate().filter(|(_, service)| service.is_headless()) {
            let own = registry.slices(&service.id.namespace, &service.id.name);
            own.iter().flat_map(EndpointSlice::addresses).for_each(|address| listed.entry(address.clone()).or_default().push(at));
        }
        Self { own, of_entries, listed, allocated, ranges }
    }

    /// Positions of the entries with a range that contains an address, those with the smallest range first.
    pub(super) fn in_ranges(&self, address: &str) -> impl Iterator<Item = &Vec<usize>> {
        let address = address.parse::<IpAddr>().ok();
        address.into_iter().flat_map(|address| self.ranges.of(address).map(|(_, entries)| entries))
    }

    /// Whether a range contains the address of a pod.
    pub(super) fn has_pods(&self, range: IpNet) -> bool {
        self.ranges.with_pods.contains(&range)
    }
}
