//! What the commands that judge have in common: read, apply the rules, keep what is in scope, and end by the gate.

use super::{
    args::{Gate, Output, ScopeArgs, Source},
    gate::{self, Exit},
    present, reading,
};
use crate::{
    checks::{self, ALL, Finding},
    mesh::{Mesh, Subject},
    object::Gap,
    queries::Scope,
    report::{
        Document, Format,
        document::{Body, Header},
    },
    source::cluster::Kinds,
};

/// A mesh and what is wrong with it.
pub(super) struct Judged {
    pub(super) mesh: &'static Mesh<'static>,
    pub(super) scope: Scope,
    pub(super) header: Header,
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

/// Reads what the flags name, and applies the rules that are wanted.
pub(super) fn judge(command: &'static str, source: &Source, scope: &ScopeArgs, gate: &Gate, how: &Output) -> anyhow::Result<Judged> {
    let mesh = reading::mesh(source, scope, Kinds::All, how)?;
    let scope = scope.scope();
    let found = checks::run(mesh, |rule| gate.is_wanted(rule)).into_iter().filter(|finding| concerns(mesh, &scope, finding));
    let (findings, suppressed) = checks::suppress(mesh, found.collect());
    let gaps = [mesh.gaps(), scope.unmet(mesh)].concat();
    let rules = ALL.iter().map(|check| check.rule).filter(|rule| gate.is_wanted(rule)).map(present::rule).collect();
    let header = Header { rules, ..present::header(command, mesh, &gaps, &findings, suppressed) };
    reading::tell(mesh.snapshot(), &gaps, &header.assumptions, how)?;
    Ok(Judged { mesh, scope, header, findings, gaps })
}

impl Judged {
    /// Shows the answer; the findings decide how the command ends, whatever the format.
    pub(super) fn show(self, body: Body, format: Format, gate: &Gate, how: &Output) -> anyhow::Result<Exit> {
        reading::show(&Document { header: self.header, body }, format, how)?;
        Ok(gate::exit(&self.findings, gate.fail_on, !self.gaps.is_empty(), how.allow_gaps))
    }
}

/// Whether a finding belongs to the answer: its subject is in scope, and so is some of what it speaks of, if it speaks of workloads.
fn concerns(mesh: &Mesh<'_>, scope: &Scope, finding: &Finding) -> bool {
    let is_workload = |subject: &&Subject| mesh.workloads_in(&subject.namespace).iter().any(|workload| workload.subject == **subject);
    let mut workloads = finding.related.iter().filter(is_workload).peekable();
    let speaks_of_it = workloads.peek().is_none() || workloads.any(|subject| scope.holds_subject(mesh, subject));
    scope.holds_subject(mesh, &finding.subject) && speaks_of_it
}
