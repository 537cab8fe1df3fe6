//! Names and ports that do not exist although their parent was read, and those of which that is unknown.

use std::net::IpAddr;

use super::answer::{CallAnswer, CallQuestion, CallTarget};
use crate::{
    istio::{self, ServiceType},
    mesh::{HeadlessPod, MAX_ALIASES, Mesh, Resolution, Service, ServiceSource, resolve_alias},
    object::{Id, Kind, Text},
};

/// A name or port that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub what: MissingName,
    /// Whether its parent was wholly read, so that it certainly does not exist.
    pub is_certain: bool,
}

/// What was not read, with its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingName {
    Namespace(Text),
    /// A Service of a namespace; the namespace is empty for a name without one that the client does not have either.
    Service {
        namespace: Text,
        name: Text,
    },
    /// A pod of a headless Service.
    Pod {
        service: Id,
        name: Text,
    },
    /// A port of a Service.
    Port {
        service: Id,
        number: u16,
    },
    /// A port of a Service by its name.
    PortName {
        service: Id,
        name: Text,
    },
    /// The target of an alias, which DNS does not resolve (S310).
    Target {
        alias: Id,
        target: Text,
    },
}

impl MissingName {
    /// The kind of the objects that could contain it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Namespace(_) => Kind::Namespace,
            Self::Service { .. } | Self::Port { .. } | Self::PortName { .. } | Self::Target { .. } => Kind::Service,
            Self::Pod { .. } => Kind::Pod,
        }
    }
}

/// The first part of a question that names something that was not read; `namespace` is that of short names.
#[must_use]
pub fn missing(mesh: &Mesh<'_>, question: &CallQuestion<'_>, namespace: &str) -> Option<Missing> {
    let from = &question.from.namespace;
    let of_client = || missing_namespace(mesh, from).filter(|_| !from.is_empty() && question.from.instance.is_none());
    let of_target = || match &question.to {
        CallTarget::Host(host) => missing_host(mesh, host, namespace)
            .or_else(|| missing_port(mesh, host, question.port))
            .or_else(|| missing_behind_alias(mesh, host, question.port).filter(|missing| !missing.is_certain)),
        CallTarget::Pods(..) => None,
    };
    of_client().or_else(of_target)
}

/// The namespace, if nothing in it was read.
#[must_use]
pub fn missing_namespace(mesh: &Mesh<'_>, namespace: &str) -> Option<Missing> {
    (!mesh.has_namespace(namespace))
        .then(|| Missing { what: MissingName::Namespace(namespace.into()), is_certain: mesh.indices().reads_namespaces() })
}

/// The part of a host in the cluster's domain that was not read.
#[must_use]
pub fn missing_host(mesh: &Mesh<'_>, host: &str, namespace: &str) -> Option<Missing> {
    if mesh.registry().at(host).next().is_some() || host.parse::<IpAddr>().is_ok() {
        return None;
    }
    if let Some(named) = mesh.headless_pod(host) {
        return missing_pod(mesh, &named);
    }
    let in_domain = mesh.cluster_domain().service_part(host).or_else(|| host.strip_suffix(".svc"));
    let exists = |namespace: &str| missing_namespace(mesh, namespace).is_none();
    let below = |pod: &str, service: &str, namespace: &str| pod_without_name(mesh, pod, service, namespace);
    match (in_domain.is_some(), in_domain.unwrap_or(host).split('.').collect::<Vec<_>>().as_slice()) {
        (false, [service]) => Some(missing_service(mesh, namespace, service)),
        (true, [pod, service, namespace]) => below(pod, service, namespace).or_else(|| Some(missing_service(mesh, namespace, service))),
        (true, [.., service, namespace]) => Some(missing_service(mesh, namespace, service)),
        (false, [service, namespace]) if exists(namespace) => Some(missing_service(mesh, namespace, service)),
        (false, [pod, service]) => below(pod, service, namespace),
        (false, [pod, service, namespace]) if exists(namespace) => {
            below(pod, service, namespace).or_else(|| Some(missing_service(mesh, namespace, service)))
        }
        _ => None,
    }
}

/// The name of a pod below a Service that exists and is not headless: cluster DNS has no names for its pods (S216).
fn pod_without_name(mesh: &Mesh<'_>, pod: &str, service: &str, namespace: &str) -> Option<Missing> {
    let host = mesh.cluster_domain().service(namespace, service);
    let found = mesh.registry().at(&host).find(|found| found.is_kubernetes() && !found.is_headless())?;
    Some(Missing { what: MissingName::Pod { service: found.id.clone(), name: pod.into() }, is_certain: true })
}

/// What is missing of a Service that was not read: its namespace or itself.
fn missing_service(mesh: &Mesh<'_>, namespace: &str, name: &str) -> Missing {
    let what = MissingName::Service { namespace: namespace.into(), name: name.into() };
    if namespace.is_empty() {
        return Missing { what, is_certain: mesh.indices().reads_namespaces() };
    }
    let found =
        missing_namespace(mesh, namespace).unwrap_or_else(|| Missing { what, is_certain: mesh.indices().reads_services_of(namespace) });
    Missing { is_certain: found.is_certain && !mesh.indices().has_service_without_namespace(name), ..found }
}

fn missing_pod(mesh: &Mesh<'_>, named: &HeadlessPod<'_>) -> Option<Missing> {
    let what = MissingName::Pod { service: named.service.id.clone(), name: named.name.clone() };
    Some(Missing { what, is_certain: mesh.missing_pod(named)? })
}

/// The port of a Kubernetes Service, if it does not have it. A headless Service has every port of its pods (S291), and an alias those that
/// it declares itself.
#[must_use]
pub fn missing_port(mesh: &Mesh<'_>, host: &str, number: u16) -> Option<Missing> {
    let services: Vec<&Service<'_>> = mesh.registry().at(host).collect();
    if services.iter().any(|service| service.port(number).is_some()) {
        return None;
    }
    services.iter().find(|service| service.is_kubernetes())?;
    missing_port_of(mesh, resolve_alias(host, &|host| mesh.registry().kubernetes(host))?, number)
}

fn missing_port_of(mesh: &Mesh<'_>, service: &Service<'_>, number: u16) -> Option<Missing> {
    let has_port =
        service.resolution() == Resolution::Passthrough || mesh.registry().at(&service.host).any(|one| one.port(number).is_some());
    (!has_port).then(|| Missing { what: MissingName::Port { service: service.id.clone(), number }, is_certain: true })
}

/// The port of a Kubernetes Service, if it has none with this name.
#[must_use]
pub fn missing_port_name(mesh: &Mesh<'_>, host: &str, name: &Text) -> Option<Missing> {
    let service = mesh.registry().at(host).find(|service| service.is_kubernetes() && service.is_called())?;
    let has_port = service.ports.iter().any(|port| port.name == *name);
    (!has_port).then(|| Missing { what: MissingName::PortName { service: service.id.clone(), name: name.clone() }, is_certain: true })
}

/// What is behind an alias and does not exist: its target, or the port of its target, whatever ports the alias declares (S245). `None` if
/// the host is no alias, or its target is outside the cluster.
#[must_use]
pub fn missing_behind_alias(mesh: &Mesh<'_>, host: &str, number: u16) -> Option<Missing> {
    let mut service = mesh.registry().kubernetes(host).filter(|service| !service.is_called())?;
    let mut last = None;
    for _ in 0..MAX_ALIASES {
        let ServiceSource::Service(istio::Service { kind: ServiceType::ExternalName(target), .. }) = service.source else {
            return missing_port_of(mesh, service, number);
        };
        let unresolved = Missing { what: MissingName::Target { alias: service.id.clone(), target: target.clone() }, is_certain: true };
        let name = target.strip_suffix('.').unwrap_or(target);
        if mesh.is_unusable_target(name) {
            return Some(unresolved);
        }
        last = Some(unresolved);
        let Some(next) = mesh.registry().at(name).next() else {
            mesh.cluster_domain().service_part(name)?;
            return missing_host(mesh, name, "");
        };
        service = Some(next).filter(|next| next.is_kubernetes())?;
    }
    // The aliases are a cycle.
    last
}

/// The answer to a question about something of which it is unknown whether it exists.
#[must_use]
pub fn unknown<'m>(question: &CallQuestion<'m>, what: &MissingName) -> CallAnswer<'m> {
    let host = match &question.to {
        CallTarget::Host(host) => host,
        CallTarget::Pods(workload, _) => workload.subject.name.as_str(),
    };
    CallAnswer::empty(host).without(what.kind())
}
