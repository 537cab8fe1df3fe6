//! What selects workloads by label: Services, `ServiceEntries` and `Sidecar` resources.

use std::collections::BTreeMap;

use crate::{
    mesh::policy::SelectorIndex,
    object::{Labels, Read, Snapshot, Text, wire},
};

/// Services, `ServiceEntries` and Sidecars, found by namespace and label.
#[derive(Debug)]
pub struct ServiceIndex<'s> {
    services: ByNamespace<'s, wire::Service>,
    entries: ByNamespace<'s, wire::ServiceEntry>,
    /// Each namespace's in the order in which istiod tries them (S44).
    sidecars: BTreeMap<Text, Vec<&'s Read<wire::Sidecar>>>,
}

/// Objects of one kind that select workloads of their own namespace.
#[derive(Debug)]
struct ByNamespace<'s, T> {
    all: &'s [Read<T>],
    namespaces: BTreeMap<Text, SelectorIndex>,
}

impl<'s, T> ByNamespace<'s, T> {
    fn new(all: &'s [Read<T>], selector: impl Fn(&'s T) -> Option<&'s Labels> + Copy) -> Self {
        let mut members: BTreeMap<&Text, Vec<(usize, &Labels)>> = BTreeMap::new();
        for (at, read) in all.iter().enumerate() {
            if let Some(labels) = selector(&read.body).filter(|labels| !labels.is_empty()) {
                members.entry(&read.id.namespace).or_default().push((at, labels));
            }
        }
        let index = |(namespace, members): (&Text, Vec<(usize, &Labels)>)| (namespace.clone(), SelectorIndex::new(members.iter().copied()));
        Self { all, namespaces: members.into_iter().map(index).collect() }
    }

    fn candidates(&self, namespace: &str, labels: &Labels) -> impl Iterator<Item = &'s Read<T>> + use<'s, T> {
        let found = self.namespaces.get(namespace).map(|index| index.candidates(labels)).unwrap_or_default();
        let all = self.all;
        found.into_iter().map(move |at| &all[at])
    }
}

fn service_selector(service: &wire::Service) -> Option<&Labels> {
    (service.spec.type_ != "ExternalName").then_some(&service.spec.selector)
}

fn entry_selector(entry: &wire::ServiceEntry) -> Option<&Labels> {
    entry.spec.workload_selector.as_ref().map(|selector| &selector.labels)
}

impl<'s> ServiceIndex<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        let mut sidecars: BTreeMap<Text, Vec<&Read<wire::Sidecar>>> = BTreeMap::new();
        for read in &snapshot.sidecars {
            sidecars.entry(read.id.namespace.clone()).or_default().push(read);
        }
        for all in sidecars.values_mut() {
            all.sort_by(|a, b| (sidecar_selector(a).is_none(), a.age()).cmp(&(sidecar_selector(b).is_none(), b.age())));
        }
        Self {
            services: ByNamespace::new(&snapshot.services, service_selector),
            entries: ByNamespace::new(&snapshot.service_entries, entry_selector),
            sidecars,
        }
    }

    /// The Services that select a workload.
    pub fn services(&self, namespace: &str, labels: &Labels) -> impl Iterator<Item = &'s Read<wire::Service>> {
        self.services.candidates(namespace, labels).filter(move |read| read.body.spec.selector.selects(labels))
    }

    /// The `ServiceEntries` that select a workload.
    pub fn entries(&self, namespace: &str, labels: &Labels) -> impl Iterator<Item = &'s Read<wire::ServiceEntry>> {
        self.entries.candidates(namespace, labels).filter(move |read| entry_selector(&read.body).is_some_and(|s| s.selects(labels)))
    }

    /// The labels for which a namespace has Sidecar resources of their own.
    pub fn sidecar_selectors(&self, namespace: &str) -> impl Iterator<Item = &'s Labels> {
        self.sidecars.get(namespace).into_iter().flatten().filter_map(|read| sidecar_selector(read))
    }

    /// The one Sidecar resource a proxy uses (S44).
    #[must_use]
    pub fn sidecar(&self, root: &str, namespace: &str, labels: &Labels) -> Option<&'s Read<wire::Sidecar>> {
        let of = |namespace: &str| self.sidecars.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let own = of(namespace).iter().find(|read| sidecar_selector(read).is_none_or(|selector| selector.selects(labels)));
        own.or_else(|| of(root).iter().find(|read| sidecar_selector(read).is_none())).copied()
    }
}

/// Labels that a Sidecar resource selects by; `None` if it is for every proxy of its namespace.
fn sidecar_selector(read: &Read<wire::Sidecar>) -> Option<&Labels> {
    read.body.spec.workload_selector.as_ref().map(|selector| &selector.labels).filter(|labels| !labels.is_empty())
}
