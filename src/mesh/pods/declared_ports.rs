//! The ports of an instance that containers, Services, policies in force or a Sidecar's ingress declare (S16, S23, S25, S104).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    dataplane::Dataplane,
    instance::Instance,
    ports::{DeclaredPort, TargetingPort, numbers, tcp_ports},
    workloads::Workload,
};
use crate::{
    istio::{IngressListener, PortRef, Service, ServiceEntry},
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// Sets the declared ports of all instances.
pub(super) fn declare<'s>(indices: &Indices<'s>, workloads: &mut [Workload<'s>]) {
    let mut targets = Targets::default();
    for instance in workloads.iter_mut().flat_map(|workload| &mut workload.instances) {
        instance.ports = declared_ports(indices, instance, &mut targets);
    }
}

/// Every workload port that containers, Services, policies in force or a Sidecar's ingress declare.
fn declared_ports<'s>(indices: &Indices<'s>, instance: &Instance<'s>, targets: &mut Targets<'s>) -> BTreeMap<u16, DeclaredPort<'s>> {
    let mut ports: BTreeMap<u16, DeclaredPort<'s>> = BTreeMap::new();
    for port in instance.spec.into_iter().flat_map(tcp_ports) {
        ports.entry(port.number).or_default().by_container = true;
    }
    for (target, from) in targets.of(indices, instance).iter() {
        ports.entry(*target).or_default().by_services = Arc::clone(from);
    }
    for port in indices.listeners(instance) {
        ports.entry(port).or_default().by_sidecar = true;
    }
    for port in indices.policies().decision(instance.decision).ports() {
        ports.entry(port).or_default().by_policy = true;
    }
    ports
}

/// The ports of Services and `ServiceEntries` that target an instance, by workload port.
type PortsByTarget<'s> = BTreeMap<u16, Arc<[TargetingPort<'s>]>>;

/// What selects instances of a namespace with some labels. Workloads that differ in other labels share it.
struct Selecting<'s> {
    services: Vec<Service<'s>>,
    entries: Vec<ServiceEntry<'s>>,
    /// The names of container ports that the Services target.
    names: Vec<&'s Text>,
    /// The ports of the instances that have these numbers for `names`.
    by_numbers: BTreeMap<Vec<Option<u16>>, Arc<PortsByTarget<'s>>>,
}

/// By namespace, and by those labels of an instance that something in it selects by.
#[derive(Default)]
struct Targets<'s>(BTreeMap<(&'s Text, Labels), Selecting<'s>>);

impl<'s> Targets<'s> {
    fn of(&mut self, indices: &Indices<'s>, instance: &Instance<'s>) -> Arc<PortsByTarget<'s>> {
        let key = (instance.namespace, indices.services().selecting_labels(instance.namespace, &instance.labels));
        let selecting = self.0.entry(key).or_insert_with(|| Selecting::new(indices, instance));
        if instance.machine.is_some() {
            // The entry of each machine may have numbers of its own.
            return Arc::new(selecting.ports(instance));
        }
        let numbers: Vec<Option<u16>> = selecting.names.iter().map(|name| instance.named_port(name)).collect();
        if let Some(known) = selecting.by_numbers.get(&numbers) {
            return Arc::clone(known);
        }
        let ports = Arc::new(selecting.ports(instance));
        selecting.by_numbers.insert(numbers, Arc::clone(&ports));
        ports
    }
}

impl<'s> Selecting<'s> {
    fn new(indices: &Indices<'s>, instance: &Instance<'s>) -> Self {
        let (namespace, labels) = (instance.namespace, &instance.labels);
        let services: Vec<Service<'s>> = indices.services().services(namespace, labels).collect();
        let name = |port: crate::istio::ServicePort<'s>| if let PortRef::Name(name) = port.target { Some(name) } else { None };
        let mut names: Vec<&Text> = services.iter().flat_map(Service::tcp_ports).filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        Self { services, entries: indices.services().entries(namespace, labels).collect(), names, by_numbers: BTreeMap::new() }
    }

    fn ports(&self, instance: &Instance<'s>) -> PortsByTarget<'s> {
        let mut found: BTreeMap<u16, Vec<TargetingPort<'s>>> = BTreeMap::new();
        for service in &self.services {
            for port in service.tcp_ports() {
                if let Some(target) = instance.target_of(port.target) {
                    let from = TargetingPort { service: service.id, number: port.number, name: port.name(), protocol: port.protocol() };
                    found.entry(target).or_default().push(from);
                }
            }
        }
        for entry in &self.entries {
            for port in entry.ports() {
                let target = instance.entry_port(port.name).or(port.target).unwrap_or(port.number);
                let from = TargetingPort { service: entry.id, number: port.number, name: port.name, protocol: port.protocol };
                found.entry(target).or_default().push(from);
            }
        }
        found.into_iter().map(|(target, from)| (target, from.into())).collect()
    }
}

impl<'s> Indices<'s> {
    /// The ports on which the Sidecar resource in force listens; empty for other data planes.
    fn listeners(&self, instance: &Instance<'s>) -> Vec<u16> {
        if instance.dataplane != Dataplane::Sidecar {
            return Vec::new();
        }
        numbers(self.ingress(instance.namespace, &instance.revision, &instance.labels)).collect()
    }

    /// The inbound listeners that the Sidecar resource of such a proxy defines; empty if none does (S25, S44).
    pub(in crate::mesh) fn ingress(&self, namespace: &str, revision: &str, labels: &Labels) -> &[IngressListener] {
        let root = &self.control_planes().of_revision(revision).root_namespace;
        let sidecar = self.services().sidecar(root, namespace, labels);
        sidecar.map(|sidecar| sidecar.ingress.as_slice()).unwrap_or_default()
    }
}
