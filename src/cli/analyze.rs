//! `analyze`.

use super::{
    args::{Gate, Output, ScopeArgs, Source, format_of},
    document::{header::header, plan},
    findings::Evaluation,
    gate::Exit,
    load,
};
use crate::{
    checks::{self, ALL, can_run},
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
    source: Source,
    #[command(flatten)]
    scope: ScopeArgs,
    /// List the rules, with --select and --ignore, and read nothing.
    #[arg(long, help_heading = "What to show")]
    list_rules: bool,
    /// Show what mends the findings: changes and commands in a safe order. Nothing is applied.
    #[arg(long, conflicts_with = "list_rules", help_heading = "What to show")]
    fix_plan: bool,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = format_of(Format::for_findings()), help_heading = "How to show it")]
    output: Format,
    #[command(flatten)]
    how: Output,
    #[command(flatten)]
    gate: Gate,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::All);
    }
    if args.list_rules {
        return list(args);
    }
    let evaluation = Evaluation { command: "analyze", scope: &args.scope, gate: &args.gate, how: &args.how };
    let evaluated = evaluation.of_source(&args.source)?;
    if args.fix_plan {
        let plan = plan::plan(&checks::fix_plan(evaluated.mesh, &args.source.settings(), &evaluated.findings));
        return evaluated.show(Body::Plan(plan), args.output, &args.gate, &args.how);
    }
    let rules = ALL.iter().filter(|check| args.gate.is_wanted(check.rule) && can_run(evaluated.mesh, check.rule)).count();
    let workloads = evaluated.mesh.workloads().len();
    evaluated.show(Body::Analysis(Analysis { rules, workloads }), args.output, &args.gate, &args.how)
}

/// Lists all rules, including those of `migrate-check`. No mesh is read: the document contains an empty one.
fn list(args: &Args) -> anyhow::Result<Exit> {
    let nothing = Snapshot::default();
    let wanted: Vec<RulePage> = checks::all_rules().filter(|rule| args.gate.is_wanted(rule)).map(RulePage::from).collect();
    let start = header("analyze", &Mesh::new(&nothing, &args.source.settings()), &[], &[], 0, checks::mesh_rules());
    let header = Header { rules: wanted.clone(), ..start };
    load::show(&Document { header, body: Body::Catalogue(Catalogue { catalogue: wanted }) }, args.output, &args.how)?;
    Ok(Exit::Clean)
}
