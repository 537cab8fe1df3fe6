//! The `explain FROM TO` command.

use anyhow::anyhow;

use super::{
    args::{DisplayArgs, ScopeArgs, SourceArgs},
    destination::{self, CalledTarget, TargetArg},
    document::{self, header},
    exit::{self, Exit, FailOn},
    load, missing, names,
    output::Outputs,
    usage::usage,
};
use crate::{
    checks,
    mesh::{Client, ClientKind, Mesh},
    object::Labels,
    queries::{
        Scope,
        reach::{self, CallQuestion, Scheme},
    },
    report::{Document, document::Body},
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
    pub(super) outputs: &'a Outputs,
    pub(super) display: &'a DisplayArgs,
}

pub(super) fn run(request: &CallRequest<'_>) -> anyhow::Result<Exit> {
    let mesh = load::mesh(request.source, request.scope, Kinds::Call, request.display)?;
    let from = resolve_client(mesh, request)?;
    let to = TargetArg { to: request.to, by_ip: request.call.by_ip, scope: request.scope };
    let CalledTarget { target, port, namespace } = destination::resolve(mesh, &to, &from)?;
    let (subset, scheme) = (request.call.subset.clone(), request.call.scheme.map(Scheme::from));
    let question = CallQuestion { from, to: target, port, subset, scheme };
    let unknown = missing::check(mesh, &question, &namespace)?;
    let answer = match &unknown {
        Some((what, _)) => reach::unknown(&question, what),
        None => reach::reach(mesh, &question),
    };
    let about_call = checks::run(mesh, |_| true).into_iter().filter(|finding| checks::is_about_call(&question, &answer, finding));
    let (findings, adjustments) = checks::suppress(mesh, about_call.collect());
    let mut gaps = mesh.gaps();
    gaps.extend(unknown.map(|(_, gap)| gap));
    let namespaces = vec![question.from.namespace.to_string(), namespace];
    let scope = Scope { namespaces, ..Scope::default() };
    let header = header::header("explain", mesh, &gaps, &scope, &findings, &adjustments, checks::mesh_rules());
    load::warn(mesh.snapshot(), &gaps, &header.assumptions, request.display);
    let body = document::call::call(mesh, &question, &answer, request.call.symptom.as_deref());
    request.outputs.write(&Document::new(header, Body::Call(Box::new(body))))?;
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
    let pod = instance.pods.iter().find(|pod| ***pod == *wanted.name).map(|pod| (*pod).clone());
    Ok(Client { pod, ..Client::workload(workload, instance) })
}
