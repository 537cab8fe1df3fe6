//! `migrate-check`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    args::{Gate, Judged, Output, ScopeArgs, Source},
    explain,
    gate::Exit,
    judging, present, reading,
};
use crate::{
    checks::{self, Finding, MIGRATION, Severity},
    mesh::{Failure, Mesh, Subject},
    object::{FieldPath, Id, Text, first_of},
    queries::{
        Scope,
        migrate::{self, Blocker, Confidence, Policy, Ready, Shown, Step, Target, Wave, Within},
        relations::States,
    },
    report::{
        document::{self, Body},
        migrate as doc,
    },
    source::cluster::Kinds,
};

/// Flags of `migrate-check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The one workload that is to go STRICT, as KIND/NAME or NAMESPACE/KIND/NAME; every namespace in scope without it.
    #[arg(value_name = "WORKLOAD")]
    workload: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Print the manifests of one step alone: of those to PERMISSIVE, or of those to STRICT.
    #[arg(long, value_name = "STEP", help_heading = "What to show")]
    step: Option<Towards>,
    /// Write the manifests into this folder, a file a wave, in the order in which to apply them.
    #[arg(long, value_name = "DIR", help_heading = "How to show it")]
    write: Option<PathBuf>,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How to show it")]
    output: Judged,
    #[command(flatten)]
    how: Output,
    #[command(flatten)]
    gate: Gate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Towards {
    /// PERMISSIVE in place of DISABLE.
    Permissive,
    /// STRICT.
    Strict,
}

/// What was found, before it is drawn.
struct Found {
    blockers: Vec<Blocker>,
    ready: BTreeMap<Text, Ready>,
    strict: Vec<Policy>,
    waves: Vec<Wave>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return reading::print_rbac(Kinds::Migration);
    }
    let mesh = reading::mesh(&args.source, &args.scope, Kinds::Migration, &args.how)?;
    let scope = args.scope.scope();
    let target = match &args.workload {
        None => Target::namespaces(mesh, &scope),
        Some(name) => {
            let (wanted, _) = explain::name(name, &args.scope)?;
            Target::workload(explain::one(mesh, &wanted, name)?)
        }
    };
    let mut found = look(mesh, &args.source, &target, &scope)?;
    if let Some(towards) = args.step {
        found.waves.retain(|wave| (wave.step == Step::Permissive) == (towards == Towards::Permissive));
    }
    let grouped = migrate::merged(found.blockers.clone(), Within::Mesh);
    let findings = grouped.iter().filter_map(|blocker| finding(mesh, blocker)).filter(|finding| args.gate.is_wanted(finding.rule));
    let judged = judging::with_findings("migrate-check", mesh, findings.collect(), MIGRATION.to_vec(), &args.scope, &args.gate, &args.how)?;
    let body = body(mesh, &found);
    if let Some(folder) = &args.write {
        write(folder, &body.waves)?;
    }
    judged.show(Body::Migration(body), args.output.into(), &args.gate, &args.how)
}

/// Lays the policies over what is there, and asks every call again.
fn look(mesh: &'static Mesh<'static>, source: &Source, target: &Target<'_>, scope: &Scope) -> anyhow::Result<Found> {
    let settings = source.settings();
    let after = |policies: &[Policy]| -> anyhow::Result<States<'static>> {
        let manifests = manifests(policies);
        let overlaid = if policies.is_empty() {
            mesh.snapshot().clone()
        } else {
            mesh.snapshot().overlaid(&reading::text(&manifests).context("the policies to apply")?, &BTreeSet::new())
        };
        Ok(States { before: mesh, after: reading::indexed(overlaid, &settings) })
    };
    let strict = migrate::strict(mesh, target);
    let mut blockers = migrate::blockers(after(&strict)?, target, scope);
    let relaxed = migrate::relaxed(mesh, target);
    let mut stuck = BTreeSet::new();
    if !relaxed.is_empty() {
        stuck = breaking(&migrate::blockers(after(&relaxed)?, target, scope));
    }
    let excepted = migrate::excepted(mesh, &strict, &blockers);
    if excepted != strict {
        stuck.extend(breaking(&migrate::blockers(after(&excepted)?, target, scope)));
    }
    blockers.sort_by_key(|blocker| blocker.cause);
    let own = |name: &Text| blockers.iter().filter(|blocker| blocker.namespace == *name).collect::<Vec<_>>();
    let ready: BTreeMap<Text, Ready> =
        target.namespaces.iter().map(|name| (name.clone(), migrate::ready(mesh, target, name, own(name)))).collect();
    let is_whole = target.workload.is_none() && scope.namespaces.is_empty() && scope.excluded.is_empty() && scope.selector.is_empty();
    let whole = is_whole.then(|| migrate::of_mesh(mesh)).flatten();
    blockers.retain(|blocker| ready.get(&blocker.namespace) != Some(&Ready::Already));
    let waves = migrate::waves(&ready, &relaxed, &excepted, &stuck, whole);
    Ok(Found { blockers, ready, strict: excepted, waves })
}

/// The namespaces in which something that works would break all the same.
fn breaking(blockers: &[Blocker]) -> BTreeSet<Text> {
    blockers.iter().filter(|blocker| blocker.wants_exception()).map(|blocker| blocker.namespace.clone()).collect()
}

fn finding(mesh: &Mesh<'_>, blocker: &Blocker) -> Option<Finding> {
    let rule = checks::find(blocker.cause.rule())?;
    let servers: Vec<&Subject> = blocker.servers.keys().collect();
    let message = message(blocker);
    let of = |subject: &Subject| mesh.workloads_in(&subject.namespace).iter().find(|workload| workload.subject == *subject);
    let finding = match &blocker.shown_by {
        Shown::Field(id, at) => Finding::about(rule, mesh.snapshot(), id, at.clone(), message),
        Shown::Clients(clients) => {
            let workload = clients.first().and_then(of)?;
            Finding::about_workload(rule, workload, FieldPath::of("metadata.name"), message)
        }
        Shown::Servers => Finding::about_workload(rule, of(servers.first()?)?, FieldPath::of("metadata.name"), message),
    };
    let severity = match blocker.confidence {
        _ if blocker.fails_already => Severity::Info,
        Confidence::Possible => Severity::Warning,
        Confidence::Certain | Confidence::Seen => rule.severity,
    };
    Some(finding.severity(severity).related(servers.into_iter().cloned()))
}

fn message(blocker: &Blocker) -> String {
    let servers = first_of(3, blocker.servers.iter().map(|(server, ports)| format!("{server}{}", ports_of(ports))));
    let cause = blocker.failure.map(|failure| format!(" ({}: {})", failure.code(), failure.cause())).unwrap_or_default();
    match (blocker.fails_already, blocker.confidence) {
        (true, _) => format!("{} cannot reach {servers}, STRICT or not{cause}", blocker.client),
        (false, Confidence::Possible) => format!("any call of {} to {servers} would fail under STRICT{cause}", blocker.client),
        (false, _) => format!("{} would no longer reach {servers} under STRICT{cause}", blocker.client),
    }
}

fn ports_of(ports: &BTreeSet<u16>) -> String {
    let all: Vec<String> = ports.iter().map(ToString::to_string).collect();
    match all.len() {
        0 => String::new(),
        1 => format!(" port {}", all[0]),
        _ => format!(" ports {}", all.join(", ")),
    }
}

fn body(mesh: &Mesh<'_>, found: &Found) -> doc::Migration {
    let wave_of =
        |name: &Text| found.waves.iter().rposition(|wave| wave.step != Step::Mesh && wave.namespaces.contains(name)).map(|at| at + 1);
    let namespace = |(name, ready): (&Text, &Ready)| doc::Namespace {
        name: name.to_string(),
        ready: ready.word(),
        wave: wave_of(name).filter(|_| *ready != Ready::Already),
        blockers: found.blockers.iter().filter(|blocker| blocker.namespace == *name).filter_map(blocker).collect(),
        evidence: Vec::new(),
        patch: if *ready == Ready::Already {
            String::new()
        } else {
            manifests(found.strict.iter().filter(|policy| policy.id.namespace == *name))
        },
    };
    let mut applied: BTreeMap<Id, Option<String>> = BTreeMap::new();
    let waves = found.waves.iter().enumerate().map(|(at, wave)| doc::Wave {
        wave: at + 1,
        step: wave.step.word(),
        namespaces: wave.namespaces.iter().map(ToString::to_string).collect(),
        rests_on: rests_on(wave, &found.blockers),
        manifests: manifests(&wave.policies),
        back: back(mesh, wave, &mut applied),
    });
    let waves = waves.collect();
    doc::Migration { namespaces: found.ready.iter().map(namespace).collect(), waves }
}

fn blocker(blocker: &Blocker) -> Option<doc::Blocker> {
    let rule = checks::find(blocker.cause.rule())?;
    let server = |(subject, ports): (&Subject, &BTreeSet<u16>)| doc::Server {
        subject: present::subject(subject),
        ports: ports.iter().copied().collect(),
    };
    let subject = match blocker.servers.keys().collect::<Vec<_>>().as_slice() {
        [one] => present::subject(one),
        _ => document::Subject { kind: "Namespace".into(), namespace: None, name: blocker.namespace.to_string() },
    };
    Some(doc::Blocker {
        rule: rule.id,
        name: rule.name,
        subject,
        servers: blocker.servers.iter().map(server).collect(),
        client: blocker.client.clone(),
        evidence: match &blocker.shown_by {
            Shown::Field(id, at) => format!("{id} {at}"),
            Shown::Clients(clients) => first_of(20, clients.iter()),
            Shown::Servers => "what the servers' labels and proxies say".into(),
        },
        confidence: blocker.confidence.word(),
        code: blocker.failure.map(Failure::code),
        fails_already: blocker.fails_already,
    })
}

/// What has to be so for a wave to break nothing.
fn rests_on(wave: &Wave, blockers: &[Blocker]) -> Vec<String> {
    let own = |blocker: &&Blocker| {
        wave.namespaces.contains(&blocker.namespace) && blocker.confidence == Confidence::Possible && !blocker.fails_already
    };
    if !matches!(wave.step, Step::Assuming | Step::Excepted) {
        return Vec::new();
    }
    let mut called: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for blocker in blockers.iter().filter(own) {
        called.entry(&blocker.client).or_default().insert(&blocker.namespace);
    }
    let says = |(client, namespaces): (&str, BTreeSet<&str>)| {
        format!("no call of {client} goes to {}", namespaces.into_iter().collect::<Vec<_>>().join(", "))
    };
    called.into_iter().map(says).collect()
}

fn manifests<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> String {
    policies.into_iter().map(Policy::manifest).collect::<Vec<_>>().join("---\n")
}

/// The commands that take a wave back to what was there before it.
fn back(mesh: &Mesh<'_>, wave: &Wave, applied: &mut BTreeMap<Id, Option<String>>) -> String {
    let mut commands = String::new();
    for policy in &wave.policies {
        let before = applied.insert(policy.id.clone(), Some(policy.manifest()));
        match before.unwrap_or_else(|| migrate::as_it_is(mesh, &policy.id).map(|old| old.manifest())) {
            Some(manifest) => commands.extend(["kubectl apply -f - <<'EOF'\n", &manifest, "EOF\n"]),
            None => commands.extend(["kubectl delete peerauthentication ", &policy.id.name, " -n ", &policy.id.namespace, "\n"]),
        }
    }
    commands
}

/// Writes a file for each wave.
fn write(folder: &Path, waves: &[doc::Wave]) -> anyhow::Result<()> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("the folder {shown} cannot be made"))?;
    for wave in waves {
        let only_if = |says: &String| ["# Only if ", &says.replace(char::is_control, " "), "\n"].concat();
        let rests = wave.rests_on.iter().map(only_if).collect::<Vec<_>>().concat();
        let path = folder.join(format!("{:02}-{}.yaml", wave.wave, wave.step));
        fs::write(&path, rests + &wave.manifests).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}
