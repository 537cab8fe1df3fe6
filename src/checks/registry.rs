//! The registry of rules: lookup, applicability and evaluation.

use std::cmp::Reverse;

use super::{ALL, Check, Finding, IN_FORCE, MIGRATION, Rule, assumed_namespaces::without_guessed_fix, can_run};
use crate::mesh::Mesh;

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

/// Applies the selected rules that can run. The findings are sorted by severity, then by rule, subject and field.
#[must_use]
pub fn run(mesh: &Mesh<'_>, is_wanted: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in mesh_checks().filter(|check| is_wanted(check.rule) && can_run(mesh, check.rule)) {
        (check.run)(mesh, &mut findings);
    }
    let mut findings: Vec<Finding> = findings.into_iter().map(|finding| without_guessed_fix(mesh, finding)).collect();
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
