//! `explain`: a workload, or a rule; `explain FROM TO` is next door.

use super::{
    args::{Output, ScopeArgs, Source, format_of},
    document::words::{enforced, policy_mode},
    gate::{self, Exit, FailOn},
    present,
    reach::{self, CallArgs},
    reading::{self, usage},
};
use crate::{
    checks::{self, Rule},
    mesh::{Mesh, PortMode, Step, Workload},
    object::Snapshot,
    queries::explain::{self, Part, Wanted},
    report::{
        Document, Format,
        document::{self as doc, Body},
    },
    source::cluster::Kinds,
};
use anyhow::anyhow;

/// Flags of `explain`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  kubectl mtls explain shop/deploy/web -f mesh/\n  kubectl mtls explain deploy/web:8080 -n shop -f mesh/\n  kubectl mtls explain shop/deploy/web db.data:5432 -f mesh/\n  kubectl mtls explain ns/shop svc/db:5432 -n data --from-kind ambient\n  kubectl mtls explain outside data/pod/db-0:5432 --by-ip\n  kubectl mtls explain shop/deploy/web db.data --symptom \"503 UC\"\n  kubectl mtls explain MTLS107"
)]
pub(super) struct Args {
    /// A workload as NAMESPACE/KIND/NAME, KIND/NAME or NAME, with :PORT for one workload port; or a rule's id or name.
    /// With TO it is the client, which may also be ns/NAMESPACE or outside.
    #[arg(required_unless_present = "print_rbac", default_value = "", hide_default_value = true)]
    pub(super) what: String,
    /// What the client calls: HOST:PORT, svc/NAME:PORT or a workload. Without :PORT it must have only one.
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    #[command(flatten)]
    pub(super) call: CallArgs,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = format_of(Format::for_answers()), help_heading = "How to show it")]
    pub(super) output: Format,
    #[command(flatten)]
    pub(super) how: Output,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return reading::print_rbac(Kinds::All);
    }
    if let Some(to) = &args.to {
        return reach::run(args, to);
    }
    if let Some(rule) = checks::find(&args.what) {
        return page(rule, args);
    }
    if args.what.to_ascii_uppercase().starts_with("MTLS") && args.source.filename.is_empty() {
        return Err(usage(format!("{} is no rule; ids are MTLS and three digits, such as {}", args.what, checks::ALL[0].rule.id)));
    }
    let (wanted, port) = name(&args.what, &args.scope)?;
    let mesh = reading::mesh(&args.source, &args.scope, Kinds::All, &args.how)?;
    let workload = one(mesh, &wanted, &args.what)?;
    let answer = explain::workload(mesh, workload, port);
    let concerns = |finding: &checks::Finding| checks::is_about(&workload.subject, finding);
    let (findings, suppressed) = checks::suppress(mesh, checks::run(mesh, |_| true).into_iter().filter(concerns).collect());
    let gaps = mesh.gaps();
    let header = present::header("explain", mesh, &gaps, &findings, suppressed);
    reading::tell(mesh.snapshot(), &gaps, &header.assumptions, &args.how)?;
    let parts: Vec<doc::Part> = answer.parts.iter().map(|one| part(mesh, one)).collect();
    let body = doc::Explain { workload: with_trails(present::workload(&answer.row, true), &parts), parts };
    reading::show(&Document { header, body: Body::Explain(Box::new(body)) }, args.output, &args.how)?;
    Ok(gate::exit([], FailOn::Never, !gaps.is_empty(), args.how.allow_gaps))
}

/// A rule's page needs no mesh: the document says so by an empty one.
fn page(rule: &Rule, args: &Args) -> anyhow::Result<Exit> {
    let nothing = Snapshot::default();
    let header = present::header("explain", &Mesh::new(&nothing, &args.source.settings()), &[], &[], 0);
    let body = doc::Rule { rule: present::rule(rule) };
    reading::show(&Document { header, body: Body::Rule(body) }, args.output, &args.how)?;
    Ok(Exit::Clean)
}

/// The workload with the trail of each port, from the first pods that have it.
fn with_trails(mut workload: doc::Workload, parts: &[doc::Part]) -> doc::Workload {
    for port in &mut workload.ports {
        let told = parts.iter().flat_map(|part| &part.ports).find(|told| told.port == Some(port.port) && told.mode == port.mode);
        port.trail = Some(told.map(|told| told.trail.clone()).unwrap_or_default());
    }
    workload
}

/// `NAMESPACE/KIND/NAME:PORT`, of which all but the name may be missing.
pub(super) fn name<'a>(what: &'a str, scope: &'a ScopeArgs) -> anyhow::Result<(Wanted<'a>, Option<u16>)> {
    let (path, port) = match what.rsplit_once(':') {
        Some((path, port)) => match port.parse() {
            Ok(number) if number != 0 => (path, Some(number)),
            _ => return Err(usage(format!("`{port}` is no port; write {path}:8080"))),
        },
        None => (what, None),
    };
    let given = scope.namespaces.first().map(String::as_str);
    let wanted = match path.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, kind, name] => Wanted { namespace: Some(namespace), kind: Some(kind), name },
        [kind, name] => Wanted { namespace: given, kind: Some(kind), name },
        [name] => Wanted { namespace: given, kind: None, name },
        _ => return Err(usage(format!("`{what}` is no workload; write NAMESPACE/KIND/NAME, such as shop/deploy/web"))),
    };
    if wanted.name.is_empty() {
        return Err(usage(format!("`{what}` has no name; write NAMESPACE/KIND/NAME, such as shop/deploy/web")));
    }
    Ok((wanted, port))
}

pub(super) fn one<'m>(mesh: &'m Mesh<'m>, wanted: &Wanted<'_>, what: &str) -> anyhow::Result<&'m Workload<'m>> {
    match explain::find(mesh, wanted).as_slice() {
        [one] => Ok(one),
        [] => {
            let like = mesh.workloads().iter().filter(|w| w.subject.name.contains(wanted.name)).take(3);
            let like: Vec<String> = like.map(|w| path(w)).collect();
            let hint = if like.is_empty() { String::new() } else { format!("; there is {}", like.join(", ")) };
            Err(anyhow!("no workload {what} was read{hint}"))
        }
        several => {
            let all: Vec<String> = several.iter().map(|w| path(w)).collect();
            Err(usage(format!("{what} can mean {}: write one of them", all.join(", "))))
        }
    }
}

fn path(workload: &Workload<'_>) -> String {
    let subject = &workload.subject;
    format!("{}/{}/{}", subject.namespace, subject.kind, subject.name)
}

fn part(mesh: &Mesh<'_>, part: &Part<'_>) -> doc::Part {
    let instance = part.instance;
    let explained = |(number, mode, trail): &(Option<u16>, PortMode<'_>, Vec<Step>)| doc::ExplainedPort {
        port: *number,
        mode: enforced(mode.mode, mode.is_certain),
        policy_mode: policy_mode(mode.policy_mode, mode.is_certain),
        decided_by: present::decided_by(mode.decided_by),
        trail: self::trail(mesh, trail),
    };
    doc::Part {
        pods: instance.pods.iter().map(ToString::to_string).collect(),
        labels: instance.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        dataplane: instance.dataplane.into(),
        revision: instance.revision.to_string(),
        holes: instance.holes.iter().map(|hole| doc::Hole { what: hole.what.clone(), opened_by: hole.opened_by.clone() }).collect(),
        ports: part.ports.iter().map(explained).collect(),
    }
}

/// A trail with its places in files.
pub(super) fn trail(mesh: &Mesh<'_>, trail: &[Step]) -> Vec<doc::Step> {
    let mut steps = Vec::new();
    for Step { object, field, says, outcome } in trail {
        steps.push(present::Step { object: object.as_ref(), field: field.as_ref(), says, outcome: *outcome });
    }
    present::steps(mesh, &steps)
}
