//! `explain FROM TO`.

use std::collections::BTreeMap;

use anyhow::anyhow;

use super::{
    document::words::enforced,
    explain::{self, Args},
    gate::{self, Exit, FailOn},
    present,
    reading::{self, usage},
};
use crate::{
    checks,
    mesh::{Client, ClientKind, Failure, Instance, Mesh, Verdict},
    object::Labels,
    queries::{
        explain::Wanted,
        reach::{self, Note, Question, Reach, Reached, Scheme, To},
        remedy,
        symptom::{self, Cause},
    },
    report::{
        Document,
        document::{self as doc, Body, words::Tls},
    },
    source::cluster::Kinds,
};

/// Flags of a call.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What the call is like")]
pub(super) struct CallArgs {
    /// Labels of a client that is named as ns/NAME, as KEY=VALUE, separated by commas.
    #[arg(long, value_name = "LABELS", value_delimiter = ',', value_parser = label)]
    from_labels: Vec<(String, String)>,
    /// Data plane of a client that is named as ns/NAME.
    #[arg(long, value_name = "KIND", default_value = "sidecar")]
    from_kind: FromKind,
    /// Subset of the destination.
    #[arg(long, value_name = "NAME")]
    subset: Option<String>,
    /// What the client speaks; https stands for any TLS of its own. Default: what the port declares.
    #[arg(long, value_name = "SCHEME")]
    scheme: Option<Speaks>,
    /// Call the pod's own address and port, not the Service.
    #[arg(long)]
    by_ip: bool,
    /// What was seen of the call, such as "connection reset by peer" or "503 UC": what on this configuration looks like that?
    #[arg(long, value_name = "TEXT", requires = "to")]
    symptom: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FromKind {
    /// A sidecar sends.
    Sidecar,
    /// ztunnel sends.
    Ambient,
    /// It is a gateway.
    Gateway,
    /// It is a waypoint.
    Waypoint,
    /// It is gRPC without a proxy.
    Proxyless,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Speaks {
    /// HTTP.
    Http,
    /// TLS of its own.
    Https,
    /// Anything that is no HTTP.
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

impl From<Speaks> for Scheme {
    fn from(speaks: Speaks) -> Self {
        match speaks {
            Speaks::Http | Speaks::Grpc | Speaks::Ws => Self::Http,
            Speaks::Https => Self::Https,
            Speaks::Tcp => Self::Tcp,
        }
    }
}

fn label(text: &str) -> std::result::Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn run(args: &Args, to: &str) -> anyhow::Result<Exit> {
    let mesh = reading::mesh(&args.source, &args.scope, Kinds::All, &args.how)?;
    let from = client(mesh, args)?;
    let question = question(mesh, args, from, to)?;
    let answer = reach::reach(mesh, &question);
    let found = checks::run(mesh, |_| true).into_iter().filter(|finding| checks::is_about_call(&question, &answer, finding));
    let (findings, suppressed) = checks::suppress(mesh, found.collect());
    let gaps = mesh.gaps();
    let header = present::header("explain", mesh, &gaps, &findings, suppressed);
    reading::tell(mesh.snapshot(), &gaps, &header.assumptions, &args.how)?;
    let body = present_answer(mesh, &question, &answer, args.call.symptom.as_deref());
    reading::show(&Document { header, body: Body::Reach(Box::new(body)) }, args.output, &args.how)?;
    Ok(gate::exit([], FailOn::Never, !gaps.is_empty(), args.how.allow_gaps))
}

/// FROM: `outside`, `ns/NAME` or a workload.
fn client<'m>(mesh: &'m Mesh<'m>, args: &Args) -> anyhow::Result<Client<'m>> {
    let call = &args.call;
    if args.what == "outside" {
        return Ok(Client::outside());
    }
    if let Some(namespace) = args.what.strip_prefix("ns/") {
        if namespace.is_empty() || namespace.contains('/') {
            return Err(usage(format!("`{}` is no client; write ns/NAMESPACE", args.what)));
        }
        let labels: Labels = call.from_labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        return Ok(Client::any(mesh.indices(), namespace, labels, call.from_kind.into()));
    }
    if !call.from_labels.is_empty() {
        return Err(usage(format!("--from-labels goes with ns/NAMESPACE; {} has labels of its own", args.what)));
    }
    let (wanted, port) = explain::name(&args.what, &args.scope)?;
    if port.is_some() {
        return Err(usage(format!("a client has no port; write {} without it", args.what)));
    }
    let workload = explain::one(mesh, &wanted, &args.what)?;
    let named = workload.instances.iter().find(|instance| instance.pods.iter().any(|pod| **pod == *wanted.name));
    let instance = named.or(workload.instances.first()).ok_or_else(|| anyhow!("{} has no pods and no template", args.what))?;
    Ok(Client::workload(workload, instance))
}

fn question<'m>(mesh: &'m Mesh<'m>, args: &Args, from: Client<'m>, to: &str) -> anyhow::Result<Question<'m>> {
    let (path, port) = split_port(to)?;
    let scheme = args.call.scheme.map(Scheme::from);
    let subset = args.call.subset.clone();
    let whole = |from, to, port| Question { from, to, port, subset, scheme };
    match destination(mesh, args, &from, path)? {
        Found::Host(host) => {
            let port = port.map_or_else(|| only_port(mesh, &host, to), Ok)?;
            Ok(whole(from, To::Host(host), port))
        }
        Found::Workload(workload, pod) if args.call.by_ip => {
            let port = port.ok_or_else(|| usage(format!("which port of {to}? write {to}:8080")))?;
            Ok(whole(from, To::Pods(workload, pod), port))
        }
        Found::Workload(workload, _) => {
            let at = port.map(|port| format!(" at port {port}")).unwrap_or_default();
            let none = || usage(format!("no Service leads to {path}{at}; call its pods with --by-ip"));
            let service = reach::host_of(mesh, workload, port).ok_or_else(none)?;
            let port = port.map_or_else(|| only_port(mesh, &service.host, to), Ok)?;
            Ok(whole(from, To::Host(service.host.to_string()), port))
        }
    }
}

enum Found<'m> {
    Host(String),
    Workload(&'m crate::mesh::Workload<'m>, Option<crate::object::Text>),
}

/// TO without its port: a Service, a workload, or a host.
fn destination<'m>(mesh: &'m Mesh<'m>, args: &Args, from: &Client<'_>, path: &str) -> anyhow::Result<Found<'m>> {
    let given = args.scope.namespaces.first().map_or(from.namespace.as_str(), String::as_str);
    let is_service = |kind: &str| matches!(kind, "svc" | "service" | "services");
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, kind, name] if is_service(kind) => service(mesh, namespace, name),
        [kind, name] if is_service(kind) => service(mesh, given, name),
        [host] if !args.call.by_ip => Ok(Found::Host(reach::host(mesh, given, host))),
        _ => {
            let (wanted, _) = explain::name(path, &args.scope)?;
            let workload = explain::one(mesh, &wanted, path)?;
            Ok(Found::Workload(workload, pod(workload, &wanted)))
        }
    }
}

fn service<'m>(mesh: &'m Mesh<'m>, namespace: &str, name: &str) -> anyhow::Result<Found<'m>> {
    let host = mesh.cluster_domain().service(namespace, name).to_string();
    let is_there = mesh.registry().at(&host).any(crate::mesh::Service::is_kubernetes);
    if is_there { Ok(Found::Host(host)) } else { Err(anyhow!("no Service {namespace}/{name} was read")) }
}

/// The one pod that was named, where it is not its workload.
fn pod(workload: &crate::mesh::Workload<'_>, wanted: &Wanted<'_>) -> Option<crate::object::Text> {
    let all = workload.instances.iter().flat_map(|instance| &instance.pods);
    all.into_iter().find(|pod| ***pod == *wanted.name).map(|pod| (*pod).clone())
}

fn split_port(to: &str) -> anyhow::Result<(&str, Option<u16>)> {
    match to.rsplit_once(':') {
        None => Ok((to, None)),
        Some((path, port)) => match port.parse() {
            Ok(number) if number != 0 && !path.is_empty() => Ok((path, Some(number))),
            _ => Err(usage(format!("`{to}` is no destination; write HOST:PORT, such as db.data:5432"))),
        },
    }
}

/// The port of a host that has only one.
fn only_port(mesh: &Mesh<'_>, host: &str, to: &str) -> anyhow::Result<u16> {
    match reach::ports(mesh, host).as_slice() {
        [one] => Ok(one.number),
        [] => Err(usage(format!("which port of {to}? nothing that was read has this host; write {to}:8080"))),
        several => {
            let all: Vec<String> = several.iter().map(|port| format!("{to}:{}", port.number)).collect();
            Err(usage(format!("{to} has several ports: write one of {}", all.join(", "))))
        }
    }
}

fn cause(cause: &Cause) -> doc::Cause {
    doc::Cause {
        likelihood: cause.likelihood.into(),
        code: cause.failure.map(Failure::code),
        supposing: cause.supposing.clone(),
        says: cause.says.clone(),
    }
}

fn present_answer<'m>(mesh: &'m Mesh<'m>, question: &Question<'m>, answer: &Reach<'m>, seen: Option<&str>) -> doc::Reach {
    let code = answer.code();
    doc::Reach {
        from: from(question),
        to: doc::ReachTo { host: answer.host.clone(), port: question.port, subset: question.subset.clone() },
        client: client_side(mesh, answer),
        endpoints: endpoints(mesh, &answer.endpoints),
        result: answer.result().into(),
        code: code.map(Failure::code),
        symptom: code.map(Failure::symptom),
        led_to: answer.led_to.iter().map(ToString::to_string).collect(),
        why: reach::why(answer),
        remedies: remedy::remedies(mesh, question, answer),
        seen: seen.map(ToOwned::to_owned),
        causes: seen.map(|seen| symptom::causes(mesh, question, answer, seen).iter().map(cause).collect()).unwrap_or_default(),
    }
}

fn from(question: &Question<'_>) -> doc::ReachFrom {
    let client = &question.from;
    let subject = client.instance.map(|(workload, _)| &workload.subject);
    doc::ReachFrom {
        namespace: (!client.namespace.is_empty()).then(|| client.namespace.to_string()),
        kind: subject.map(|subject| subject.kind.to_string()),
        name: subject.map(|subject| subject.name.to_string()),
        dataplane: client.kind.into(),
    }
}

fn client_side(mesh: &Mesh<'_>, answer: &Reach<'_>) -> doc::ClientSide {
    let cluster = answer.client.cluster.as_ref();
    let merged: Vec<String> = cluster.iter().flat_map(|c| &c.rule).flat_map(|rule| &rule.from).map(|rule| rule.id.path()).collect();
    let mut steps = Vec::new();
    for Note { object, field, says, outcome } in &answer.notes {
        steps.push(present::Step { object: object.as_ref(), field: field.as_ref(), says, outcome: *outcome });
    }
    doc::ClientSide {
        destination_rule: merged.first().cloned(),
        merged_from: merged,
        other_rules: answer.client.others.iter().map(|rule| rule.id.path()).collect(),
        configured_tls: cluster.and_then(|cluster| cluster.configured).map_or(Tls::Auto, Tls::from),
        tls: answer.client.tls.into(),
        trail: present::steps(mesh, &steps),
    }
}

/// The endpoints; pods that are alike have one trail.
fn endpoints(mesh: &Mesh<'_>, reached: &[Reached<'_>]) -> Vec<doc::ReachedEndpoint> {
    let mut trails: BTreeMap<(*const Instance<'_>, u16), Vec<doc::Step>> = BTreeMap::new();
    let mut found = Vec::new();
    for one in reached {
        let (server, port) = (one.endpoint.server, one.endpoint.port);
        let trail = server.map(|(workload, instance)| {
            let look = || explain::trail(mesh, &mesh.indices().trail(workload, instance, Some(port)));
            trails.entry((std::ptr::from_ref(instance), port)).or_insert_with(look).clone()
        });
        found.push(endpoint(one, trail.unwrap_or_default()));
    }
    found
}

fn endpoint(reached: &Reached<'_>, trail: Vec<doc::Step>) -> doc::ReachedEndpoint {
    let at = &reached.endpoint;
    let subject = at.server.map(|(workload, _)| &workload.subject);
    let failure = if let Verdict::Fail(failure) = reached.judgement.verdict { Some(failure) } else { None };
    doc::ReachedEndpoint {
        workload: subject.map(|s| format!("{}/{}/{}", s.namespace, s.kind, s.name)),
        pod: at.pod.map(ToString::to_string),
        port: at.port,
        mode: enforced(reached.judgement.mode, reached.judgement.is_certain),
        wire: reached.wire.into(),
        result: reached.judgement.verdict.into(),
        code: failure.map(Failure::code),
        symptom: failure.map(Failure::symptom),
        trail,
    }
}
