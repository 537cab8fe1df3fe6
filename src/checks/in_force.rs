//! Which findings an answer has: those of the rules that are wanted, in scope, and not silenced.

use super::{Finding, FindingConfig, Rule, is_in_scope, run, suppress};
use crate::{mesh::Mesh, queries::Scope};

/// What the wanted rules find in scope, and the number of findings that annotations and the configuration silence.
#[must_use]
pub fn in_force(mesh: &Mesh<'_>, scope: &Scope, is_wanted: impl Fn(&Rule) -> bool) -> (Vec<Finding>, usize) {
    let all = run(mesh, is_wanted).into_iter().filter(|finding| is_in_scope(mesh, scope, finding));
    suppress(mesh, all.collect())
}

/// What is no longer true of the project's configuration, by these rules; and the number of findings about it that are silenced.
#[must_use]
pub fn stale(mesh: &Mesh<'_>, rules: &[&Rule]) -> (Vec<Finding>, usize) {
    let config = mesh.snapshot().configuration.as_ref().and_then(|known| FindingConfig::of(known).ok());
    let all = config.map(|config| config.stale(mesh.snapshot())).unwrap_or_default();
    suppress(mesh, all.into_iter().filter(|finding| rules.iter().any(|rule| rule.id == finding.rule.id)).collect())
}
