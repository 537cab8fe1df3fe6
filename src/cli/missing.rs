//! Names and ports in arguments that do not exist: an error with the nearest that does, or a gap if their parent was not wholly read.

use super::{names, suggest, usage::usage};
use crate::{
    mesh::{Mesh, Port, Service, TargetPort},
    object::{Gap, Id},
    queries::reach::{self, CallQuestion, Missing, MissingName},
};

/// What a question names that was not read, if that leaves its result unknown; an error if it certainly does not exist.
pub(super) fn check(mesh: &Mesh<'_>, question: &CallQuestion<'_>, namespace: &str) -> anyhow::Result<Option<(MissingName, Gap)>> {
    unknown(mesh, reach::missing(mesh, question, namespace))
}

/// An error if the host, written as `name`, certainly does not exist.
pub(super) fn check_host(mesh: &Mesh<'_>, host: &str, name: &str, namespace: &str) -> anyhow::Result<()> {
    unknown(mesh, reach::missing_host(mesh, host, namespace))?;
    let is_known = mesh.registry().at(host).next().is_some() || mesh.headless_pod(host).is_some();
    if is_known || name.ends_with('.') || !mesh.indices().reads_namespaces() {
        return Ok(());
    }
    match names::misspelt_hosts(mesh, host) {
        similar if similar.is_empty() => Ok(()),
        similar => Err(usage(format!(
            "unknown host `{name}`: no object that was read defines it{}; with a dot at its end, as in {name}., it is a host outside the mesh",
            suggest::did_you_mean(&similar)
        ))),
    }
}

/// An error if the Service with this host certainly does not exist; its name is written as `NAMESPACE/NAME`.
pub(super) fn check_service(mesh: &Mesh<'_>, host: &str) -> anyhow::Result<()> {
    match reach::missing_host(mesh, host, "") {
        Some(Missing { what: MissingName::Service { namespace, name }, is_certain: true }) => {
            let similar = suggest::did_you_mean(&names::similar_services(mesh, &namespace, &name));
            Err(usage(format!("unknown Service `{namespace}/{name}`: no such Service was read{similar}")))
        }
        other => unknown(mesh, other).map(|_| ()),
    }
}

fn unknown(mesh: &Mesh<'_>, missing: Option<Missing>) -> anyhow::Result<Option<(MissingName, Gap)>> {
    match missing {
        Some(Missing { what, is_certain: true }) => Err(usage(message(mesh, &what))),
        Some(Missing { what, is_certain: false }) => {
            let gap = gap(&what);
            Ok(Some((what, gap)))
        }
        None => Ok(None),
    }
}

fn message(mesh: &Mesh<'_>, what: &MissingName) -> String {
    match what {
        MissingName::Namespace(name) => {
            let similar = suggest::names(name, mesh.namespaces().keys().map(AsRef::as_ref));
            format!("unknown namespace `{name}`: no such namespace was read{}", suggest::did_you_mean(&similar))
        }
        MissingName::Service { namespace, name } => {
            let host = if namespace.is_empty() { name.to_string() } else { format!("{name}.{namespace}") };
            let namesakes = names::namesakes(mesh, name);
            let similar = if namesakes.is_empty() { names::similar_hosts(mesh, &host) } else { namesakes };
            format!("unknown Service `{host}`: no such Service was read{}", suggest::did_you_mean(&similar))
        }
        MissingName::Pod { service, name } if mesh.registry().of(service).is_some_and(|found| !found.is_headless()) => {
            let host = format!("{}.{}", service.name, service.namespace);
            format!("unknown pod `{name}`: {service} is not headless, so its pods have no names{}", suggest::did_you_mean(&[host]))
        }
        MissingName::Pod { service, name } => {
            let pods = mesh.registry().of(service).map(|service| mesh.pod_names(service)).unwrap_or_default();
            let host = |pod: String| format!("{pod}.{}.{}", service.name, service.namespace);
            let mut similar: Vec<String> = suggest::names(name, pods.iter().map(String::as_str)).into_iter().map(host).collect();
            if similar.is_empty() {
                similar.extend(pods.into_iter().take(1).map(host));
            }
            format!("unknown pod `{name}`: no endpoint of {service} has this name{}", suggest::did_you_mean(&similar))
        }
        MissingName::Target { alias, target } => format!("unknown host `{target}`: DNS does not resolve it, the externalName of {alias}"),
        MissingName::Port { service, number } => {
            let ports = mesh.registry().of(service).map(|found| by_nearness(found, *number)).unwrap_or_default();
            format!("unknown port {number} of {service}: {}", listed(service, &ports))
        }
        MissingName::PortName { service, name } => {
            let ports: Vec<&Port> = mesh.registry().of(service).map(|found| found.ports.iter().collect()).unwrap_or_default();
            format!("unknown port `{name}` of {service}: {}", listed(service, &ports))
        }
    }
}

/// The error for the name of a port that a host does not have.
pub(super) fn port_name(mesh: &Mesh<'_>, host: &str, ports: &[&Port], name: &str) -> anyhow::Error {
    let Some(service) = mesh.registry().kubernetes(host) else {
        return usage(format!("invalid port `{name}` of {host}: expected a number from 1 to 65535, as in {host}:8080"));
    };
    usage(format!("unknown port `{name}` of {}: {}", service.id, listed(service.id, ports)))
}

/// The ports of a Service, those whose target is the number first, then by the difference.
fn by_nearness<'m>(service: &'m Service<'_>, number: u16) -> Vec<&'m Port> {
    let mut ports: Vec<&Port> = service.ports.iter().collect();
    ports.sort_by_key(|port| (port.target != TargetPort::Number(number), port.number.abs_diff(number)));
    ports
}

fn listed(service: &Id, ports: &[&Port]) -> String {
    let Some(first) = ports.first() else { return "it has no TCP port".into() };
    let one = |port: &&Port| {
        let target = match &port.target {
            TargetPort::Number(number) if *number == port.number => String::new(),
            TargetPort::Number(number) => format!(", target port {number}"),
            TargetPort::Name(name) => format!(", target port {name}"),
        };
        let name = if port.name.is_empty() { "unnamed" } else { port.name.as_str() };
        format!("{} ({name}{target})", port.number)
    };
    let all: Vec<String> = ports.iter().map(one).collect();
    let example = format!("{}.{}:{}", service.name, service.namespace, first.number);
    format!("it has {}{}", all.join(", "), suggest::did_you_mean(&[example]))
}

fn gap(what: &MissingName) -> Gap {
    let kind = what.kind();
    let (resource, name) = match what {
        MissingName::Namespace(name) => ("namespaces".to_owned(), name.to_string()),
        MissingName::Service { namespace, name } => (format!("services in namespace {namespace}"), format!("{namespace}/{name}")),
        MissingName::Pod { service, name } => (format!("pods of {service}"), name.to_string()),
        MissingName::Target { alias, target } => (format!("the target of {alias}"), target.to_string()),
        MissingName::Port { service, number } => (format!("ports of {service}"), number.to_string()),
        MissingName::PortName { service, name } => (format!("ports of {service}"), name.to_string()),
    };
    let reason = format!("not all of them were read, so it is unknown whether {name} exists");
    Gap::new(resource, reason, format!("check the name, or read every {kind} that could have it")).of(kind)
}
