//! Pipeline shared by audit, analyze, migrate-check and diff: load, run rules, filter by scope, suppress, compare with the baseline,
//! compute the exit status.

use std::fs::File;

use anyhow::Context as _;

use super::{
    answers,
    args::{DisplayArgs, GateArgs, ScopeArgs, SourceArgs},
    ci, configuration,
    document::header::header,
    exit::{self, Exit, FailOn},
    load::{self, LoadedMesh},
    names,
    output::Outputs,
};
use crate::{
    checks::{self, Adjustment, Adjustments, Comparison, Extent, Finding, Rule, Severity},
    mesh::Mesh,
    object::{Gap, list_names},
    queries::Scope,
    report::{
        Document, baseline,
        document::{
            Body, Gate, Header,
            meshes::{self, MeshDocument},
        },
    },
    source::{
        self,
        baseline::{Baseline, KnownFinding},
        cluster::Kinds,
    },
};

/// A mesh and its findings.
pub(super) struct Evaluated {
    /// The mesh's name; `None` if there is no other.
    name: Option<String>,
    paths: Vec<String>,
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
    /// Loads the inputs given by flags and applies the selected rules to each of their meshes.
    pub(super) fn evaluate_source(&self, source: &SourceArgs) -> anyhow::Result<Vec<Evaluated>> {
        let mut known = known_findings(self.gate)?;
        let mut evaluate = |LoadedMesh { name, paths, mesh }| {
            let (findings, adjustments) = checks::active_findings(mesh, &self.scope.scope(), |rule| self.gate.is_selected(rule));
            let computed = ComputedFindings { findings, rules: checks::mesh_rules().collect(), gaps: Vec::new() };
            Evaluated { name, paths, ..self.finish(mesh, computed, adjustments, None, known.as_mut()) }
        };
        Ok(load::meshes(source, self.scope, Kinds::All, self.display)?.into_iter().map(&mut evaluate).collect())
    }

    /// Applies the selected rules to a mesh; if `before` is given, keeps only findings that are not in it.
    pub(super) fn evaluate_mesh(&self, mesh: &'static Mesh<'static>, before: Option<&Mesh<'_>>) -> anyhow::Result<Evaluated> {
        let scope = self.scope.scope();
        let (findings, adjustments) = checks::active_findings(mesh, &scope, |rule| self.gate.is_selected(rule));
        let before = before.map(|before| checks::active_findings(before, &scope, |rule| self.gate.is_selected(rule)).0);
        let computed = ComputedFindings { findings, rules: checks::mesh_rules().collect(), gaps: Vec::new() };
        Ok(self.finish(mesh, computed, adjustments, before, known_findings(self.gate)?.as_mut()))
    }

    /// Evaluates findings that the command itself computed.
    pub(super) fn evaluate_findings(&self, mesh: &'static Mesh<'static>, computed: ComputedFindings) -> anyhow::Result<Evaluated> {
        let (findings, adjustments) = checks::suppress(mesh, computed.findings);
        Ok(self.finish(mesh, ComputedFindings { findings, ..computed }, adjustments, None, known_findings(self.gate)?.as_mut()))
    }

    fn finish(
        &self,
        mesh: &'static Mesh<'static>,
        computed: ComputedFindings,
        adjustments: Adjustments,
        before: Option<Vec<Finding>>,
        known: Option<&mut Baseline>,
    ) -> Evaluated {
        let scope = self.scope.scope();
        let rules: Vec<&'static Rule> = computed.rules.into_iter().filter(|rule| self.gate.is_selected(rule)).collect();
        let (stale, adjusted_stale) = checks::expired_suppressions(mesh, &rules);
        let (mut findings, adjusted_known) = without_known([computed.findings, stale].concat(), known);
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
        Evaluated { name: None, paths: Vec::new(), mesh, scope, header, findings, resolved, gaps }
    }
}

impl Evaluated {
    /// Which effects of a change fail the run.
    pub(super) fn fail_on(mut self, effects: Gate) -> Self {
        self.header.gate = effects;
        self
    }

    /// Writes the document and returns the exit status, which depends on the findings and not on the format.
    pub(super) fn show(self, body: Body, outputs: &Outputs, gate: &GateArgs, display: &DisplayArgs) -> anyhow::Result<Exit> {
        show(vec![(self, body)], outputs, gate, display)
    }

    fn status(&self, gate: &GateArgs, display: &DisplayArgs) -> Exit {
        exit::status(&self.findings, self.lowest_failing(gate), !self.gaps.is_empty(), display.allow_gaps)
    }

    /// The document's header, with what fails the run.
    fn header(self, gate: &GateArgs, display: &DisplayArgs) -> Header {
        let fail_on = self.lowest_failing(gate).lowest().map(Into::into);
        let of_run = Gate { fail_on, gaps: !display.allow_gaps, ..self.header.gate };
        Header { gate: of_run, files_url: ci::files_url(), ..self.header }
    }

    /// The severity to fail on. Findings that were just written to the baseline are known, and fail no run.
    fn lowest_failing(&self, gate: &GateArgs) -> FailOn {
        if gate.write_baseline.is_some() {
            return FailOn::Never;
        }
        let configured = self.mesh.snapshot().configuration.as_ref().and_then(|known| configuration::fail_on(known).ok().flatten());
        gate.fail_on.or(configured).unwrap_or(FailOn::Error)
    }
}

/// Prints the documents of all meshes as one, and returns the worst exit status.
pub(super) fn show(all: Vec<(Evaluated, Body)>, outputs: &Outputs, gate: &GateArgs, display: &DisplayArgs) -> anyhow::Result<Exit> {
    let status = exit::worst(all.iter().map(|(one, _)| one.status(gate, display)));
    let gaps = answers::each_once(all.iter().flat_map(|(one, _)| &one.gaps));
    let snapshot = all.first().map(|(one, _)| one.mesh.snapshot());
    let documents = all.into_iter().map(|(mut one, body)| MeshDocument {
        name: one.name.take(),
        paths: std::mem::take(&mut one.paths),
        document: Document::new(one.header(gate, display), body),
    });
    let Some(document) = meshes::joined(&documents.collect::<Vec<_>>()) else { return Ok(status) };
    if let Some(snapshot) = snapshot {
        load::warn(snapshot, &gaps, &document.header.assumptions, display);
    }
    if let Some(path) = &gate.write_baseline {
        let name = path.display();
        let mut file = File::create(path).with_context(|| format!("cannot write {name}"))?;
        baseline::write(&document.header.findings, &mut file).with_context(|| format!("cannot write {name}"))?;
    }
    outputs.write(&document)?;
    Ok(status)
}

/// The known findings of `--baseline`.
fn known_findings(gate: &GateArgs) -> anyhow::Result<Option<Baseline>> {
    Ok(gate.baseline.as_ref().map(|path| source::baseline::read(path)).transpose()?)
}

/// The findings that are not in the baseline, or affect more than there, and which rules have others in it.
fn without_known(findings: Vec<Finding>, known: Option<&mut Baseline>) -> (Vec<Finding>, Adjustments) {
    let mut adjustments = Adjustments::default();
    let Some(baseline) = known else { return (findings, adjustments) };
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
    (new.collect(), adjustments)
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
