//! Namespaces whose clients may call another service than others by the same address or port, because they see other services (S280, S281, S290).

use std::collections::{BTreeMap, BTreeSet};

use super::registry::{Registry, Service};
use crate::{
    istio::ExportTo,
    object::{Id, Text},
};

/// The namespaces that see other rivals of a service than the rest.
#[derive(Debug, Default)]
pub(super) struct Takers {
    /// By the port of entries without an address.
    by_port: BTreeMap<u16, BTreeSet<Text>>,
    /// By each of several services with one address.
    by_service: BTreeMap<Id, BTreeSet<Text>>,
    /// By the namespace of headless Services.
    headless: BTreeMap<Text, BTreeSet<Text>>,
}

impl Takers {
    /// Every namespace with a rival; `importers` are the namespaces that import a service.
    pub(super) fn new(registry: &Registry<'_>, default: &ExportTo, importers: &impl Fn(&Service<'_>) -> BTreeSet<Text>) -> Self {
        let mut takers = Self::default();
        let mut by_address: BTreeMap<&str, Vec<&Service<'_>>> = BTreeMap::new();
        for service in registry.services() {
            if let Some(address) = service.address() {
                by_address.entry(address).or_default().push(service);
            }
            if service.is_headless() && !service.is_public(default) {
                takers.headless.entry(service.id.namespace.clone()).or_default().extend(exported(service, default));
            }
        }
        for (port, service) in registry.all_without_address() {
            let namespaces = takers.by_port.entry(port).or_default();
            namespaces.extend(exported(service, default).chain(importers(service)));
        }
        for services in by_address.values().filter(|services| services.len() > 1) {
            let all: BTreeSet<Text> = services.iter().flat_map(|service| exported(service, default).chain(importers(service))).collect();
            for service in services {
                takers.by_service.entry(service.id.clone()).or_default().extend(all.iter().cloned());
            }
        }
        takers
    }

    /// The namespaces that may see other rivals of a service.
    pub(super) fn of<'t>(&'t self, service: &'t Service<'_>) -> impl Iterator<Item = &'t Text> {
        let by_port = service.ports.iter().filter_map(|port| self.by_port.get(&port.number));
        let headless = service.is_headless().then(|| self.headless.get(&service.id.namespace)).flatten();
        by_port.chain(self.by_service.get(service.id)).chain(headless).flatten()
    }
}

/// The namespaces that see a service where others do not: none if all do.
fn exported<'t>(service: &'t Service<'_>, default: &ExportTo) -> impl Iterator<Item = Text> + 't {
    let own = (!service.is_public(default)).then(|| service.id.namespace.clone());
    own.into_iter().chain(service.exported_by_name().cloned())
}
