//! Where the pods of an instance are written down, and the fields of that object.

use crate::{
    mesh::{Instance, Workload, indices::Indices},
    object::{
        FieldPath, Id, Kind,
        wire::{Container, ContainerPort, PodSpec},
    },
};

/// Where the pods of an instance are written down: their controller if that was read, else one of them.
pub(super) struct Manifest<'m> {
    pub(super) id: Id,
    /// The field of the pods' metadata.
    metadata: FieldPath,
    /// The spec that stands there.
    written: &'m PodSpec,
    /// The spec of the pods, which injection may have changed.
    pub(super) spec: &'m PodSpec,
}

impl Manifest<'_> {
    /// The field of an annotation.
    pub(super) fn annotation(&self, key: &str) -> FieldPath {
        self.metadata.clone().then("annotations").then(key)
    }

    /// The field of a container's port, by its number.
    pub(super) fn port(&self, port: &ContainerPort) -> FieldPath {
        let same = |other: &&ContainerPort| other.container_port == port.container_port && other.host_port == port.host_port;
        let containers = self.written.containers.iter().chain(self.written.init_containers.iter());
        let holder = containers.into_iter().find(|container| container.ports.iter().any(|other| same(&other)));
        let Some(holder) = holder else { return self.container("") };
        let at = holder.ports.iter().position(|other| same(&other)).unwrap_or_default();
        self.container(&holder.name).then("ports").then(at.to_string()).then("hostPort")
    }

    /// The field of a container, by its name; the pods' spec if only injection put it there.
    pub(super) fn container(&self, name: &str) -> FieldPath {
        let above = self.metadata.steps().len().saturating_sub(1);
        let spec: FieldPath = self.metadata.steps().take(above).chain(["spec"]).collect();
        let lists = [("containers", &self.written.containers), ("initContainers", &self.written.init_containers)];
        let place = |containers: &[Container]| containers.iter().position(|container| container.name == name);
        let found = lists.iter().find_map(|(list, containers)| Some((*list, place(containers)?)));
        match found {
            Some((list, at)) => spec.then(list).then(at.to_string()),
            None => spec,
        }
    }
}

impl Indices<'_> {
    /// Where the pods of an instance are written down; `None` for a machine.
    pub(super) fn manifest<'m>(&'m self, workload: &Workload<'_>, instance: &Instance<'m>) -> Option<Manifest<'m>> {
        let spec = instance.spec?;
        let metadata = workload.metadata.clone();
        // A `ReplicaSet` whose owner is of a kind that nobody reads stands for it; only its place tells which one it is.
        let by_place = || self.snapshot().controllers.iter().find(|read| std::ptr::eq(&raw const read.origin, workload.origin));
        let pod = instance.pods.first();
        let controller = self.controller(&workload.subject).or_else(|| if pod.is_none() { by_place() } else { None });
        if let Some(read) = controller {
            return Some(Manifest { id: read.id.clone(), metadata, written: &read.body.template().spec, spec });
        }
        let id = Id::new(Kind::Pod, workload.subject.namespace.clone(), (*pod?).clone());
        Some(Manifest { id, metadata, written: spec, spec })
    }
}

/// A boolean as Go reads it, which is how Istio reads annotations.
pub(super) fn parsed(word: &str) -> Option<bool> {
    match word {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
