//! Rules that were not applied, or not everywhere, because something was not read.

use std::collections::{BTreeMap, BTreeSet};

use super::{ALL, Rule};
use crate::{
    mesh::Mesh,
    object::{Coverage, Gap, Kind, Text, list_names},
    queries::Scope,
};

/// A rule that was not applied, or not in these namespaces.
#[derive(Clone, Debug)]
pub struct NotApplied {
    pub rule: &'static Rule,
    /// The namespaces that it would need; empty if the reason does not depend on one.
    pub namespaces: BTreeSet<Text>,
    /// Why, as a sentence.
    pub reason: String,
}

/// Whether every kind that a rule needs was read, at least in part.
#[must_use]
pub fn can_run(mesh: &Mesh<'_>, rule: &Rule) -> bool {
    !rule.inputs.iter().any(|kind| mesh.snapshot().coverage.get(kind) == Some(&Coverage::Nothing))
}

/// The rules for which something was not read that they need: the absence of their findings proves nothing.
#[must_use]
pub fn not_applied(mesh: &Mesh<'_>, gaps: &[Gap], scope: &Scope, rules: impl IntoIterator<Item = &'static Rule>) -> Vec<NotApplied> {
    let missing: BTreeSet<Kind> = gaps.iter().filter_map(|gap| gap.kind).collect();
    let mut found = Vec::new();
    for rule in rules {
        let lacks = |kind: &&Kind| missing.contains(kind) || mesh.snapshot().coverage.get(kind) == Some(&Coverage::Nothing);
        let kinds: Vec<&Kind> = rule.inputs.iter().filter(lacks).collect();
        if !kinds.is_empty() {
            let reason = format!("not all objects of these kinds were read: {}", list_names(kinds));
            found.push(NotApplied { rule, namespaces: BTreeSet::new(), reason });
        }
        found.extend(undecided(mesh, scope, rule));
    }
    found
}

/// What a rule cannot decide about objects in scope, by reason.
fn undecided(mesh: &Mesh<'_>, scope: &Scope, rule: &'static Rule) -> Vec<NotApplied> {
    let check = ALL.iter().find(|check| check.rule.id == rule.id).filter(|_| can_run(mesh, rule));
    let mut by_reason: BTreeMap<&str, BTreeSet<Text>> = BTreeMap::new();
    for one in check.into_iter().flat_map(|check| (check.undecided)(mesh)).filter(|one| scope.contains_subject(mesh, &one.about)) {
        by_reason.entry(one.reason).or_default().insert(one.namespace);
    }
    by_reason.into_iter().map(|(reason, namespaces)| NotApplied { rule, namespaces, reason: reason.to_owned() }).collect()
}
