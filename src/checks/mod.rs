//! From the mesh to findings: the rules, and what they have in common.

mod affected_pods;
mod by_cause;
mod filter;
mod finding;
mod fix_plan;
mod migration;
mod page;
mod rule;
mod rules;
mod scope;
mod tls_blocks;

pub use filter::{Adjustment, Wrong, is_known, matches, suppress};
pub use finding::{Clients, Finding};
pub use fix_plan::{Fix, FixPlan, FixStep, Rejected, fix_plan};
pub use migration::{MIGRATION, finding as migration_finding, rule as migration_rule, rules as migration_rules};
pub use rule::{Rule, Severity, Topic};
pub use rules::{ALL, is_fixed_by_restart};
pub use scope::{is_about, is_about_call, is_in_scope};

use std::collections::BTreeSet;

use crate::{
    mesh::Mesh,
    object::{Gap, Kind, Seen},
};

/// A rule and the function that applies it.
#[derive(Debug)]
pub struct Check {
    /// What it is about.
    pub rule: &'static Rule,
    /// How it looks.
    pub run: fn(&Mesh<'_>, &mut Vec<Finding>),
}

/// A rule by id or name.
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    let is_it = |rule: &Rule| rule.id.eq_ignore_ascii_case(code) || rule.name.eq_ignore_ascii_case(code);
    every().find(|rule| is_it(rule))
}

/// Every rule, whichever command applies it.
pub fn every() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().map(|check| check.rule).chain(MIGRATION.iter().copied())
}

/// Rules that read a kind of which something could not be read, or was not asked for: what they did not find means nothing.
#[must_use]
pub fn not_run<'r>(mesh: &Mesh<'_>, gaps: &[Gap], rules: impl IntoIterator<Item = &'r Rule>) -> Vec<&'r Rule> {
    let missing: BTreeSet<Kind> = gaps.iter().filter_map(|gap| gap.kind).collect();
    let cannot = |rule: &&Rule| !can_run(mesh, rule) || rule.inputs.iter().any(|kind| missing.contains(kind));
    rules.into_iter().filter(cannot).collect()
}

/// Whether something was looked at of every kind that a rule needs; without that it could only guess.
#[must_use]
pub fn can_run(mesh: &Mesh<'_>, rule: &Rule) -> bool {
    !rule.inputs.iter().any(|kind| mesh.snapshot().seen.get(kind) == Some(&Seen::Nothing))
}

/// Applies the rules that are wanted and can run: findings by severity, then by rule, subject and field.
#[must_use]
pub fn run(mesh: &Mesh<'_>, is_wanted: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in ALL.iter().filter(|check| is_wanted(check.rule) && can_run(mesh, check.rule)) {
        (check.run)(mesh, &mut findings);
    }
    sort(&mut findings);
    findings
}

/// Puts findings in order: the worst first, then by rule, subject and field.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &'_ Finding| (std::cmp::Reverse(f.severity), f.rule.id);
        key(a).cmp(&key(b)).then_with(|| (&a.subject, &a.at, &a.message).cmp(&(&b.subject, &b.at, &b.message)))
    });
}
