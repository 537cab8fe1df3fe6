//! The `explain FROM TO` command.

use anyhow::anyhow;

use super::{
    args::{DisplayArgs, ScopeArgs, SourceArgs},
    document::{self, header},
    exit::{self, Exit, FailOn},
    load, names, suggest,
    usage::usage,
};
use crate::{
    checks,
    mesh::{Client, ClientKind, Mesh, Service, Workload},
    object::{Labels, Text},
    queries::{
        explain::WorkloadName,
        reach::{self, CallQuestion, CallTarget, Scheme},
    },
    report::{Document, Format, document::Body},
    source::cluster::Kinds,
};

/// Flags of a call.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The call")]
pub(super) struct CallArgs {
    /// Labels of a client given as ns/NAMESPACE: KEY=VALUE, separated by commas.
    #[arg(long, value_name = "LABELS", value_delimiter = ',', value_parser = parse_label)]
    from_labels: Vec<(String, String)>,
    /// Data plane of a client given as ns/NAMESPACE.
    #[arg(long, value_name = "KIND", default_value = "sidecar")]
    from_kind: FromKind,
    /// Subset of the destination.
    #[arg(long, value_name = "NAME")]
    subset: Option<String>,
    /// Protocol that the client uses; https means any TLS that the application itself originates. Default: that of the port.
    #[arg(long, value_name = "SCHEME")]
    scheme: Option<SchemeName>,
    /// Call the IP address and port of the pod directly, not the Service.
    #[arg(long)]
    by_ip: bool,
    /// Symptom that was observed, such as "connection reset by peer" or "503 UC"; shows what in this configuration could cause it.
    #[arg(long, value_name = "TEXT", requires = "to")]
    symptom: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FromKind {
    /// With a sidecar.
    Sidecar,
    /// In ambient mode, through ztunnel.
    Ambient,
    /// A gateway.
    Gateway,
    /// A waypoint.
    Waypoint,
    /// gRPC without a proxy.
    Proxyless,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SchemeName {
    /// HTTP.
    Http,
    /// TLS that the application originates.
    Https,
    /// Any protocol other than HTTP.
    Tcp,
    /// gRPC.
    Grpc,
    /// WebSocket.
    Ws,
}

impl From<FromKind> for ClientKind {
    fn from(kind: FromKind) -> Self {
        match kind {
            FromKind::Sidecar => Self::Sidecar,
            FromKind::Ambient => Self::Ambient,
            FromKind::Gateway => Self::Gateway,
            FromKind::Waypoint => Self::Waypoint,
            FromKind::Proxyless => Self::Proxyless,
        }
    }
}

impl From<SchemeName> for Scheme {
    fn from(name: SchemeName) -> Self {
        match name {
            SchemeName::Http | SchemeName::Grpc | SchemeName::Ws => Self::Http,
            SchemeName::Https => Self::Https,
            SchemeName::Tcp => Self::Tcp,
        }
    }
}

fn parse_label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// A call to explain, and the output options.
pub(super) struct CallRequest<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) source: &'a SourceArgs,
    pub(super) scope: &'a ScopeArgs,
    pub(super) call: &'a CallArgs,
    pub(super) output: Format,
    pub(super) display: &'a DisplayArgs,
}

pub(super) fn run(request: &CallRequest<'_>) -> anyhow::Result<Exit> {
    let mesh = load::mesh(request.source, request.scope, Kinds::Call, request.display)?;
    let from = resolve_client(mesh, request)?;
    let question = build_question(mesh, request, from)?;
    let answer = reach::reach(mesh, &question);
    let about_call = checks::run(mesh, |_| true).into_iter().filter(|finding| checks::is_about_call(&question, &answer, finding));
    let (findings, adjustments) = checks::suppress(mesh, about_call.collect());
    let gaps = mesh.gaps();
    let header = header::header("explain", mesh, &gaps, &findings, &adjustments, checks::mesh_rules());
    load::warn(mesh.snapshot(), &gaps, &header.assumptions, request.display);
    let body = document::call::call(mesh, &question, &answer, request.call.symptom.as_deref());
    load::show(&Document { header, body: Body::Call(Box::new(body)) }, request.output, request.display)?;
    Ok(exit::status([], FailOn::Never, !gaps.is_empty(), request.display.allow_gaps))
}

/// Resolves FROM: `outside`, `ns/NAME` or a workload.
fn resolve_client<'m>(mesh: &'m Mesh<'m>, request: &CallRequest<'_>) -> anyhow::Result<Client<'m>> {
    let call = &request.call;
    if request.from == "outside" {
        return Ok(Client::outside());
    }
    if let Some(namespace) = request.from.strip_prefix("ns/") {
        if namespace.is_empty() || namespace.contains('/') {
            return Err(usage(format!("invalid client `{}`: expected ns/NAMESPACE", request.from)));
        }
        let labels: Labels = call.from_labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        return Ok(Client::any(mesh.indices(), namespace, labels, call.from_kind.into()));
    }
    if !call.from_labels.is_empty() {
        return Err(usage(format!("--from-labels requires a client of the form ns/NAMESPACE: {} has its own labels", request.from)));
    }
    let (wanted, port) = names::parse(request.from, request.scope)?;
    if port.is_some() {
        return Err(usage(format!("invalid client `{}`: expected a workload without a port", request.from)));
    }
    let workload = names::resolve(mesh, &wanted, request.from, &[])?;
    let named = workload.instances.iter().find(|instance| instance.pods.iter().any(|pod| **pod == *wanted.name));
    let instance = named.or(workload.instances.first()).ok_or_else(|| anyhow!("{} has no pods and no pod template", request.from))?;
    Ok(Client::workload(workload, instance))
}

fn build_question<'m>(mesh: &'m Mesh<'m>, request: &CallRequest<'_>, from: Client<'m>) -> anyhow::Result<CallQuestion<'m>> {
    let to = request.to;
    let (path, port) = split_port(to)?;
    let scheme = request.call.scheme.map(Scheme::from);
    let subset = request.call.subset.clone();
    let question = |from, to, port| CallQuestion { from, to, port, subset, scheme };
    match resolve_destination(mesh, request, &from, path)? {
        Destination::Host(host) => {
            let port = port.map_or_else(|| only_port(mesh, &host, to), Ok)?;
            Ok(question(from, CallTarget::Host(host), port))
        }
        Destination::Workload(workload, pod) if request.call.by_ip => {
            let port = port.ok_or_else(|| usage(format!("missing port in `{to}`: expected a port, as in {to}:8080")))?;
            Ok(question(from, CallTarget::Pods(workload, pod), port))
        }
        Destination::Workload(workload, _) => {
            let with_port = port.map(|port| format!(" and has port {port}")).unwrap_or_default();
            let no_service = || usage(format!("no Service selects {path}{with_port}: call its pods with --by-ip"));
            let service = reach::service_of(mesh, workload, port).ok_or_else(no_service)?;
            let port = port.map_or_else(|| only_port(mesh, &service.host, to), Ok)?;
            Ok(question(from, CallTarget::Host(service.host.to_string()), port))
        }
    }
}

enum Destination<'m> {
    Host(String),
    Workload(&'m Workload<'m>, Option<Text>),
}

/// Resolves TO without its port: a Service, a workload, or a host.
fn resolve_destination<'m>(
    mesh: &'m Mesh<'m>,
    request: &CallRequest<'_>,
    from: &Client<'_>,
    path: &str,
) -> anyhow::Result<Destination<'m>> {
    let given = request.scope.namespaces.first().map_or(from.namespace.as_str(), String::as_str);
    let is_service = |kind: &str| matches!(kind, "svc" | "service" | "services");
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, kind, name] if is_service(kind) => service_host(mesh, namespace, name),
        [kind, name] if is_service(kind) => service_host(mesh, given, name),
        [host] if !request.call.by_ip => Ok(Destination::Host(reach::resolve_host(mesh, given, host))),
        _ => {
            let (wanted, _) = names::parse(path, request.scope)?;
            let workload = names::resolve(mesh, &wanted, path, &[])?;
            Ok(Destination::Workload(workload, named_pod(workload, &wanted)))
        }
    }
}

fn service_host<'m>(mesh: &'m Mesh<'m>, namespace: &str, name: &str) -> anyhow::Result<Destination<'m>> {
    let host = mesh.cluster_domain().service(namespace, name).to_string();
    let exists = mesh.registry().at(&host).any(Service::is_kubernetes);
    if exists {
        return Ok(Destination::Host(host));
    }
    let suggestion = suggest::did_you_mean(&names::similar_services(mesh, namespace, name));
    Err(anyhow!("unknown Service `{namespace}/{name}`: no such Service was read{suggestion}"))
}

/// The pod, if the name is that of a pod.
fn named_pod(workload: &Workload<'_>, wanted: &WorkloadName<'_>) -> Option<Text> {
    let all = workload.instances.iter().flat_map(|instance| &instance.pods);
    all.into_iter().find(|pod| ***pod == *wanted.name).map(|pod| (*pod).clone())
}

fn split_port(to: &str) -> anyhow::Result<(&str, Option<u16>)> {
    match to.rsplit_once(':') {
        None => Ok((to, None)),
        Some((path, port)) => match port.parse() {
            Ok(number) if number != 0 && !path.is_empty() => Ok((path, Some(number))),
            _ => Err(usage(format!("invalid destination `{to}`: expected HOST:PORT, such as db.data:5432"))),
        },
    }
}

/// The only port of a host; an error if it has none or several.
fn only_port(mesh: &Mesh<'_>, host: &str, to: &str) -> anyhow::Result<u16> {
    match reach::ports(mesh, host).as_slice() {
        [one] => Ok(one.number),
        [] => {
            let suggestion = suggest::did_you_mean(&names::similar_hosts(mesh, to));
            Err(usage(format!(
                "missing port in `{to}`: no object that was read has this host; expected a port, as in {to}:8080{suggestion}"
            )))
        }
        several => {
            let all: Vec<String> = several.iter().map(|port| format!("{to}:{}", port.number)).collect();
            Err(usage(format!("ambiguous port of `{to}`: expected one of {}", all.join(", "))))
        }
    }
}
