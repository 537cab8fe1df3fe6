//! The `migrate-check` command.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    document,
    exit::Exit,
    findings::{ComputedFindings, Evaluation},
    links, load, names,
    output::{self, OutputArg, Outputs},
    prometheus::PrometheusArgs,
    usage::usage,
};
use crate::{
    checks,
    queries::{
        evidence,
        migrate::{self, RolloutStep, Target},
    },
    report::{
        Format,
        document::{Body, migrate as doc, words::RolloutStep as Step},
    },
    source::cluster::Kinds,
};

/// Flags of `migrate-check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The only workload to set to STRICT, as KIND/NAME or NAMESPACE/KIND/NAME. Default: every namespace in scope.
    #[arg(value_name = "WORKLOAD")]
    workload: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Print only the manifests of the steps to PERMISSIVE, or only those of the steps to STRICT.
    #[arg(long, value_name = "STEP", help_heading = "What to show")]
    step: Option<StepName>,
    /// Write the manifests to this folder, one file per wave, in the order in which to apply them.
    #[arg(long, value_name = "DIR", help_heading = "How to show it")]
    write: Option<PathBuf>,
    /// Remove the files of an earlier run from the folder of --write.
    #[arg(long, requires = "write", help_heading = "How to show it")]
    replace: bool,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_findings()), help_heading = "How to show it")]
    output: Vec<OutputArg>,
    #[command(flatten)]
    display: DisplayArgs,
    #[command(flatten)]
    gate: GateArgs,
    #[command(flatten)]
    prometheus: PrometheusArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum StepName {
    /// PERMISSIVE instead of DISABLE.
    Permissive,
    /// STRICT.
    Strict,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let access = args.prometheus.access(&args.source.cluster)?;
    if args.source.cluster.print_rbac {
        load::print_rbac(Kinds::Comparison)?;
        io::stdout().write_all(access.and_then(|access| access.role()).unwrap_or_default().as_bytes())?;
        return Ok(Exit::Success);
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    let mesh = load::mesh(&args.source, &args.scope, Kinds::Comparison, &args.display)?;
    let scope = args.scope.scope();
    let target = match &args.workload {
        None => Target::namespaces(mesh, &scope),
        Some(name) => {
            let (wanted, _) = names::parse(name, &args.scope)?;
            Target::workload(names::resolve(mesh, &wanted, name, &[])?)
        }
    };
    let evidence = access.map(|access| args.prometheus.evidence(&access, &target, &scope));
    let assessments = evidence.as_ref().map(|evidence| evidence::assessments(mesh, evidence));
    let mut plan = migrate::plan(mesh, &args.source.control_plane_options(), &target, &scope, assessments.as_ref());
    if let Some(step) = args.step {
        plan.waves.retain(|wave| (wave.step == RolloutStep::Permissive) == (step == StepName::Permissive));
    }
    let grouped = plan.blockers_by_cause();
    // What a STRICT in force may refuse is one finding, as in the other commands.
    let is_of_target = |finding: &checks::Finding| target.workload.is_none_or(|own| checks::is_about(&own.subject, finding));
    let is_included = |finding: &checks::Finding| is_of_target(finding) && checks::is_in_scope(mesh, &scope, finding);
    let possible = checks::possible_callers_refused(mesh).into_iter().filter(is_included);
    let findings = grouped.iter().filter(|blocker| !blocker.is_possibly_cut_off()).map(|blocker| checks::migration_finding(mesh, blocker));
    let computed = ComputedFindings {
        findings: findings.chain(possible).filter(|finding| args.gate.is_selected(finding.rule)).collect(),
        rules: checks::migration_rules(evidence.is_some()).collect(),
        gaps: evidence.as_ref().map(|evidence| evidence.gaps.clone()).unwrap_or_default(),
    };
    let evaluation = Evaluation { command: "migrate-check", scope: &args.scope, gate: &args.gate, display: &args.display };
    let evaluated = evaluation.evaluate_findings(mesh, computed)?;
    let traffic = evidence.as_ref().zip(assessments.as_ref());
    let body = document::migrate::migration(mesh, &target, &plan, traffic)?;
    if let Some(folder) = &args.write {
        write(folder, &body.waves, args.replace)?;
    }
    evaluated.show(Body::Migration(body), &outputs, &args.gate, &args.display)
}

/// Writes one file per wave. The files are new: nothing is written through a link, or over the file of another run.
fn write(folder: &Path, waves: &[doc::Wave], replaces: bool) -> anyhow::Result<()> {
    let folder = links::without_slash(folder);
    let (folder, name) = (folder.as_path(), folder.display());
    if let Some(link) = links::link_in(folder) {
        return Err(usage(format!("{} is a link: pass the folder itself to --write", link.display())));
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {name}"))?;
    let earlier = earlier_files(folder).with_context(|| format!("cannot read the folder {name}"))?;
    if let Some(first) = earlier.first().filter(|_| !replaces) {
        let first = first.display();
        return Err(usage(format!("{first} is the file of another run: pass --replace to remove such files, or write to another folder")));
    }
    for path in earlier {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    for wave in waves {
        let comments: String = wave.conditions.iter().map(|condition| comment_line(&format!("Only if {condition}"))).collect();
        let path = folder.join(format!("{:02}-{}.yaml", wave.wave, wave.step));
        let written = File::create_new(&path).and_then(|mut file| file.write_all((comments + &wave.manifests).as_bytes()));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The files of a folder that are named like those of `--write`, sorted.
fn earlier_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let steps = [Step::Permissive, Step::Strict, Step::StrictWithExceptions, Step::StrictIfNotCalled, Step::Mesh];
    let is_earlier = |name: &str| {
        let step = name.split_once('-').filter(|(number, _)| number.len() >= 2 && number.bytes().all(|byte| byte.is_ascii_digit()));
        step.is_some_and(|(_, step)| steps.iter().any(|known| step == format!("{known}.yaml")))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_earlier) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// A YAML comment of one line, whatever the text is: kubectl's parser also ends a comment at the line breaks of Unicode.
fn comment_line(text: &str) -> String {
    ["# ", &text.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " "), "\n"].concat()
}
