//! `audit`.

use super::{
    args::{Gate, Output, ScopeArgs, Source, format_of},
    document,
    findings::Evaluation,
    gate::Exit,
    load,
};
use crate::{
    report::{
        Format,
        document::{Body, audit::By},
    },
    source::cluster::Kinds,
};

/// Flags of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    scope: ScopeArgs,
    /// What a line of the table is.
    #[arg(long, value_name = "WHAT", default_value = "namespace", help_heading = "What to show")]
    by: Lines,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = format_of(Format::for_findings()), help_heading = "How to show it")]
    output: Format,
    #[command(flatten)]
    how: Output,
    #[command(flatten)]
    gate: Gate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Lines {
    /// A namespace.
    Namespace,
    /// A workload.
    Workload,
    /// A workload port; JSON then has every declared port.
    Port,
    /// Clients: how many service ports they reach over mTLS, in plaintext, not at all. -n chooses the servers.
    Client,
}

impl From<Lines> for By {
    fn from(lines: Lines) -> Self {
        match lines {
            Lines::Namespace => Self::Namespace,
            Lines::Workload => Self::Workload,
            Lines::Port => Self::Port,
            Lines::Client => Self::Client,
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return load::print_rbac(Kinds::All);
    }
    let evaluation = Evaluation { command: "audit", scope: &args.scope, gate: &args.gate, how: &args.how };
    let evaluated = evaluation.of_source(&args.source)?;
    let body = document::audit::audit(evaluated.mesh, &evaluated.scope, args.by.into(), &evaluated.header.findings);
    evaluated.show(Body::Audit(body), args.output, &args.gate, &args.how)
}
