//! `audit`.

use super::{
    args::{Gate, Judged, Output, ScopeArgs, Source},
    gate::{self, Exit},
    present, reading,
};
use crate::{
    checks::{self, Finding},
    mesh::{Mesh, Subject},
    queries::{Scope, audit, matrix},
    report::{
        Document,
        document::{self as doc, Body, By},
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
    #[arg(short, long, value_name = "FORMAT", default_value = "table", help_heading = "How to show it")]
    output: Judged,
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
        return reading::print_rbac(Kinds::All);
    }
    let mesh = reading::mesh(&args.source, &args.scope, Kinds::All, &args.how)?;
    let scope = args.scope.scope();
    let answer = audit::audit(mesh, &scope);
    let found = checks::run(mesh, |rule| args.gate.is_wanted(rule)).into_iter().filter(|f| concerns(mesh, &scope, f));
    let (findings, suppressed) = checks::suppress(mesh, found.collect());
    let gaps = [mesh.gaps(), scope.unmet(mesh)].concat();
    let header = present::header("audit", mesh, &gaps, &findings, suppressed);
    reading::tell(mesh.snapshot(), &gaps, &header.assumptions, &args.how)?;
    let body = doc::Audit {
        by: args.by.into(),
        namespaces: present::namespaces(&answer.namespaces, &header.findings),
        workloads: answer.workloads.iter().map(|row| present::workload(row, args.by == Lines::Port)).collect(),
        clients: (args.by == Lines::Client).then(|| matrix::matrix(mesh, &scope).iter().map(present::clients).collect()),
    };
    reading::show(&Document { header, body: Body::Audit(body) }, args.output.into(), &args.how)?;
    Ok(gate::exit(&findings, args.gate.fail_on, !gaps.is_empty(), args.how.allow_gaps))
}

/// Whether a finding belongs to the answer: its subject is in scope, and so is some of what it speaks of, if it speaks of workloads.
fn concerns(mesh: &Mesh<'_>, scope: &Scope, finding: &Finding) -> bool {
    let is_workload = |subject: &&Subject| mesh.workloads_in(&subject.namespace).iter().any(|workload| workload.subject == **subject);
    let mut workloads = finding.related.iter().filter(is_workload).peekable();
    let speaks_of_it = workloads.peek().is_none() || workloads.any(|subject| scope.holds_subject(mesh, subject));
    scope.holds_subject(mesh, &finding.subject) && speaks_of_it
}
