//! `migrate-check`.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    args::{Gate, Output, ScopeArgs, Source, format_of},
    document,
    findings::{Evaluation, Found},
    gate::Exit,
    load, names,
    prometheus::PrometheusArgs,
};
use crate::{
    checks,
    queries::{
        evidence::verdicts,
        migrate::{self, RolloutStep, Target},
    },
    report::{
        Format,
        document::{Body, migrate as doc},
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
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = format_of(Format::for_findings()), help_heading = "How to show it")]
    output: Format,
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

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let access = args.prometheus.access(&args.source.cluster)?;
    if args.source.cluster.print_rbac {
        load::print_rbac(Kinds::Migration)?;
        io::stdout().write_all(access.and_then(|access| access.role()).unwrap_or_default().as_bytes())?;
        return Ok(Exit::Clean);
    }
    let mesh = load::mesh(&args.source, &args.scope, Kinds::Migration, &args.how)?;
    let scope = args.scope.scope();
    let target = match &args.workload {
        None => Target::namespaces(mesh, &scope),
        Some(name) => {
            let (wanted, _) = names::name(name, &args.scope)?;
            Target::workload(names::one(mesh, &wanted, name)?)
        }
    };
    let evidence = access.map(|access| args.prometheus.evidence(&access, &target, &scope));
    let verdicts = evidence.as_ref().map(|evidence| verdicts(mesh, evidence));
    let mut plan = migrate::plan(mesh, &args.source.settings(), &target, &scope, verdicts.as_ref());
    if let Some(towards) = args.step {
        plan.waves.retain(|wave| (wave.step == RolloutStep::Permissive) == (towards == Towards::Permissive));
    }
    let grouped = plan.blockers_by_cause();
    let findings =
        grouped.iter().map(|blocker| checks::migration_finding(mesh, blocker)).filter(|finding| args.gate.is_wanted(finding.rule));
    let found = Found {
        findings: findings.collect(),
        rules: checks::migration_rules(evidence.is_some()).collect(),
        gaps: evidence.as_ref().map(|evidence| evidence.gaps.clone()).unwrap_or_default(),
    };
    let evaluation = Evaluation { command: "migrate-check", scope: &args.scope, gate: &args.gate, how: &args.how };
    let evaluated = evaluation.of_findings(mesh, found)?;
    let traffic = evidence.as_ref().zip(verdicts.as_ref());
    let body = document::migrate::migration(mesh, &target, &plan, traffic);
    if let Some(folder) = &args.write {
        write(folder, &body.waves)?;
    }
    evaluated.show(Body::Migration(body), args.output, &args.gate, &args.how)
}

/// Writes one file per wave.
fn write(folder: &Path, waves: &[doc::Wave]) -> anyhow::Result<()> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("the folder {shown} cannot be made"))?;
    for wave in waves {
        let only_if = |message: &String| ["# Only if ", &message.replace(char::is_control, " "), "\n"].concat();
        let rests = wave.conditions.iter().map(only_if).collect::<Vec<_>>().concat();
        let path = folder.join(format!("{:02}-{}.yaml", wave.wave, wave.step));
        fs::write(&path, rests + &wave.manifests).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}
