//! Pipeline shared by audit, analyze, migrate-check and diff: load, run rules, filter by scope, suppress, compare with the baseline,
//! compute the exit status.

use std::fs::File;

use anyhow::Context as _;

use super::{
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    configuration,
    document::header::header,
    exit::{self, Exit, FailOn},
    load, names,
};
use crate::{
    checks::{self, Adjustment, Adjustments, Comparison, Extent, Finding, Rule, Severity},
    mesh::Mesh,
    object::{Gap, list_names},
    queries::Scope,
    report::{
        Document, Format, baseline,
        document::{Body, Header},
    },
    source::{self, baseline::KnownFinding, cluster::Kinds},
};

/// A mesh and its findings.
pub(super) struct Evaluated {
    pub(super) mesh: &'static Mesh<'static>,
    pub(super) scope: Scope,
    pub(super) header: Header,
    /// The findings of the document.
    pub(super) findings: Vec<Finding>,
    /// Findings of the state before the change that the change resolves; empty if no states are compared.
    pub(super) resolved: Vec<Finding>,
    gaps: Vec<Gap>,
}

/// Findings that a command itself computed.
pub(super) struct ComputedFindings {
    pub(super) findings: Vec<Finding>,
    /// The rules that were applied.
    pub(super) rules: Vec<&'static Rule>,
    /// What could not be read other than objects, such as traffic evidence.
    pub(super) gaps: Vec<Gap>,
}

/// The command and the flags that decide which findings it has.
pub(super) struct Evaluation<'a> {
    pub(super) command: &'static str,
    pub(super) scope: &'a ScopeArgs,
    pub(super) gate: &'a GateArgs,
    pub(super) display: &'a DisplayArgs,
}

impl Evaluation<'_> {
    /// Loads the inputs given by flags and applies the selected rules.
    pub(super) fn evaluate_source(&self, source: &SourceArgs) -> anyhow::Result<Evaluated> {
        self.evaluate_mesh(load::mesh(source, self.scope, Kinds::All, self.display)?, None)
    }

    /// Applies the selected rules to a mesh; if `before` is given, keeps only findings that are not in it.
    pub(super) fn evaluate_mesh(&self, mesh: &'static Mesh<'static>, before: Option<&Mesh<'_>>) -> anyhow::Result<Evaluated> {
        let scope = self.scope.scope();
        let (findings, adjustments) = checks::active_findings(mesh, &scope, |rule| self.gate.is_selected(rule));
        let before = before.map(|before| checks::active_findings(before, &scope, |rule| self.gate.is_selected(rule)).0);
        self.finish(mesh, ComputedFindings { findings, rules: checks::mesh_rules().collect(), gaps: Vec::new() }, adjustments, before)
    }

    /// Evaluates findings that the command itself computed.
    pub(super) fn evaluate_findings(&self, mesh: &'static Mesh<'static>, computed: ComputedFindings) -> anyhow::Result<Evaluated> {
        let (findings, adjustments) = checks::suppress(mesh, computed.findings);
        self.finish(mesh, ComputedFindings { findings, ..computed }, adjustments, None)
    }

    fn finish(
        &self,
        mesh: &'static Mesh<'static>,
        computed: ComputedFindings,
        adjustments: Adjustments,
        before: Option<Vec<Finding>>,
    ) -> anyhow::Result<Evaluated> {
        let scope = self.scope.scope();
        let rules: Vec<&'static Rule> = computed.rules.into_iter().filter(|rule| self.gate.is_selected(rule)).collect();
        let (stale, adjusted_stale) = checks::expired_suppressions(mesh, &rules);
        let (mut findings, adjusted_known) = without_known([computed.findings, stale].concat(), self.gate)?;
        checks::sort(&mut findings);
        let Comparison { new: findings, resolved } = match before {
            Some(before) => checks::compare(before, findings),
            None => Comparison { new: findings, resolved: Vec::new() },
        };
        let gaps = [mesh.gaps(), names::unmatched(mesh, &scope), computed.gaps].concat();
        let common = header(
            self.command,
            mesh,
            &gaps,
            &scope,
            &findings,
            &adjustments.and(adjusted_stale).and(adjusted_known),
            rules.iter().copied(),
        );
        let header = Header { rules: rules.into_iter().map(Into::into).collect(), ..common };
        load::warn(mesh.snapshot(), &gaps, &header.assumptions, self.display);
        Ok(Evaluated { mesh, scope, header, findings, resolved, gaps })
    }
}

impl Evaluated {
    /// Prints the document and returns the exit status, which depends on the findings and not on the format.
    pub(super) fn show(self, body: Body, format: Format, gate: &GateArgs, display: &DisplayArgs) -> anyhow::Result<Exit> {
        if let Some(path) = &gate.write_baseline {
            let name = path.display();
            let mut file = File::create(path).with_context(|| format!("cannot write {name}"))?;
            baseline::write(&self.header.findings, &mut file).with_context(|| format!("cannot write {name}"))?;
        }
        load::show(&Document { header: self.header, body }, format, display)?;
        // Findings that were just written to the baseline are known.
        let new = self.findings.iter().filter(|_| gate.write_baseline.is_none());
        let configured = self.mesh.snapshot().configuration.as_ref().and_then(|known| configuration::fail_on(known).ok().flatten());
        let fail_on = gate.fail_on.or(configured).unwrap_or(FailOn::Error);
        Ok(exit::status(new, fail_on, !self.gaps.is_empty(), display.allow_gaps))
    }
}

/// The findings that are not in the baseline, or affect more than there, and which rules have others in it.
fn without_known(findings: Vec<Finding>, gate: &GateArgs) -> anyhow::Result<(Vec<Finding>, Adjustments)> {
    let mut adjustments = Adjustments::default();
    let Some(path) = &gate.baseline else { return Ok((findings, adjustments)) };
    let mut baseline = source::baseline::read(path)?;
    let (known, new): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|finding| {
        let extent = finding.extent();
        baseline.consume(&finding.fingerprint(), |known| is_within(&extent, known))
    });
    for finding in known {
        adjustments.count(finding.rule.id, Adjustment::Known);
    }
    let new = new.into_iter().map(|finding| match baseline.outgrown(&finding.fingerprint()).first() {
        Some(known) => with_growth(finding, known),
        None => finding,
    });
    Ok((new.collect(), adjustments))
}

/// Whether a finding is no more severe and affects no more than when it was written to the baseline.
fn is_within(extent: &Extent, known: &KnownFinding) -> bool {
    let severity = known.severity.as_deref().and_then(severity_of).unwrap_or(extent.severity);
    let affected = known.affected.clone().unwrap_or_else(|| extent.affected.clone());
    extent.is_within(&Extent { severity, affected })
}

fn severity_of(word: &str) -> Option<Severity> {
    [Severity::Error, Severity::Warning, Severity::Info].into_iter().find(|severity| severity.as_str() == word)
}

/// Adds to the message what a known finding did not affect when the baseline was written.
fn with_growth(finding: Finding, known: &KnownFinding) -> Finding {
    let extent = finding.extent();
    let before = known.affected.clone().unwrap_or_default();
    let more: Vec<&String> = extent.growth(&before).collect();
    if more.is_empty() {
        return finding;
    }
    let message = format!("{}; not in the baseline: {}", finding.message, list_names(more));
    Finding { message, ..finding }
}
