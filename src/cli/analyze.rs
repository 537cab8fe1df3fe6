//! `analyze`.

use super::{
    args::{Gate, Judged, Output, ScopeArgs, Source},
    gate::Exit,
    judging, reading,
};
use crate::{
    checks::{ALL, can_run},
    report::document::{Analysis, Body},
    source::cluster::Kinds,
};

/// Flags of `analyze`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How to show it")]
    output: Judged,
    #[command(flatten)]
    how: Output,
    #[command(flatten)]
    gate: Gate,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return reading::print_rbac(Kinds::All);
    }
    let judged = judging::judge("analyze", &args.source, &args.scope, &args.gate, &args.how)?;
    let rules = ALL.iter().filter(|check| args.gate.is_wanted(check.rule) && can_run(judged.mesh, check.rule)).count();
    judged.show(Body::Analysis(Analysis { rules }), args.output.into(), &args.gate, &args.how)
}
