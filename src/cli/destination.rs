//! TO of `explain FROM TO`: what is called, and at which port.

use std::net::IpAddr;

use super::{args::ScopeArgs, missing, names, suggest, usage::usage};
use crate::{
    mesh::{Client, Mesh, Port, Workload},
    object::{Kind, Text},
    queries::{
        explain::WorkloadName,
        reach::{self, CallTarget},
    },
};

/// TO as it is written.
pub(super) struct TargetArg<'a> {
    pub(super) to: &'a str,
    pub(super) by_ip: bool,
    pub(super) scope: &'a ScopeArgs,
}

/// The port as it is written.
#[derive(Clone, Copy)]
enum PortArg<'a> {
    Number(u16),
    /// The name of a port of a Service.
    Name(&'a str),
}

/// What the client calls.
pub(super) struct CalledTarget<'m> {
    pub(super) target: CallTarget<'m>,
    pub(super) port: u16,
    /// The namespace of short names.
    pub(super) namespace: String,
}

/// Resolves TO.
pub(super) fn resolve<'m>(mesh: &'m Mesh<'m>, request: &TargetArg<'_>, from: &Client<'_>) -> anyhow::Result<CalledTarget<'m>> {
    let to = request.to;
    let (path, port) = split_port(to)?;
    let namespace = request.scope.namespaces.first().map_or(from.namespace.as_str(), String::as_str);
    let (target, port) = match target(mesh, request, namespace, path)? {
        Destination::Called(CallTarget::Pods(workload, pod)) => {
            let number = port.and_then(PortArg::number);
            let port = number.ok_or_else(|| usage(format!("missing port in `{to}`: expected a port number, as in {path}:8080")))?;
            (CallTarget::Pods(workload, pod), port)
        }
        Destination::Called(CallTarget::Host(host)) => {
            check_address(&host)?;
            missing::check_host(mesh, &host, path, namespace)?;
            let port = port_of(mesh, &host, port, to)?;
            (CallTarget::Host(host), port)
        }
        Destination::ByService(workload) => {
            let number = port.and_then(PortArg::number);
            let with_port = number.map(|port| format!(" and has port {port}")).unwrap_or_default();
            let no_service = || {
                let leading = number.and_then(|number| port_that_leads_to(mesh, workload, number));
                let hint = leading.map(|(service, port)| suggest::did_you_mean(&[format!("{service}:{port}")])).unwrap_or_default();
                usage(format!("no Service selects {path}{with_port}: call its pods with --by-ip{hint}"))
            };
            let service = reach::service_of(mesh, workload, number).ok_or_else(no_service)?;
            let port = port_of(mesh, &service.host, port, to)?;
            (CallTarget::Host(service.host.to_string()), port)
        }
    };
    Ok(CalledTarget { target, port, namespace: namespace.to_owned() })
}

/// A Service of a workload, as `NAME.NAMESPACE`, and its port whose target is a port of the workload.
fn port_that_leads_to(mesh: &Mesh<'_>, workload: &Workload<'_>, number: u16) -> Option<(String, u16)> {
    let mut declared = workload.instances.iter().filter_map(|instance| instance.ports.get(&number));
    let leading = declared.find_map(|port| port.by_services.iter().find(|port| port.service.kind == Kind::Service))?;
    let service = mesh.registry().of(leading.service)?;
    Some((format!("{}.{}", service.id.name, service.id.namespace), leading.number))
}

enum Destination<'m> {
    Called(CallTarget<'m>),
    /// The Service of a workload.
    ByService(&'m Workload<'m>),
}

/// Resolves TO without its port: a Service, a workload, a host or an address.
fn target<'m>(mesh: &'m Mesh<'m>, request: &TargetArg<'_>, namespace: &str, path: &str) -> anyhow::Result<Destination<'m>> {
    let is_service = |kind: &str| Kind::of_word(kind) == Some(Kind::Service);
    let by_ip = request.by_ip;
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, kind, name] if is_service(kind) => service_host(mesh, namespace, name),
        [kind, name] if is_service(kind) => service_host(mesh, namespace, name),
        [host] if !by_ip || host.parse::<IpAddr>().is_ok() => Ok(Destination::Called(reach::resolve(mesh, namespace, host))),
        _ => {
            let (wanted, _) = names::parse(path, request.scope)?;
            let workload = names::resolve(mesh, &wanted, path, &[])?;
            let pod = named_pod(workload, &wanted);
            Ok(if by_ip { Destination::Called(CallTarget::Pods(workload, pod)) } else { Destination::ByService(workload) })
        }
    }
}

fn service_host<'m>(mesh: &Mesh<'_>, namespace: &str, name: &str) -> anyhow::Result<Destination<'m>> {
    let host = mesh.cluster_domain().service(namespace, name).to_string();
    missing::check_service(mesh, &host)?;
    Ok(Destination::Called(CallTarget::Host(host)))
}

/// The pod, if the name is that of a pod.
fn named_pod(workload: &Workload<'_>, wanted: &WorkloadName<'_>) -> Option<Text> {
    let all = workload.instances.iter().flat_map(|instance| &instance.pods);
    all.into_iter().find(|pod| ***pod == *wanted.name).map(|pod| (*pod).clone())
}

impl PortArg<'_> {
    fn number(self) -> Option<u16> {
        match self {
            Self::Number(number) => Some(number),
            Self::Name(_) => None,
        }
    }
}

fn split_port(to: &str) -> anyhow::Result<(&str, Option<PortArg<'_>>)> {
    let is_address = to.parse::<IpAddr>().is_ok() || to.ends_with(']');
    let Some((path, port)) = to.rsplit_once(':').filter(|_| !is_address) else { return Ok((to, None)) };
    let is_name = |port: &str| {
        port.bytes().any(|byte| byte.is_ascii_alphabetic()) && port.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match port.parse() {
        Ok(number) if number != 0 && !path.is_empty() => Ok((path, Some(PortArg::Number(number)))),
        Err(_) if is_name(port) && !path.is_empty() => Ok((path, Some(PortArg::Name(port)))),
        _ if !path.is_empty() && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(usage(format!("invalid port `{port}`: expected a number from 1 to 65535, as in {path}:8080")))
        }
        _ => Err(usage(format!("invalid destination `{to}`: expected HOST:PORT, such as db.data:5432"))),
    }
}

/// An error for what is written like an IPv4 address and is none: the last part of a host's name contains a letter.
fn check_address(host: &str) -> anyhow::Result<()> {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_number = host.contains('.') && !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && host.parse::<IpAddr>().is_err() {
        return Err(usage(format!("invalid address `{host}`: expected four numbers from 0 to 255, as in 10.0.0.1")));
    }
    Ok(())
}

/// The port of a host: as written, by its name, or the only one.
fn port_of(mesh: &Mesh<'_>, host: &str, port: Option<PortArg<'_>>, to: &str) -> anyhow::Result<u16> {
    let ports = reach::ports(mesh, host);
    match port {
        Some(PortArg::Number(number)) => Ok(number),
        Some(PortArg::Name(name)) => {
            let named: Vec<&&Port> = ports.iter().filter(|port| *port.name == *name).collect();
            named.first().map(|port| port.number).ok_or_else(|| missing::port_name(mesh, host, &ports, name))
        }
        None => only_port(mesh, &ports, to),
    }
}

/// An IPv6 address as it stands before a port.
fn bracketed(to: &str) -> String {
    if to.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{to}]") } else { to.to_owned() }
}

/// The only port of a host; an error if it has none or several.
fn only_port(mesh: &Mesh<'_>, ports: &[&Port], to: &str) -> anyhow::Result<u16> {
    match ports {
        [one] => Ok(one.number),
        [] => {
            let suggestion = suggest::did_you_mean(&names::similar_hosts(mesh, to));
            Err(usage(format!(
                "missing port in `{to}`: no object that was read has this host; expected a port, as in {}:8080{suggestion}",
                bracketed(to)
            )))
        }
        several => {
            let all: Vec<String> = several.iter().map(|port| format!("{to}:{}", port.number)).collect();
            Err(usage(format!("ambiguous port of `{to}`: expected one of {}", all.join(", "))))
        }
    }
}
