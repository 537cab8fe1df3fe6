//! Resolves the host and ports of a call.

use crate::mesh::{Instance, Mesh, Port, Service, Workload};

/// The registered host that a name resolves to (S53): the name itself, or the Service that Kubernetes finds for it; otherwise the name
/// unchanged.
#[must_use]
pub fn resolve_host(mesh: &Mesh<'_>, namespace: &str, name: &str) -> String {
    if mesh.registry().at(name).next().is_some() {
        return name.to_owned();
    }
    let candidate = match name.split('.').collect::<Vec<_>>().as_slice() {
        [service] => mesh.cluster_domain().service(namespace, service),
        [service, namespace] | [service, namespace, "svc"] => mesh.cluster_domain().service(namespace, service),
        _ => return name.to_owned(),
    };
    if mesh.registry().at(&candidate).next().is_some() { candidate.to_string() } else { name.to_owned() }
}

/// The ports of the first service registered for a host; empty if there is none.
#[must_use]
pub fn ports<'m>(mesh: &'m Mesh<'m>, host: &str) -> Vec<&'m Port> {
    mesh.registry().at(host).next().map(|service| service.ports.iter().collect()).unwrap_or_default()
}

/// The service that selects a workload and has a port: the first in the registry, Kubernetes Services before other services.
#[must_use]
pub fn service_of<'m>(mesh: &'m Mesh<'m>, workload: &Workload<'_>, port: Option<u16>) -> Option<&'m Service<'m>> {
    let selects_workload = |service: &&'m Service<'m>| {
        let selector = service.selector();
        let has_port = port.is_none_or(|port| service.port(port).is_some());
        let selects = |instance: &Instance<'_>| selector.is_some_and(|labels| !labels.is_empty() && labels.selects(&instance.labels));
        has_port && service.id.namespace == workload.subject.namespace && workload.instances.iter().any(selects)
    };
    mesh.registry().services().iter().filter(selects_workload).min_by_key(|service| !service.is_kubernetes())
}
