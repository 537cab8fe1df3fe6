//! Pipeline shared by audit, analyze, migrate-check and diff: load, run rules, filter by scope, suppress, compare with the baseline,
//! compute the exit status.

use std::fs::File;

use anyhow::Context as _;

use super::{
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    ci, configuration,
    document::header::header,
    exit::{self, Exit, FailOn},
    load, names,
    output::Outputs,
};
use crate::{
    checks::{self, Adjustment, Adjustments, Comparison, Finding, Rule},
    mesh::Mesh,
    object::Gap,
    queries::Scope,
    report::{
        Document, baseline,
        document::{Body, Gate, Header},
    },
    source::{self, cluster::Kinds},
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
        let common =
            header(self.command, mesh, &gaps, &findings, &adjustments.and(adjusted_stale).and(adjusted_known), rules.iter().copied());
        let header = Header { rules: rules.into_iter().map(Into::into).collect(), ..common };
        load::warn(mesh.snapshot(), &gaps, &header.assumptions, self.display);
        Ok(Evaluated { mesh, scope, header, findings, resolved, gaps })
    }
}

impl Evaluated {
    /// Whether calls that a change breaks fail the run.
    pub(super) fn fail_on_breaks(mut self, breaks: bool) -> Self {
        self.header.gate.breaks = breaks;
        self
    }

    /// Writes the document and returns the exit status, which depends on the findings and not on the format.
    pub(super) fn show(self, body: Body, outputs: &Outputs, gate: &GateArgs, display: &DisplayArgs) -> anyhow::Result<Exit> {
        if let Some(path) = &gate.write_baseline {
            let name = path.display();
            let mut file = File::create(path).with_context(|| format!("cannot write {name}"))?;
            baseline::write(&self.header.findings, &mut file).with_context(|| format!("cannot write {name}"))?;
        }
        let fail_on = self.fail_on(gate);
        let of_run = Gate { fail_on: fail_on.lowest().map(Into::into), gaps: !display.allow_gaps, ..self.header.gate };
        let header = Header { gate: of_run, files_url: ci::files_url(), ..self.header };
        outputs.write(&Document { header, body })?;
        Ok(exit::status(&self.findings, fail_on, !self.gaps.is_empty(), display.allow_gaps))
    }

    /// The severity to fail on. Findings that were just written to the baseline are known, and fail no run.
    fn fail_on(&self, gate: &GateArgs) -> FailOn {
        if gate.write_baseline.is_some() {
            return FailOn::Never;
        }
        let configured = self.mesh.snapshot().configuration.as_ref().and_then(|known| configuration::fail_on(known).ok().flatten());
        gate.fail_on.or(configured).unwrap_or(FailOn::Error)
    }
}

/// The findings that are not in the baseline, and which rules have others in it.
fn without_known(findings: Vec<Finding>, gate: &GateArgs) -> anyhow::Result<(Vec<Finding>, Adjustments)> {
    let mut adjustments = Adjustments::default();
    let Some(path) = &gate.baseline else { return Ok((findings, adjustments)) };
    let mut baseline = source::baseline::read(path)?;
    let (known, new): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|finding| baseline.consume(&finding.fingerprint()));
    for finding in known {
        adjustments.count(finding.rule.id, Adjustment::Known);
    }
    Ok((new, adjustments))
}
