//! Classes of instances: calls to instances of one class have the same results, so one of them is evaluated for all.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    dataplane::Dataplane,
    instance::Instance,
    workloads::{LOOK_BACK, Workload},
};
use crate::{
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// Gives each instance the number of its class.
pub(super) fn number(indices: &Indices<'_>, workloads: &mut [Workload<'_>]) {
    let numbers = numbers(&LabelKeys::new(indices), workloads);
    set(workloads, numbers);
}

/// Splits the classes of `workloads` where the same instances have different classes in an earlier state of the mesh; if the two states
/// do not have the same instances, nothing is changed.
pub(in crate::mesh) fn split_by(workloads: &mut [Workload<'_>], earlier: &[Workload<'_>]) {
    let is_same =
        |(one, other): (&Workload<'_>, &Workload<'_>)| one.subject == other.subject && one.instances.len() == other.instances.len();
    if workloads.len() != earlier.len() || !workloads.iter().zip(earlier).all(is_same) {
        return;
    }
    let mut pairs: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut numbers = Vec::new();
    for (instance, before) in workloads.iter().flat_map(|one| &one.instances).zip(earlier.iter().flat_map(|one| &one.instances)) {
        let next = pairs.len();
        numbers.push(*pairs.entry((instance.class, before.class)).or_insert(next));
    }
    set(workloads, numbers);
}

fn set(workloads: &mut [Workload<'_>], numbers: Vec<usize>) {
    let instances = workloads.iter_mut().flat_map(|workload| &mut workload.instances);
    for (instance, number) in instances.zip(numbers) {
        instance.class = number;
    }
}

/// Labels that decide the result of a call, in order; the others are names that are different for each workload.
type DecidingLabels<'l> = Vec<(&'l str, &'l str)>;

/// The classes of all instances, in their order.
fn numbers(keys: &LabelKeys<'_>, workloads: &[Workload<'_>]) -> Vec<usize> {
    let mut numbers = Vec::new();
    let mut first_of_class: Vec<&Instance<'_>> = Vec::new();
    let mut by_labels: BTreeMap<(&str, DecidingLabels<'_>, bool), Vec<usize>> = BTreeMap::new();
    let instances = workloads.iter().flat_map(|workload| workload.instances.iter().map(move |instance| (workload.is_certain, instance)));
    for (is_certain, instance) in instances {
        let similar = by_labels.entry((instance.namespace.as_str(), keys.deciding(instance), is_certain)).or_default();
        let known = similar.iter().rev().take(LOOK_BACK).copied().find(|class| first_of_class[*class].is_same_server(instance));
        let number = known.unwrap_or_else(|| {
            first_of_class.push(instance);
            similar.push(first_of_class.len() - 1);
            first_of_class.len() - 1
        });
        numbers.push(number);
    }
    numbers
}

/// The keys of the labels that policies, subsets and Sidecar resources select servers by.
///
/// Which Services select an instance is compared by its declared ports.
struct LabelKeys<'l> {
    everywhere: BTreeSet<&'l str>,
    by_namespace: BTreeMap<&'l str, BTreeSet<&'l str>>,
}

impl<'l> LabelKeys<'l> {
    fn new(indices: &'l Indices<'_>) -> Self {
        let mut keys = Self { everywhere: BTreeSet::new(), by_namespace: BTreeMap::new() };
        for rule in indices.destination_rules() {
            keys.everywhere.extend(rule.subsets.iter().flat_map(|subset| label_keys(&subset.labels)));
        }
        let roots: BTreeSet<&str> = indices.control_planes().roots().collect();
        for policy in indices.policies().all() {
            let Some(selector) = policy.selector.labels() else { continue };
            let namespace = policy.id.namespace.as_str();
            if roots.contains(namespace) {
                keys.everywhere.extend(label_keys(selector));
            }
            keys.by_namespace.entry(namespace).or_default().extend(label_keys(selector));
        }
        for sidecar in indices.services().sidecars() {
            let selector = sidecar.selector.into_iter().flat_map(label_keys);
            keys.by_namespace.entry(sidecar.id.namespace.as_str()).or_default().extend(selector);
        }
        keys
    }

    fn deciding<'i>(&self, instance: &'i Instance<'_>) -> DecidingLabels<'i> {
        let own = self.by_namespace.get(instance.namespace.as_str());
        // Gateways of every namespace select gateway pods, and the name of a Kubernetes Gateway is a label.
        let is_gateway = matches!(instance.dataplane, Dataplane::Gateway | Dataplane::Waypoint);
        let decides = |key: &Text| {
            let key = key.as_str();
            is_gateway || is_setting(key) || self.everywhere.contains(key) || own.is_some_and(|own| own.contains(key))
        };
        let labels = instance.labels.iter().filter(|(key, _)| decides(key));
        labels.map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

/// Whether Istio reads a label by its key; the canonical names of a workload are for telemetry.
fn is_setting(key: &str) -> bool {
    key.contains("istio.io/") && !key.starts_with("service.istio.io/canonical-")
}

fn label_keys(labels: &Labels) -> impl Iterator<Item = &str> {
    labels.iter().map(|(key, _)| key.as_str())
}
