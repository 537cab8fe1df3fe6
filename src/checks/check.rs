//! The entries of the registry.

use super::{Finding, Rule, Undecided};
use crate::mesh::Mesh;

/// A rule and the functions that apply it.
#[derive(Debug)]
pub struct Check {
    pub rule: &'static Rule,
    /// Applies the rule to a mesh and adds its findings.
    pub run: fn(&Mesh<'_>, &mut Vec<Finding>),
    /// What the rule cannot decide, because nothing of a namespace was read that it would need.
    pub undecided: fn(&Mesh<'_>) -> Vec<Undecided>,
}

/// For rules that can decide everything of which they have the kinds.
pub(super) fn nothing_undecided(_: &Mesh<'_>) -> Vec<Undecided> {
    Vec::new()
}
