//! The `analyze` command.

use super::{
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    document::{header::header, plan},
    exit::Exit,
    findings::{self, Evaluated, Evaluation},
    load,
    output::{self, OutputArg, Outputs},
    usage::usage,
};
use crate::{
    checks::{self, Adjustments, Weakening},
    mesh::Mesh,
    object::Snapshot,
    report::{
        Document, Format,
        document::{
            Body, Header,
            analysis::Analysis,
            rules::{Catalogue, RulePage},
        },
    },
    source::cluster::Kinds,
};

/// Flags of `analyze`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// List the rules selected by --select and --ignore; nothing is read.
    #[arg(long, help_heading = "What to show")]
    list_rules: bool,
    /// Show how to fix the findings: changes and commands in a safe order. Nothing is applied.
    #[arg(long, conflicts_with = "list_rules", help_heading = "What to show")]
    fix_plan: bool,
    /// Include changes after which plaintext is accepted or sent where it is not now.
    #[arg(long, requires = "fix_plan", help_heading = "What to show")]
    allow_weakening: bool,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_findings()), help_heading = "How to show it")]
    output: Vec<OutputArg>,
    #[command(flatten)]
    display: DisplayArgs,
    #[command(flatten)]
    gate: GateArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::All);
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    if args.list_rules {
        return list(args, &outputs);
    }
    if !checks::mesh_rules().any(|rule| args.gate.is_selected(rule)) {
        let hint = "`analyze --list-rules` lists the rules; those of a migration are applied by migrate-check";
        return Err(usage(format!("--select and --ignore leave no rule to apply: {hint}")));
    }
    let evaluation = Evaluation { command: "analyze", scope: &args.scope, gate: &args.gate, display: &args.display };
    let evaluated = evaluation.evaluate_source(&args.source)?;
    let answer = |one: Evaluated| {
        let body = if args.fix_plan {
            let weakening = if args.allow_weakening { Weakening::Allowed } else { Weakening::Rejected };
            Body::Plan(plan::plan(&checks::fix_plan(one.mesh, &args.source.control_plane_options(), &one.findings, weakening)))
        } else {
            let rules = one.header.rules.len() - one.header.not_run.len();
            Body::Analysis(Analysis { rules, workloads: one.mesh.workloads().len() })
        };
        (one, body)
    };
    findings::show(evaluated.into_iter().map(answer).collect(), &outputs, &args.gate, &args.display)
}

/// Lists all rules, including those of `migrate-check`. No mesh is read: the document contains an empty one.
fn list(args: &Args, outputs: &Outputs) -> anyhow::Result<Exit> {
    let no_objects = Snapshot::default();
    let selected: Vec<RulePage> = checks::all_rules().filter(|rule| args.gate.is_selected(rule)).map(RulePage::from).collect();
    let common = header(
        "analyze",
        &Mesh::new(&no_objects, &args.source.control_plane_options()),
        &[],
        &args.scope.scope(),
        &[],
        &Adjustments::default(),
        checks::mesh_rules(),
    );
    let header = Header { rules: selected.clone(), ..common };
    outputs.write(&Document::new(header, Body::Catalogue(Catalogue { catalogue: selected })))?;
    Ok(Exit::Success)
}
