//! Overlays manifests on a snapshot: the state after applying them and deleting objects.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    HasMetadata, Id, Kind, Read, Snapshot,
    kind_table::for_each_kind,
    wire::{Container, HttpGet, Meta, Owner, PodSpec, Template},
};

/// What applying manifests does to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Added,
    /// Its content differs.
    Changed,
    /// Its content is the same.
    Unchanged,
    /// It is deleted.
    Deleted,
}

/// Compares a manifest with the object of the same identity in a sorted list.
fn change<T: PartialEq>(list: &[Read<T>], new: &Read<T>) -> Change {
    match list.binary_search_by(|old| old.id.cmp(&new.id)) {
        Err(_) => Change::Added,
        Ok(at) if list[at].body == new.body => Change::Unchanged,
        Ok(_) => Change::Changed,
    }
}

/// Inserts or replaces the manifests in a sorted list, and removes what is deleted.
fn overlay<T: Clone + HasMetadata>(list: &mut Vec<Read<T>>, manifests: &[Read<T>], deleted: &BTreeSet<Id>) {
    for new in manifests {
        match list.binary_search_by(|old| old.id.cmp(&new.id)) {
            Ok(at) => {
                let (created, uid) = (list[at].created, list[at].meta().uid);
                list[at] = Read { created, ..new.clone() };
                list[at].body.metadata_mut().uid = uid;
            }
            Err(at) => list.insert(at, Read { created: None, ..new.clone() }),
        }
    }
    list.retain(|one| !is_deleted(&one.id, deleted));
}

fn is_deleted(id: &Id, deleted: &BTreeSet<Id>) -> bool {
    deleted.contains(id) || !id.namespace.is_empty() && deleted.contains(&Id::new(Kind::Namespace, "", id.namespace.clone()))
}

/// Whether two templates create equivalent pods: fields that the API server defaults are ignored.
fn is_equivalent(one: &Template, other: &Template) -> bool {
    let meta = |template: &Template| (template.metadata.labels.clone(), template.metadata.annotations.clone());
    meta(one) == meta(other) && with_defaults(&one.spec) == with_defaults(&other.spec)
}

fn with_defaults(spec: &PodSpec) -> PodSpec {
    let mut spec = spec.clone();
    if spec.service_account_name.is_empty() {
        spec.service_account_name = "default".into();
    }
    let uses_host_network = spec.host_network.0;
    for container in spec.containers.0.iter_mut().chain(&mut spec.init_containers.0) {
        for port in &mut container.ports.0 {
            if port.protocol.is_empty() {
                port.protocol = "TCP".into();
            }
            if uses_host_network && port.host_port.0 == 0 {
                port.host_port = port.container_port;
            }
        }
        requests(container).for_each(set_defaults);
    }
    spec
}

/// The HTTP requests of a container's probes and hooks, which the kubelet sends.
fn requests(container: &mut Container) -> impl Iterator<Item = &mut HttpGet> {
    let Container { readiness_probe, liveness_probe, startup_probe, lifecycle, .. } = container;
    let probes = [readiness_probe, liveness_probe, startup_probe].into_iter().flatten().map(|probe| &mut probe.handler.http_get);
    let hooks = lifecycle.iter_mut().flat_map(|hooks| [&mut hooks.post_start.http_get, &mut hooks.pre_stop.http_get]);
    probes.chain(hooks).flatten()
}

fn set_defaults(get: &mut HttpGet) {
    if get.scheme.is_empty() {
        get.scheme = "HTTP".into();
    }
    if get.path.is_empty() {
        get.path = "/".into();
    }
}

/// Implements the overlay for every list of the table.
macro_rules! declare {
    (() $($list:ident: $wire:ident $kinds:tt)+) => {
        impl Snapshot {
            /// This snapshot with `manifests` applied and the objects in `deleted` removed, including their dependents: the objects
            /// of a namespace, the pods of a controller.
            ///
            /// An existing object keeps its age and `uid`, a new one is younger than all others (S9). Running pods are unchanged, unless the
            /// template they were created from changes.
            #[must_use]
            pub fn with_manifests(&self, manifests: &Self, deleted: &BTreeSet<Id>) -> Self {
                let mut after = self.clone();
                let recreated: BTreeSet<Id> = self.recreated(manifests).chain(deleted.iter().cloned()).collect();
                after.remove_descendants(&recreated);
                $(overlay(&mut after.$list, &manifests.$list, deleted);)+
                let is_replaced = |id: &Id| deleted.contains(id) || manifests.meta(id).is_some();
                after.defects.retain(|defect| !is_replaced(&defect.id));
                after.defects.extend(manifests.defects.iter().cloned());
                after.gaps.extend(manifests.gaps.iter().cloned());
                for (kind, coverage) in &manifests.coverage {
                    after.restrict(*kind, coverage);
                }
                after.files.extend(manifests.files.iter().cloned());
                after.normalize();
                after
            }

            /// What applying the manifests and deleting the objects does to each of them, comparing only the fields that this tool
            /// reads.
            #[must_use]
            pub fn changes(&self, manifests: &Self, deleted: &BTreeSet<Id>) -> BTreeMap<Id, Change> {
                let mut changes: BTreeMap<Id, Change> = BTreeMap::new();
                $(changes.extend(manifests.$list.iter().map(|new| (new.id.clone(), change(&self.$list, new))));)+
                changes.extend(deleted.iter().map(|id| (id.clone(), Change::Deleted)));
                changes
            }
        }
    };
}

for_each_kind!(declare);

impl Snapshot {
    /// The controllers that recreate their pods because their template changes.
    fn recreated<'a>(&'a self, manifests: &'a Self) -> impl Iterator<Item = Id> + 'a {
        let changed = manifests.controllers.iter().filter(|new| {
            let old = self.controllers.binary_search_by(|old| old.id.cmp(&new.id)).map(|at| &self.controllers[at]);
            old.is_ok_and(|old| !is_equivalent(&old.body.spec.template, &new.body.spec.template))
        });
        changed.map(|new| new.id.clone())
    }

    /// Removes the pods that descend from controllers, and the `ReplicaSets` between them.
    fn remove_descendants(&mut self, controllers: &BTreeSet<Id>) {
        if controllers.is_empty() {
            return;
        }
        let mut removed = controllers.clone();
        self.controllers.retain(|read| {
            let is_descendant = is_owned(&read.id, &read.body.metadata, controllers);
            if is_descendant {
                removed.insert(read.id.clone());
            }
            !is_descendant
        });
        self.pods.retain(|read| !is_owned(&read.id, &read.body.metadata, &removed));
    }
}

/// Whether one of the owners is in `owners`, either itself or as the Deployment of an unread `ReplicaSet`, whose name is the
/// Deployment's plus a hash.
fn is_owned(id: &Id, meta: &Meta, owners: &BTreeSet<Id>) -> bool {
    let is_in_owners =
        |kind: &str, name: &str| Kind::of_owner(kind).is_some_and(|own| owners.contains(&Id::new(own, id.namespace.clone(), name)));
    let matches_owner = |owner: &Owner| {
        let stem = owner.name.rsplit_once('-').filter(|_| owner.kind == "ReplicaSet").map(|(stem, _)| stem);
        is_in_owners(&owner.kind, &owner.name) || stem.is_some_and(|stem| is_in_owners("Deployment", stem))
    };
    meta.owner_references.iter().any(matches_owner)
}
