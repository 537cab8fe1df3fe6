//! The findings of a report: those of the selected rules that are in scope and not suppressed.

use super::{Adjustments, Finding, FindingConfig, Rule, is_in_scope, run, suppress};
use crate::{mesh::Mesh, queries::Scope};

/// The findings of the selected rules in scope, and what annotations and the configuration did to others.
#[must_use]
pub fn active_findings(mesh: &Mesh<'_>, scope: &Scope, is_wanted: impl Fn(&Rule) -> bool) -> (Vec<Finding>, Adjustments) {
    let all = run(mesh, is_wanted).into_iter().filter(|finding| is_in_scope(mesh, scope, finding));
    suppress(mesh, all.collect())
}

/// Findings of these rules about expired entries of the project's configuration, and what was done to them.
#[must_use]
pub fn expired_suppressions(mesh: &Mesh<'_>, rules: &[&Rule]) -> (Vec<Finding>, Adjustments) {
    let config = mesh.snapshot().configuration.as_ref().and_then(|known| FindingConfig::of(known).ok());
    let all = config.map(|config| config.expired(mesh.snapshot())).unwrap_or_default();
    suppress(mesh, all.into_iter().filter(|finding| rules.iter().any(|rule| rule.id == finding.rule.id)).collect())
}
