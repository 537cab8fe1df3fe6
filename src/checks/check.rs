//! What the registry holds.

use super::{Finding, Rule};
use crate::mesh::Mesh;

/// A rule and the function that applies it.
#[derive(Debug)]
pub struct Check {
    /// What it is about.
    pub rule: &'static Rule,
    /// How it looks.
    pub run: fn(&Mesh<'_>, &mut Vec<Finding>),
}
