//! What selects workloads by label: Services, `ServiceEntries` and `Sidecar` resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    istio::{Service, ServiceEntry, ServiceType, Sidecar},
    mesh::policy::SelectorIndex,
    object::{Id, Labels, Snapshot, Text},
};

/// Services, `ServiceEntries` and Sidecars, indexed by namespace and label.
#[derive(Debug)]
pub struct ServiceIndex<'s> {
    services: ByNamespace<Service<'s>>,
    entries: ByNamespace<ServiceEntry<'s>>,
    /// By namespace, in the order in which istiod tries them (S44).
    sidecars: BTreeMap<Text, Vec<Sidecar<'s>>>,
}

/// Objects of one kind that select workloads of their own namespace.
#[derive(Debug)]
struct ByNamespace<T> {
    all: Vec<T>,
    namespaces: BTreeMap<Text, SelectorIndex>,
    /// The keys of the labels in the selectors of a namespace.
    keys: BTreeMap<Text, BTreeSet<Text>>,
}

impl<T: Copy> ByNamespace<T> {
    fn new<'s>(all: Vec<T>, selector: impl Fn(&T) -> (&'s Id, Option<&'s Labels>)) -> Self {
        let mut members: BTreeMap<&Text, Vec<(usize, &Labels)>> = BTreeMap::new();
        for (at, one) in all.iter().enumerate() {
            if let (id, Some(labels)) = selector(one) {
                members.entry(&id.namespace).or_default().push((at, labels));
            }
        }
        let own_keys =
            |members: &[(usize, &Labels)]| members.iter().flat_map(|(_, labels)| labels.iter().map(|(key, _)| key.clone())).collect();
        let keys = members.iter().map(|(namespace, members)| ((*namespace).clone(), own_keys(members))).collect();
        let index = |(namespace, members): (&Text, Vec<(usize, &Labels)>)| (namespace.clone(), SelectorIndex::new(members.iter().copied()));
        Self { all, namespaces: members.into_iter().map(index).collect(), keys }
    }

    fn candidates(&self, namespace: &str, labels: &Labels) -> impl Iterator<Item = T> {
        let found = self.namespaces.get(namespace).map(|index| index.candidates(labels)).unwrap_or_default();
        found.into_iter().map(|at| self.all[at])
    }
}

fn service_selector<'s>(service: &Service<'s>) -> (&'s Id, Option<&'s Labels>) {
    let is_alias = matches!(service.kind, ServiceType::ExternalName(_));
    (service.id, Some(service.selector()).filter(|labels| !is_alias && !labels.is_empty()))
}

fn entry_selector<'s>(entry: &ServiceEntry<'s>) -> (&'s Id, Option<&'s Labels>) {
    (entry.id, entry.selector().filter(|labels| !labels.is_empty()))
}

impl<'s> ServiceIndex<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        let mut sidecars: BTreeMap<Text, Vec<Sidecar<'s>>> = BTreeMap::new();
        for read in &snapshot.sidecars {
            sidecars.entry(read.id.namespace.clone()).or_default().push(Sidecar::decode(read));
        }
        for all in sidecars.values_mut() {
            all.sort_by(|a, b| (a.selector.is_none(), a.age()).cmp(&(b.selector.is_none(), b.age())));
        }
        Self {
            services: ByNamespace::new(snapshot.services.iter().map(Service::of).collect(), service_selector),
            entries: ByNamespace::new(snapshot.service_entries.iter().map(ServiceEntry::of).collect(), entry_selector),
            sidecars,
        }
    }

    /// The Services that select a workload.
    pub fn services(&self, namespace: &str, labels: &Labels) -> impl Iterator<Item = Service<'s>> {
        self.services.candidates(namespace, labels).filter(move |service| service.selector().selects(labels))
    }

    /// The `ServiceEntries` that select a workload.
    pub fn entries(&self, namespace: &str, labels: &Labels) -> impl Iterator<Item = ServiceEntry<'s>> {
        self.entries.candidates(namespace, labels).filter(move |entry| entry.selector().is_some_and(|selector| selector.selects(labels)))
    }

    /// Those of a workload's labels that Services and `ServiceEntries` of its namespace select by.
    pub(super) fn selecting_labels(&self, namespace: &str, labels: &Labels) -> Labels {
        let keys = [self.services.keys.get(namespace), self.entries.keys.get(namespace)];
        let selects = |key: &Text| keys.iter().flatten().any(|keys| keys.contains(key));
        labels.iter().filter(|(key, _)| selects(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The selectors of the Sidecar resources of a namespace.
    pub fn sidecar_selectors(&self, namespace: &str) -> impl Iterator<Item = &'s Labels> {
        self.sidecars_in(namespace).filter_map(|sidecar| sidecar.selector)
    }

    /// Every Sidecar resource, grouped by namespace.
    pub fn sidecars(&self) -> impl Iterator<Item = &Sidecar<'s>> {
        self.sidecars.values().flatten()
    }

    /// The Sidecar resources of a namespace, in the order in which istiod tries them (S44).
    pub fn sidecars_in(&self, namespace: &str) -> impl Iterator<Item = &Sidecar<'s>> {
        self.sidecars.get(namespace).into_iter().flatten()
    }

    /// The Sidecar resource that applies to a proxy (S44).
    #[must_use]
    pub fn sidecar(&self, root: &str, namespace: &str, labels: &Labels) -> Option<&Sidecar<'s>> {
        let mut own = self.sidecars_in(namespace);
        let own = own.find(|sidecar| sidecar.selector.is_none_or(|selector| selector.selects(labels)));
        own.or_else(|| self.sidecars_in(root).find(|sidecar| sidecar.selector.is_none()))
    }
}
