//! `migrate-check`.

mod showing;
mod traffic;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    args::{Gate, Judged, Output, ScopeArgs, Source},
    explain,
    gate::Exit,
    judging::{self, Found as Judgement},
    prometheus::PrometheusArgs,
    reading,
};
use crate::{
    checks::{MIGRATION, Rule},
    mesh::Mesh,
    object::{Text, evidence::Evidence},
    queries::{
        Scope,
        evidence::verdicts,
        migrate::{self, Blocker, Policy, Ready, Step, Target, Verdicts, Wave, Within},
        relations::States,
    },
    report::{document::Body, migrate as doc},
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
    #[command(flatten)]
    prometheus: PrometheusArgs,
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
    let access = args.prometheus.access(&args.source.cluster)?;
    if args.source.cluster.print_rbac {
        reading::print_rbac(Kinds::Migration)?;
        io::stdout().write_all(access.and_then(|access| access.role()).unwrap_or_default().as_bytes())?;
        return Ok(Exit::Clean);
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
    let evidence = access.map(|access| args.prometheus.evidence(&access, &target, &scope));
    let verdicts = evidence.as_ref().map(|evidence| verdicts(mesh, evidence));
    let mut found = look(mesh, &args.source, &target, &scope, verdicts.as_ref())?;
    if let Some(towards) = args.step {
        found.waves.retain(|wave| (wave.step == Step::Permissive) == (towards == Towards::Permissive));
    }
    let grouped = migrate::merged(found.blockers.clone(), Within::Mesh);
    let findings = grouped.iter().filter_map(|blocker| showing::finding(mesh, blocker)).filter(|finding| args.gate.is_wanted(finding.rule));
    let judgement = Judgement {
        findings: findings.collect(),
        rules: rules(evidence.as_ref()),
        gaps: evidence.as_ref().map(|evidence| evidence.gaps.clone()).unwrap_or_default(),
    };
    let judged = judging::with_findings("migrate-check", mesh, judgement, &args.scope, &args.gate, &args.how)?;
    let traffic = evidence.as_ref().zip(verdicts.as_ref());
    let body = showing::body(mesh, &target, &found, traffic);
    if let Some(folder) = &args.write {
        write(folder, &body.waves)?;
    }
    judged.show(Body::Migration(body), args.output.into(), &args.gate, &args.how)
}

/// The rules that were asked: those about traffic only where traffic was.
fn rules(evidence: Option<&Evidence>) -> Vec<&'static Rule> {
    let is_of_traffic =
        |rule: &Rule| [migrate::Cause::PlaintextSeen, migrate::Cause::NoEvidence].iter().any(|cause| cause.rule() == rule.id);
    MIGRATION.iter().copied().filter(|rule| evidence.is_some() || !is_of_traffic(rule)).collect()
}

/// Lays the policies over what is there, asks every call again, and weighs what fails against the traffic that was seen.
fn look(
    mesh: &'static Mesh<'static>,
    source: &Source,
    target: &Target<'_>,
    scope: &Scope,
    traffic: Option<&Verdicts<'_>>,
) -> anyhow::Result<Found> {
    let settings = source.settings();
    let blockers = |policies: &[Policy]| -> anyhow::Result<Vec<Blocker>> {
        let manifests = showing::manifests(policies);
        let overlaid = if policies.is_empty() {
            mesh.snapshot().clone()
        } else {
            mesh.snapshot().overlaid(&reading::text(&manifests).context("the policies to apply")?, &BTreeSet::new())
        };
        let after = reading::indexed(overlaid, &settings);
        let blockers = migrate::blockers(States { before: mesh, after }, target, scope);
        Ok(match traffic {
            Some(verdicts) => migrate::weighed(after, target, verdicts, blockers),
            None => blockers,
        })
    };
    let strict = migrate::strict(mesh, target);
    let mut found = blockers(&strict)?;
    let relaxed = migrate::relaxed(mesh, target);
    let mut stuck = BTreeSet::new();
    if !relaxed.is_empty() {
        stuck = breaking(&blockers(&relaxed)?);
    }
    let excepted = migrate::excepted(mesh, &strict, &found);
    if excepted != strict {
        stuck.extend(breaking(&blockers(&excepted)?));
    }
    found.sort_by_key(|blocker| blocker.cause);
    let own = |name: &Text| found.iter().filter(|blocker| blocker.namespace == *name).collect::<Vec<_>>();
    let ready: BTreeMap<Text, Ready> =
        target.namespaces.iter().map(|name| (name.clone(), migrate::ready(mesh, target, name, own(name)))).collect();
    let is_whole = target.workload.is_none() && scope.namespaces.is_empty() && scope.excluded.is_empty() && scope.selector.is_empty();
    let whole = is_whole.then(|| migrate::of_mesh(mesh)).flatten();
    found.retain(|blocker| ready.get(&blocker.namespace) != Some(&Ready::Already));
    let waves = migrate::waves(&ready, &relaxed, &excepted, &stuck, whole);
    Ok(Found { blockers: found, ready, strict: excepted, waves })
}

/// The namespaces in which something that works would break all the same.
fn breaking(blockers: &[Blocker]) -> BTreeSet<Text> {
    blockers.iter().filter(|blocker| blocker.breaks()).map(|blocker| blocker.namespace.clone()).collect()
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
