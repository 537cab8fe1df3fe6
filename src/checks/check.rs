//! The entries of the registry.

use super::{Finding, Rule};
use crate::mesh::Mesh;

/// A rule and the function that applies it.
#[derive(Debug)]
pub struct Check {
    pub rule: &'static Rule,
    /// Applies the rule to a mesh and adds its findings.
    pub run: fn(&Mesh<'_>, &mut Vec<Finding>),
}
