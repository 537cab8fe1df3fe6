//! How much a finding affects, to notice that a known one has grown.

use std::collections::BTreeSet;

use super::Severity;

/// All clients, in an extent.
pub(super) const ALL_CLIENTS: &str = "all clients";

/// How much a finding affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    pub severity: Severity,
    /// The workloads, as `Deployment shop/web`, and the clients.
    pub affected: BTreeSet<String>,
}

impl Extent {
    /// Whether a finding of this extent is no more severe and affects no more than an earlier one.
    #[must_use]
    pub fn is_within(&self, earlier: &Self) -> bool {
        self.severity <= earlier.severity && self.growth(&earlier.affected).next().is_none()
    }

    /// What it affects and an earlier finding did not.
    pub fn growth<'e>(&'e self, earlier: &'e BTreeSet<String>) -> impl Iterator<Item = &'e String> {
        let is_client = |one: &str| one == ALL_CLIENTS || one.starts_with("clients of ");
        let has_all = earlier.contains(ALL_CLIENTS);
        self.affected.iter().filter(move |one| !(earlier.contains(*one) || has_all && is_client(one)))
    }
}
