//! Services, and which of their endpoints have no proxy.

use std::collections::BTreeMap;

use crate::{
    istio::EndpointSlice,
    mesh::{Dataplane, Instance, Mesh, Workload},
    object::{Id, Kind},
    queries::Scope,
};

/// A Service, and which of its endpoints have no proxy.
#[derive(Debug)]
pub struct ServiceRow<'m> {
    pub service: &'m Id,
    /// Its endpoints: pods, machines and, for manifests, templates.
    pub endpoints: usize,
    /// Those of them without a proxy.
    pub without: usize,
    /// The workloads without a proxy, each with the number of its endpoints.
    pub workloads: Vec<(&'m Workload<'m>, usize)>,
    /// Addresses among them that belong to no pod that was read.
    pub unknown_addresses: usize,
    /// Whether all of its endpoints were read, and what decides which of them have a proxy.
    pub is_certain: bool,
}

/// Answers for every Service in scope that has endpoints.
#[must_use]
pub fn services<'m>(mesh: &'m Mesh<'m>, scope: &Scope) -> Vec<ServiceRow<'m>> {
    let mut rows: BTreeMap<&Id, ServiceRow<'_>> = BTreeMap::new();
    for workload in mesh.workloads() {
        for instance in workload.instances.iter().filter(|instance| scope.contains_instance(workload, instance) && is_endpoint(instance)) {
            for service in mesh.indices().services().services(&workload.subject.namespace, &instance.labels) {
                rows.entry(service.id).or_insert_with(|| ServiceRow::of(service.id)).add(workload, instance);
            }
        }
    }
    unknown_addresses(mesh, scope, &mut rows);
    for row in rows.values_mut() {
        row.is_certain &= has_every_endpoint(mesh, row.service);
    }
    rows.into_values().collect()
}

/// Whether every endpoint of a Service was read. The endpoints of one without a selector are addresses, of pods in any namespace.
fn has_every_endpoint(mesh: &Mesh<'_>, service: &Id) -> bool {
    let coverage = mesh.indices().coverage();
    let selector = || mesh.registry().of(service).and_then(|service| service.selector());
    let is_selected = || selector().is_some_and(|selector| !selector.is_empty());
    coverage.is_whole()
        || coverage.covers_workloads(&service.namespace)
            && (is_selected() || coverage.covers(Kind::EndpointSlice, &service.namespace) && coverage.covers_all(Kind::Pod))
}

/// A `WorkloadGroup` describes machines that have not registered yet, so it is not an endpoint.
fn is_endpoint(instance: &Instance<'_>) -> bool {
    !instance.is_group()
}

/// Adds Services without a selector, whose endpoints are those listed in an `EndpointSlice`.
fn unknown_addresses<'m>(mesh: &'m Mesh<'m>, scope: &Scope, rows: &mut BTreeMap<&'m Id, ServiceRow<'m>>) {
    for service in mesh.registry().services().iter().filter(|service| service.is_kubernetes()) {
        let slices = mesh.slices_of(service);
        let has_selector = service.selector().is_some_and(|selector| !selector.is_empty());
        if slices.is_empty() || has_selector || !scope.contains(&service.id.namespace) {
            continue;
        }
        let row = rows.entry(service.id).or_insert_with(|| ServiceRow::of(service.id));
        for address in slices.iter().flat_map(EndpointSlice::addresses) {
            match mesh.pod_at(address) {
                Some((workload, instance, _)) => row.add_endpoints(workload, instance, 1),
                None => row.add_unknown_address(),
            }
        }
    }
}

impl<'m> ServiceRow<'m> {
    fn of(service: &'m Id) -> Self {
        Self { service, endpoints: 0, without: 0, workloads: Vec::new(), unknown_addresses: 0, is_certain: true }
    }

    fn add(&mut self, workload: &'m Workload<'m>, instance: &Instance<'_>) {
        self.add_endpoints(workload, instance, instance.pods.len().max(1));
    }

    fn add_endpoints(&mut self, workload: &'m Workload<'m>, instance: &Instance<'_>, count: usize) {
        self.endpoints += count;
        self.is_certain &= workload.is_certain;
        if instance.dataplane != Dataplane::None {
            return;
        }
        self.without += count;
        match self.workloads.last_mut() {
            Some((last, sum)) if last.subject == workload.subject => *sum += count,
            _ => self.workloads.push((workload, count)),
        }
    }

    fn add_unknown_address(&mut self) {
        self.endpoints += 1;
        self.without += 1;
        self.unknown_addresses += 1;
    }
}
