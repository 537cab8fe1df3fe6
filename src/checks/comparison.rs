//! Which findings of one state are new compared with another, by fingerprint.

use std::collections::BTreeMap;

use super::Finding;

/// The difference between the findings of two states.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Findings of the state after that are not in the state before, in their original order.
    pub new: Vec<Finding>,
    /// Findings of the state before that are not in the state after, ordered by fingerprint.
    pub resolved: Vec<Finding>,
}

/// Compares findings. Each finding before matches at most one after: a second one with the same fingerprint is new. So is one that is more
/// severe or affects more than before; the one before is then not resolved.
#[must_use]
pub fn compare(before: Vec<Finding>, after: Vec<Finding>) -> Comparison {
    let mut old: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in before {
        old.entry(finding.fingerprint()).or_default().push(finding);
    }
    let mut is_known = |finding: &Finding| {
        let Some(candidates) = old.get_mut(&finding.fingerprint()) else { return false };
        let found = candidates.iter().rposition(|earlier| finding.extent().is_within(&earlier.extent()));
        found.map(|at| candidates.remove(at)).is_some()
    };
    let new: Vec<Finding> = after.into_iter().filter(|finding| !is_known(finding)).collect();
    for grown in &new {
        old.get_mut(&grown.fingerprint()).and_then(Vec::pop);
    }
    Comparison { new, resolved: old.into_values().flatten().collect() }
}
