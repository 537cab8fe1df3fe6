//! Which findings of one state are new against another, by their fingerprints.

use std::collections::BTreeMap;

use super::Finding;

/// The findings of two states against each other.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Those after that were not there before, in the order that they had.
    pub new: Vec<Finding>,
    /// Those before that are no longer there, in order of their fingerprints.
    pub resolved: Vec<Finding>,
}

/// Compares findings. Each one before accounts for one after: a second with the same fingerprint is new.
#[must_use]
pub fn compare(before: Vec<Finding>, after: Vec<Finding>) -> Comparison {
    let mut old: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in before {
        old.entry(finding.fingerprint()).or_default().push(finding);
    }
    let is_new = |finding: &Finding| old.get_mut(&finding.fingerprint()).and_then(Vec::pop).is_none();
    let new = after.into_iter().filter(is_new).collect();
    Comparison { new, resolved: old.into_values().flatten().collect() }
}
