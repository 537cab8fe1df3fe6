//! The instances that each selector of a service selects, grouped by class.
//!
//! Where one selector matches many workloads, their calls have few different results: one instance of a class is evaluated for all.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    ClientKind,
    endpoint::{Endpoint, InstanceAt, Represented, SelectedClass, Selections},
    entry_endpoints::own_port,
    registry::{Port, Resolution, Service, ServiceSource, TargetPort},
};
use crate::{
    mesh::{Instance, Mesh, Workload},
    object::{Labels, Text},
};

impl Mesh<'_> {
    /// The instance at a position.
    #[must_use]
    pub fn instance_at(&self, at: InstanceAt) -> Option<(&Workload<'_>, &Instance<'_>)> {
        let workload = self.workloads().get(at.workload as usize)?;
        Some((workload, workload.instances.get(at.instance as usize)?))
    }

    /// The endpoints of a service port as a client gets them, but only one for all instances of a class; [`Endpoint::represents`] has the others.
    ///
    /// Pods that something lists by address are endpoints of their own.
    #[must_use]
    pub fn endpoint_classes_for<'m>(&'m self, client: ClientKind, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        if self.has_no_endpoints(client, service) {
            return Vec::new();
        }
        let mut found = self.endpoint_classes(service, port);
        found.extend(self.joined_endpoints(client, service, port));
        found
    }

    /// The same without what only some clients get.
    #[must_use]
    pub fn endpoint_classes<'m>(&'m self, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let namespace = &service.id.namespace;
        match service.source {
            ServiceSource::Service(body) if !body.selector().is_empty() && self.slices_of(service).is_empty() => {
                let target = |instance: &Instance<'_>| instance.port_behind(&port.target);
                let mut found = self.selected_classes(namespace, body.selector(), body.publishes_not_ready(), target);
                if service.resolution() == Resolution::Passthrough {
                    for endpoint in &mut found {
                        endpoint.port = port.number;
                    }
                }
                found
            }
            ServiceSource::Entry(body) if let (Some(selector), TargetPort::Number(target)) = (body.selector(), &port.target) => {
                if own_port(service, service.resolution(), port).is_none() {
                    return Vec::new();
                }
                let takes_names = service.resolution() == Resolution::Dns;
                self.selected_classes(namespace, selector, false, |instance| instance.entry_port_behind(&port.name, *target, takes_names))
            }
            ServiceSource::Service(_) | ServiceSource::Entry(_) => self.endpoints(service, port),
        }
    }

    fn selected_classes<'m>(
        &'m self,
        namespace: &Text,
        selector: &Labels,
        publishes_all: bool,
        port: impl Fn(&Instance<'_>) -> Option<u16>,
    ) -> Vec<Endpoint<'m>> {
        let mut found: Vec<(InstanceAt, Endpoint<'m>)> = Vec::new();
        let representing =
            |class, endpoint| Endpoint { represents: Some(Represented { class, publishes_not_ready: publishes_all }), ..endpoint };
        let classes = self.selections().get(namespace).and_then(|own| own.get(selector));
        for class in classes.into_iter().flatten() {
            let endpoints = |at: InstanceAt| {
                let (workload, instance) = self.instance_at(at)?;
                let port = port(instance).filter(|_| !instance.is_group())?;
                Some((at, self.endpoints_of_instance(workload, instance, publishes_all, port)))
            };
            let mut members = class.members.iter().copied().filter_map(endpoints);
            if self.lists_pods_in(namespace) {
                let (listed, others): (Vec<_>, Vec<_>) = members
                    .flat_map(|(at, all)| all.map(move |endpoint| (at, endpoint)))
                    .partition(|(_, endpoint)| self.class_of(endpoint).is_none());
                found.extend(listed);
                found.extend(others.into_iter().next().map(|(at, endpoint)| (at, representing(class, endpoint))));
            } else {
                let first = members.find_map(|(at, mut all)| Some((at, all.next()?)));
                found.extend(first.map(|(at, endpoint)| (at, representing(class, endpoint))));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, endpoint)| endpoint).collect()
    }

    /// The workloads that an endpoint represents, in order.
    pub fn represented<'m>(&'m self, by: Represented<'m>) -> impl Iterator<Item = &'m Workload<'m>> {
        let members = by.class.members.iter().filter_map(|at| self.instance_at(*at));
        let has_unlisted = move |workload: &'m Workload<'m>, instance: &'m Instance<'m>| {
            let mut own = self.endpoints_of_instance(workload, instance, by.publishes_not_ready, 0);
            own.any(|endpoint| self.class_of(&endpoint).is_some())
        };
        members.filter(move |(workload, instance)| has_unlisted(workload, instance)).map(|(workload, _)| workload)
    }

    fn selections(&self) -> &Selections {
        self.derived.selections.get_or_init(|| {
            let mut selections = Selections::new();
            let mut next_number = 0;
            for service in self.registry().services() {
                let Some(selector) = service.selector() else { continue };
                let own = selections.entry(service.id.namespace.clone()).or_default();
                if let Entry::Vacant(new) = own.entry(selector.clone()) {
                    let classes = self.classes_selected(&service.id.namespace, selector, next_number);
                    next_number += classes.len();
                    new.insert(classes);
                }
            }
            selections
        })
    }

    fn classes_selected(&self, namespace: &str, selector: &Labels, first_number: usize) -> Vec<SelectedClass> {
        let mut classes: Vec<SelectedClass> = Vec::new();
        let mut positions: BTreeMap<usize, usize> = BTreeMap::new();
        for at in self.positions_with_labels(namespace, selector) {
            let Some(workload) = self.workloads().get(at as usize) else { continue };
            let selected = (0_u32..).zip(&workload.instances).filter(|(_, instance)| selector.selects(&instance.labels));
            for (instance_at, instance) in selected {
                let position = *positions.entry(instance.class).or_insert_with(|| {
                    classes.push(SelectedClass { number: first_number + classes.len(), members: Vec::new() });
                    classes.len() - 1
                });
                classes[position].members.push(InstanceAt { workload: at, instance: instance_at });
            }
        }
        classes
    }
}
