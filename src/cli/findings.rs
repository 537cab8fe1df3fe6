//! Pipeline shared by audit, analyze, migrate-check and diff: load, run rules, filter by scope, suppress, compare with the baseline,
//! compute the exit status.

use std::fs::File;

use anyhow::Context as _;

use super::{
    args::{Gate, Output, ScopeArgs, Source},
    configuration,
    document::{finding::findings, header, rules::rule},
    gate::{self, Exit, FailOn},
    load,
};
use crate::{
    checks::{self, ALL, Comparison, Finding, Rule},
    mesh::Mesh,
    object::Gap,
    queries::Scope,
    report::{
        Document, Format, baseline,
        document::{self as doc, Body, Header},
    },
    source::{self, cluster::Kinds},
};

/// A mesh and its findings.
pub(super) struct Judged {
    pub(super) mesh: &'static Mesh<'static>,
    pub(super) scope: Scope,
    pub(super) header: Header,
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

/// Loads the inputs given by flags and applies the selected rules.
pub(super) fn evaluate(command: &'static str, source: &Source, scope: &ScopeArgs, gate: &Gate, how: &Output) -> anyhow::Result<Judged> {
    judged(command, load::mesh(source, scope, Kinds::All, how)?, scope, gate, how)
}

/// The same for a mesh that is already loaded.
pub(super) fn judged(
    command: &'static str,
    mesh: &'static Mesh<'static>,
    scope: &ScopeArgs,
    gate: &Gate,
    how: &Output,
) -> anyhow::Result<Judged> {
    let all = checks::in_force(mesh, &scope.scope(), |rule| gate.is_wanted(rule));
    let rules = ALL.iter().map(|check| check.rule).filter(|rule| gate.is_wanted(rule)).collect();
    of_findings(command, mesh, all, (rules, Vec::new()), scope, gate, how)
}

/// Findings that a command itself computed.
pub(super) struct Found {
    /// The findings.
    pub(super) findings: Vec<Finding>,
    /// The rules that were applied.
    pub(super) rules: Vec<&'static Rule>,
    /// What could not be read, besides objects.
    pub(super) gaps: Vec<Gap>,
}

/// The same for findings that the command itself computed.
pub(super) fn with_findings(
    command: &'static str,
    mesh: &'static Mesh<'static>,
    found: Found,
    scope: &ScopeArgs,
    gate: &Gate,
    how: &Output,
) -> anyhow::Result<Judged> {
    let rules = found.rules.into_iter().filter(|rule| gate.is_wanted(rule)).collect();
    let (findings, suppressed) = checks::suppress(mesh, found.findings);
    of_findings(command, mesh, (findings, suppressed), (rules, found.gaps), scope, gate, how)
}

fn of_findings(
    command: &'static str,
    mesh: &'static Mesh<'static>,
    (findings, suppressed): (Vec<Finding>, usize),
    (rules, gaps): (Vec<&'static Rule>, Vec<Gap>),
    scope: &ScopeArgs,
    gate: &Gate,
    how: &Output,
) -> anyhow::Result<Judged> {
    let scope = scope.scope();
    let (stale, silenced) = checks::stale(mesh, &rules);
    let suppressed = suppressed + silenced;
    let (mut findings, known) = unknown([findings, stale].concat(), gate)?;
    checks::sort(&mut findings);
    let gaps = [mesh.gaps(), scope.unmet(mesh), gaps].concat();
    let not_run = header::not_run(mesh, &gaps, rules.iter().copied());
    let rules = rules.into_iter().map(rule).collect();
    let header = Header { known, not_run, rules, ..header::header(command, mesh, &gaps, &findings, suppressed) };
    load::tell(mesh.snapshot(), &gaps, &header.assumptions, how)?;
    Ok(Judged { mesh, scope, header, findings, gaps })
}

impl Judged {
    /// The findings.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Keeps only findings that the state before does not have. Returns the resolved ones.
    pub(super) fn only_what_is_new(&mut self, before: &Mesh<'_>, gate: &Gate) -> Vec<doc::Finding> {
        let (old, _) = checks::in_force(before, &self.scope, |rule| gate.is_wanted(rule));
        let Comparison { new, resolved } = checks::compare(old, std::mem::take(&mut self.findings));
        self.findings = new;
        self.header.findings = findings(&self.findings);
        findings(&resolved)
    }

    /// Prints the document and returns the exit status, which depends on the findings and not on the format.
    pub(super) fn show(self, body: Body, format: Format, gate: &Gate, how: &Output) -> anyhow::Result<Exit> {
        if let Some(path) = &gate.write_baseline {
            let name = path.display();
            let mut file = File::create(path).with_context(|| format!("{name} cannot be written"))?;
            baseline::write(&self.header.findings, &mut file).with_context(|| format!("{name} cannot be written"))?;
        }
        load::show(&Document { header: self.header, body }, format, how)?;
        // Findings that were just written to the baseline are known.
        let new = self.findings.iter().filter(|_| gate.write_baseline.is_none());
        let configured = self.mesh.snapshot().configuration.as_ref().and_then(|known| configuration::fail_on(known).ok().flatten());
        let fail_on = gate.fail_on.or(configured).unwrap_or(FailOn::Error);
        Ok(gate::exit(new, fail_on, !self.gaps.is_empty(), how.allow_gaps))
    }
}

/// The findings that are not in the baseline, and the number of those that are.
fn unknown(findings: Vec<Finding>, gate: &Gate) -> anyhow::Result<(Vec<Finding>, usize)> {
    let Some(path) = &gate.baseline else { return Ok((findings, 0)) };
    let mut baseline = source::baseline::read(path)?;
    let all = findings.len();
    let new: Vec<Finding> = findings.into_iter().filter(|finding| !baseline.takes(&finding.fingerprint())).collect();
    let known = all - new.len();
    Ok((new, known))
}
