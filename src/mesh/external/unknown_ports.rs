//! Probes and hooks that call a port by a name that their container does not declare (S185).

use crate::{
    istio::{Container, KubeletField, PodSpec},
    mesh::{Mesh, Workload, pods::PROXY},
    object::{FieldPath, Id, Text},
};

/// A call of the kubelet that always fails, because its container has no port with that name.
#[derive(Clone, Debug)]
pub struct UnknownProbePort<'m> {
    pub workload: &'m Workload<'m>,
    /// The object that defines the container.
    pub defined_by: Id,
    pub at: FieldPath,
    pub field: KubeletField,
    pub name: &'m Text,
    pub container: Container<'m>,
}

impl<'s> Mesh<'s> {
    /// The probes and hooks of all workloads that call a port by a name that does not exist.
    #[must_use]
    pub fn unknown_probe_ports(&self) -> Vec<UnknownProbePort<'_>> {
        self.workloads().iter().flat_map(|workload| self.unknown_ports_of(workload)).collect()
    }

    fn unknown_ports_of<'m>(&'m self, workload: &'m Workload<'s>) -> Vec<UnknownProbePort<'m>> {
        let Some(instance) = workload.instances.first() else { return Vec::new() };
        let declared = self.indices.controller(&workload.subject).map(|controller| controller.template().spec);
        let Some(spec) = declared.or(instance.spec) else { return Vec::new() };
        let mut unknown = unknown_ports(spec).peekable();
        let Some(manifest) = unknown.peek().and_then(|_| self.indices.manifest(workload, instance)) else { return Vec::new() };
        let of_port = |(container, field, name): (Container<'m>, KubeletField, &'m Text)| UnknownProbePort {
            workload,
            defined_by: manifest.id.clone(),
            at: field.path().iter().fold(manifest.container(container.name()), |path, step| path.then(*step)),
            field,
            name,
            container,
        };
        unknown.map(of_port).collect()
    }
}

fn unknown_ports(spec: PodSpec<'_>) -> impl Iterator<Item = (Container<'_>, KubeletField, &Text)> {
    let containers = spec.containers().chain(spec.init_containers()).filter(|container| container.name() != PROXY);
    containers.flat_map(|container| container.unknown_ports().into_iter().map(move |(field, name)| (container, field, name)))
}
