//! The object that defines the pods of an instance, and its fields.

use crate::{
    istio::{Container, ContainerPort, Controller, PodSpec},
    mesh::{Instance, Workload, indices::Indices},
    object::{FieldPath, Id, Kind},
};

/// The object that defines the pods of an instance: their controller if it was read, else one of the pods.
pub(super) struct Manifest<'m> {
    pub(super) id: Id,
    /// The field of the pods' metadata.
    metadata: FieldPath,
    /// The spec in that object.
    declared_spec: PodSpec<'m>,
    /// The spec of the pods, which injection may have changed.
    pub(super) spec: PodSpec<'m>,
}

impl Manifest<'_> {
    /// The field of an annotation.
    pub(super) fn annotation(&self, key: &str) -> FieldPath {
        self.metadata.clone().then("annotations").then(key)
    }

    /// The field of a container's port, by its number.
    pub(super) fn port(&self, port: &ContainerPort<'_>) -> FieldPath {
        let same = |other: &ContainerPort<'_>| (other.number, other.host_port) == (port.number, port.host_port);
        let mut containers = self.declared_spec.containers().chain(self.declared_spec.init_containers());
        let found = containers.find_map(|container| Some((container, container.ports().find(same)?)));
        let Some((container, port)) = found else { return self.container("") };
        self.container(container.name()).then("ports").then(port.index.to_string()).then("hostPort")
    }

    /// The field of a container, by its name; the field of the pods' spec if only injection added the container.
    pub(super) fn container(&self, name: &str) -> FieldPath {
        let above = self.metadata.steps().len().saturating_sub(1);
        let spec: FieldPath = self.metadata.steps().take(above).chain(["spec"]).collect();
        let has_name = |container: Container<'_>| container.name() == name;
        let own = self.declared_spec.containers().position(has_name).map(|at| ("containers", at));
        match own.or_else(|| Some(("initContainers", self.declared_spec.init_containers().position(has_name)?))) {
            Some((list, at)) => spec.then(list).then(at.to_string()),
            None => spec,
        }
    }
}

impl Indices<'_> {
    /// The object that defines the pods of an instance; `None` for a machine.
    pub(super) fn manifest<'m>(&'m self, workload: &Workload<'_>, instance: &Instance<'m>) -> Option<Manifest<'m>> {
        let spec = instance.spec?;
        let metadata = workload.metadata.clone();
        // A `ReplicaSet` represents an owner of an unsupported kind; it can only be identified by its origin.
        let mut controllers = self.snapshot().controllers.iter().map(Controller::of);
        let mut by_place = || controllers.find(|controller| std::ptr::eq(controller.origin, workload.origin));
        let pod = instance.pods.first();
        let controller = self.controller(&workload.subject).or_else(|| if pod.is_none() { by_place() } else { None });
        if let Some(controller) = controller {
            return Some(Manifest { id: controller.id.clone(), metadata, declared_spec: controller.template().spec, spec });
        }
        let id = Id::new(Kind::Pod, workload.subject.namespace.clone(), (*pod?).clone());
        Some(Manifest { id, metadata, declared_spec: spec, spec })
    }
}
