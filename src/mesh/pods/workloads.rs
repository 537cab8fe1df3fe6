//! Workloads: pods grouped by their owner. A manifest represents the pods that it would result in.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    instance::{Instance, merged_labels},
    owners::{Owners, template_metadata},
    pod_builder,
    subject::Subject,
};
use crate::{
    istio::{Controller, Metadata, OwnerKind, Pod, PodSpec, WorkloadEntry, WorkloadGroup},
    mesh::indices::Indices,
    object::{FieldPath, Kind, Origin},
};

/// A workload: everything that one controller runs, or a bare pod.
#[derive(Clone, Debug)]
pub struct Workload<'s> {
    /// Its identity.
    pub subject: Subject,
    /// The object that findings about it refer to.
    pub origin: &'s Origin,
    /// The field of that object that contains the pods' metadata.
    pub metadata: FieldPath,
    /// Its pods, equivalent ones grouped; a manifest has one.
    pub instances: Vec<Instance<'s>>,
    /// False if something that was not read could change which proxies its pods have.
    pub is_certain: bool,
}

impl Workload<'_> {
    /// How many Pod objects it has.
    #[must_use]
    pub fn pods(&self) -> usize {
        self.instances.iter().map(|instance| instance.pods.len()).sum()
    }

    /// A field of the pods' metadata, as a field of the object that findings refer to.
    #[must_use]
    pub fn metadata_field(&self, map: &str, key: &str) -> FieldPath {
        self.metadata.clone().then(map).then(key)
    }
}

/// Pods grouped by workload.
#[derive(Default)]
struct WorkloadSet<'s> {
    workloads: BTreeMap<Subject, Workload<'s>>,
    /// Workloads with pods that have ended.
    ended: BTreeSet<Subject>,
}

/// Every workload of a snapshot, without its declared ports and its classes.
pub(super) fn all<'s>(indices: &Indices<'s>) -> Vec<Workload<'s>> {
    let snapshot = indices.snapshot();
    let owners = Owners::new(snapshot);
    let mut set = WorkloadSet::default();
    let mut before: Option<(Pod<'_>, Subject)> = None;
    for pod in snapshot.pods.iter().map(Pod::of) {
        let known = before.take().filter(|(other, _)| are_siblings(*other, pod)).map(|(_, subject)| subject);
        let subject = known.unwrap_or_else(|| owners.of_pod(pod));
        before = Some((pod, subject.clone()));
        if pod.has_ended() {
            // Pods that have ended do not exist (S105).
            set.ended.insert(subject);
            continue;
        }
        if !set.add_to_equivalent(&subject, pod) {
            let (origin, metadata) = owners.finding_target(&subject, pod);
            let instance = pod_builder::pod(indices, pod, &subject.name);
            set.add(subject, origin, metadata, instance);
        }
    }
    for controller in snapshot.controllers.iter().map(Controller::of) {
        let Some(subject) = owners.of_controller(controller) else { continue };
        let is_done = set.ended.contains(&subject) || controller.has_ended();
        if set.workloads.contains_key(&subject) || controller.id.kind == Kind::Job && is_done {
            continue;
        }
        let instance = pod_builder::template(indices, controller);
        set.add(subject, controller.origin, template_metadata(controller.id.kind), instance);
    }
    machines(indices, &mut set);
    let mut workloads: Vec<Workload<'s>> = set.workloads.into_values().collect();
    for workload in &mut workloads {
        workload.is_certain = indices.covers_workload(workload);
        // In a running pod, injection has replaced the probes that its controller declares.
        let declared = indices.controller(&workload.subject).map(|controller| controller.template().spec.tls_probes()).unwrap_or_default();
        for instance in &mut workload.instances {
            let own = instance.spec.map(PodSpec::tls_probes).unwrap_or_default();
            instance.tls_probes = declared.union(&own).copied().collect();
        }
    }
    workloads
}

impl<'s> WorkloadSet<'s> {
    /// Adds the pod to an equivalent instance seen recently; returns `false` if there is none.
    fn add_to_equivalent(&mut self, subject: &Subject, pod: Pod<'s>) -> bool {
        let Some(workload) = self.workloads.get_mut(subject) else { return false };
        let equivalent = workload.instances.iter_mut().rev().take(LOOK_BACK).find(|instance| instance.is_equivalent_for_mtls(pod));
        equivalent.map(|equivalent| equivalent.pods.push(&pod.id.name)).is_some()
    }

    fn add(&mut self, subject: Subject, origin: &'s Origin, metadata: FieldPath, instance: Instance<'s>) {
        let workload = self.workloads.entry(subject).or_insert_with_key(|subject| {
            let subject = subject.clone();
            Workload { subject, origin, metadata, instances: Vec::new(), is_certain: true }
        });
        workload.instances.push(instance);
    }
}

/// Whether two pods certainly belong to the same workload: cheaper than resolving their owners.
fn are_siblings(one: Pod<'_>, other: Pod<'_>) -> bool {
    let (a, b) = (one.meta(), other.meta());
    one.id.namespace == other.id.namespace && a.shares_owners(b) && a.labels() == b.labels()
}

/// Pods of a `StatefulSet` each differ in a label; comparing with a few instances keeps this linear, at the cost of equivalent
/// instances that are not grouped.
pub(super) const LOOK_BACK: usize = 8;

/// Machines: `WorkloadEntries`, and the `WorkloadGroups` of those that have not registered yet (S8, S74, S82).
fn machines<'s>(indices: &Indices<'s>, set: &mut WorkloadSet<'s>) {
    for read in &indices.snapshot().workload_entries {
        let entry = WorkloadEntry::of(read);
        let group = Metadata::of(read).owners().find(|owner| owner.kind == OwnerKind::Known(Kind::WorkloadGroup));
        let subject = group.map_or_else(
            || Subject::from(&read.id),
            |owner| Subject { namespace: read.id.namespace.clone(), kind: owner.kind.into(), name: owner.name.clone() },
        );
        let labels = merged_labels(entry.labels(), read.labels());
        let instance = pod_builder::machine(indices, read, entry, labels, true);
        set.add(subject, &read.origin, FieldPath::of("spec"), instance);
    }
    for read in &indices.snapshot().workload_groups {
        let subject = Subject::from(&read.id);
        if !set.workloads.contains_key(&subject) {
            let group = WorkloadGroup::of(read);
            let labels = merged_labels(group.template().labels(), group.labels());
            let instance = pod_builder::machine(indices, read, group.template(), labels, false);
            set.add(subject, &read.origin, FieldPath::of("spec.metadata"), instance);
        }
    }
}
