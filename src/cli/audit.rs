//! The `audit` command.

use super::{
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    document,
    exit::Exit,
    findings::{self, Evaluated, Evaluation},
    load,
    output::{self, OutputArg, Outputs},
};
use crate::{
    report::{
        Format,
        document::{Body, audit::GroupBy},
    },
    source::cluster::Kinds,
};

/// Flags of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// What each row of the table shows.
    #[arg(long, value_name = "WHAT", default_value = "namespace", help_heading = "What to show")]
    by: RowKind,
    /// Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files.
    #[arg(short, long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = output::parser(Format::for_findings()), help_heading = "How to show it")]
    output: Vec<OutputArg>,
    #[command(flatten)]
    display: DisplayArgs,
    #[command(flatten)]
    gate: GateArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum RowKind {
    /// A namespace.
    Namespace,
    /// A workload.
    Workload,
    /// A workload port; JSON then has every declared port.
    Port,
    /// Clients: how many service ports they reach over mTLS, in plaintext or not at all. -n selects the servers.
    Client,
}

impl From<RowKind> for GroupBy {
    fn from(kind: RowKind) -> Self {
        match kind {
            RowKind::Namespace => Self::Namespace,
            RowKind::Workload => Self::Workload,
            RowKind::Port => Self::Port,
            RowKind::Client => Self::Client,
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::All);
    }
    let outputs = Outputs::of(&args.output, &args.display)?;
    let evaluation = Evaluation { command: "audit", scope: &args.scope, gate: &args.gate, display: &args.display };
    let evaluated = evaluation.evaluate_source(&args.source)?;
    let answer = |one: Evaluated| {
        let body = document::audit::audit(one.mesh, &one.scope, args.by.into(), &one.header.findings);
        (one, Body::Audit(body))
    };
    findings::show(evaluated.into_iter().map(answer).collect(), &outputs, &args.gate, &args.display)
}
