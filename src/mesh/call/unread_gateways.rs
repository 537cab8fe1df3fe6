//! Gateways whose pods were not read: a Gateway that selects no workload and that a `VirtualService` is bound to is a client that exists.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    istio::{Gateway, VirtualService},
    mesh::{Client, ClientKind, Mesh, Representative, Service},
    object::{Id, Labels, Text},
};

impl Mesh<'_> {
    /// The client that represents gateways whose pods were not read, if one routes calls to a service. Istio installs gateways into its root
    /// namespace by default.
    #[must_use]
    pub fn unread_gateway(&self, service: &Service<'_>) -> Option<Representative<'_>> {
        if !self.hosts_of_unread_gateways().contains(&service.host) {
            return None;
        }
        let namespace = self.control_planes().primary().root_namespace.clone();
        let client = Client::any(self.indices(), &namespace, Labels::default(), ClientKind::Gateway);
        Some(Representative { client, namespace: Some(namespace) })
    }

    /// Whether there are gateways whose pods were not read.
    pub(in crate::mesh) fn has_unread_gateways(&self) -> bool {
        !self.hosts_of_unread_gateways().is_empty()
    }

    /// The hosts to which such gateways route calls.
    fn hosts_of_unread_gateways(&self) -> &BTreeSet<Text> {
        self.derived.hosts_of_unread_gateways.get_or_init(|| {
            let unread = self.unread_gateways();
            if unread.is_empty() {
                return BTreeSet::new();
            }
            let reads = self.snapshot().virtual_services.iter();
            let decoded = reads.map(|read| VirtualService::decode(read, self.cluster_domain()));
            let bound = decoded.filter(|one| one.gateway_ids().any(|id| unread.contains(&id)));
            bound.flat_map(|one| one.destinations().map(|to| to.host.clone()).collect::<Vec<_>>()).collect()
        })
    }

    /// The Gateways that select no workload.
    fn unread_gateways(&self) -> BTreeSet<Id> {
        let gateways: Vec<Gateway<'_>> = self.snapshot().gateways.iter().map(Gateway::of).collect();
        let keys: BTreeSet<&Text> = gateways.iter().flat_map(|gateway| gateway.selector.iter().map(|(key, _)| key)).collect();
        let mut by_label: BTreeMap<(&str, &str), Vec<&Labels>> = BTreeMap::new();
        let instances = || self.workloads().iter().flat_map(|workload| &workload.instances);
        for labels in instances().map(|instance| &instance.labels) {
            for key in &keys {
                if let Some(value) = labels.get(key) {
                    by_label.entry((key, value)).or_default().push(labels);
                }
            }
        }
        let is_unread = |gateway: &&Gateway<'_>| {
            let candidates = gateway.selector.iter().map(|(key, value)| by_label.get(&(key.as_str(), value.as_str())));
            match candidates.min_by_key(|found| found.map_or(0, Vec::len)) {
                Some(found) => !found.is_some_and(|all| all.iter().any(|labels| gateway.selector.selects(labels))),
                None => instances().next().is_none(),
            }
        };
        gateways.iter().filter(is_unread).map(|gateway| gateway.id.clone()).collect()
    }
}
