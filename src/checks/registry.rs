//! The registry of rules: lookup, applicability and evaluation.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{ALL, Check, Finding, IN_FORCE, MIGRATION, Rule};
use crate::{
    mesh::Mesh,
    object::{Coverage, Gap, Kind},
};

/// A rule by id or name.
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    let is_it = |rule: &Rule| rule.id.eq_ignore_ascii_case(code) || rule.name.eq_ignore_ascii_case(code);
    all_rules().find(|rule| is_it(rule))
}

/// What is applied to a mesh, in the order of the rules' identifiers.
fn mesh_checks() -> impl Iterator<Item = &'static Check> {
    ALL.iter().chain(IN_FORCE)
}

/// The rules that are applied to a mesh, in the order of their identifiers.
pub fn mesh_rules() -> impl Iterator<Item = &'static Rule> {
    mesh_checks().map(|check| check.rule)
}

/// All rules, of every command, in the order of their identifiers.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().map(|check| check.rule).chain(MIGRATION.iter().copied())
}

/// Rules with an input kind that was not requested or not completely read: the absence of their findings proves nothing.
#[must_use]
pub fn not_run<'r>(mesh: &Mesh<'_>, gaps: &[Gap], rules: impl IntoIterator<Item = &'r Rule>) -> Vec<&'r Rule> {
    let missing: BTreeSet<Kind> = gaps.iter().filter_map(|gap| gap.kind).collect();
    let cannot = |rule: &&Rule| !can_run(mesh, rule) || rule.inputs.iter().any(|kind| missing.contains(kind));
    rules.into_iter().filter(cannot).collect()
}

/// Whether every kind that a rule needs was read, at least in part.
#[must_use]
pub fn can_run(mesh: &Mesh<'_>, rule: &Rule) -> bool {
    !rule.inputs.iter().any(|kind| mesh.snapshot().coverage.get(kind) == Some(&Coverage::Nothing))
}

/// Applies the selected rules that can run. The findings are sorted by severity, then by rule, subject and field.
#[must_use]
pub fn run(mesh: &Mesh<'_>, is_wanted: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in mesh_checks().filter(|check| is_wanted(check.rule) && can_run(mesh, check.rule)) {
        (check.run)(mesh, &mut findings);
    }
    sort(&mut findings);
    findings
}

/// Sorts findings by severity, the highest first, then by rule, subject and field.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &'_ Finding| (Reverse(f.severity), f.rule.id);
        key(a).cmp(&key(b)).then_with(|| (&a.subject, &a.field_path, &a.message).cmp(&(&b.subject, &b.field_path, &b.message)))
    });
}
