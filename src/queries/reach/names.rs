//! Resolves the host and ports of a call.

use std::net::IpAddr;

use super::answer::{CallQuestion, CallTarget, Scheme};
use crate::{
    istio::ProtocolClass,
    mesh::{HeadlessPod, Instance, Mesh, Port, Service, Workload},
};

/// What a name in a question refers to: a pod or a service that has it as address, or a host (S274, S285).
#[must_use]
pub fn resolve<'m>(mesh: &'m Mesh<'m>, namespace: &str, name: &str) -> CallTarget<'m> {
    let bare = name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name);
    let Some(address) = bare.parse::<IpAddr>().ok().or_else(|| address_in_name(mesh, bare)) else {
        // Letter case has no effect in DNS, in Host headers and in SNI.
        return CallTarget::Host(resolve_host(mesh, namespace, &name.to_ascii_lowercase()));
    };
    let address = address.to_string();
    if let Some((workload, _, pod)) = mesh.pod_at(&address) {
        return CallTarget::Pods(workload, Some(pod.clone()));
    }
    let service = mesh.services_at(&address).next();
    CallTarget::Host(service.map_or(address, |service| service.host.to_string()))
}

/// The address in a name of cluster DNS for the address of a pod: `10-0-0-1.NAMESPACE.pod.DOMAIN` (S312).
fn address_in_name(mesh: &Mesh<'_>, name: &str) -> Option<IpAddr> {
    let part = name.strip_suffix('.').unwrap_or(name).strip_suffix(mesh.cluster_domain().name().as_str())?.strip_suffix(".pod.")?;
    let (address, _) = part.split_once('.')?;
    address.replace('-', ".").parse().or_else(|_| address.replace('-', ":").parse()).ok()
}

/// The registered host that a name resolves to (S53): the name itself, or the Service or the pod below a headless Service that cluster DNS
/// finds for it; otherwise the name unchanged.
#[must_use]
pub fn resolve_host(mesh: &Mesh<'_>, namespace: &str, name: &str) -> String {
    let domain = mesh.cluster_domain();
    let name = name.strip_suffix('.').filter(|rooted| domain.service_part(rooted).is_some()).unwrap_or(name);
    if mesh.registry().at(name).next().is_some() {
        return name.to_owned();
    }
    let of_pod = |pod: &str, service: &str, namespace: &str| format!("{pod}.{}", domain.service(namespace, service));
    let exists = |host: &String| mesh.registry().at(host).next().is_some() || mesh.headless_pod(host).is_some();
    let candidates = match name.split('.').collect::<Vec<_>>().as_slice() {
        [service] => vec![domain.service(namespace, service).to_string()],
        [one, other] => vec![domain.service(other, one).to_string(), of_pod(one, other, namespace)],
        [service, namespace, "svc"] => vec![domain.service(namespace, service).to_string()],
        [pod, service, namespace] | [pod, service, namespace, "svc"] => vec![of_pod(pod, service, namespace)],
        _ => return name.to_owned(),
    };
    candidates.into_iter().find(exists).unwrap_or_else(|| name.to_owned())
}

/// Whether a `ServiceEntry` for the name itself gets the call: HTTP calls, and those of ports that the Service does not have (S293).
pub(super) fn is_taken_by_entry(mesh: &Mesh<'_>, question: &CallQuestion<'_>, host: &str, named: &HeadlessPod<'_>) -> bool {
    let is_entry = |service: &&Service<'_>| *service.host == *host && service.port(question.port).is_some();
    let is_http = |port: &Port| match port.protocol.class() {
        ProtocolClass::Http => true,
        ProtocolClass::Tcp => false,
        ProtocolClass::Auto => matches!(question.scheme, Some(Scheme::Http)),
    };
    mesh.registry().at(host).any(|service| is_entry(&service)) && named.service.port(question.port).is_none_or(is_http)
}

/// The ports of the first service registered for a host; empty if there is none.
#[must_use]
pub fn ports<'m>(mesh: &'m Mesh<'m>, host: &str) -> Vec<&'m Port> {
    let of_pod = || mesh.headless_pod(host).map(|named| named.service);
    mesh.registry().at(host).next().or_else(of_pod).map(|service| service.ports.iter().collect()).unwrap_or_default()
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
