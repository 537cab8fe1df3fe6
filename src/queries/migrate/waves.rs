//! The order of the steps, in which each breaks nothing that the steps before did not fix. During the rollout of a step calls can fail
//! for a moment, because policies reach proxies one by one (S208).

use std::collections::{BTreeMap, BTreeSet};

use super::{Policy, Readiness};
use crate::object::Text;

/// What a wave does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RolloutStep {
    /// PERMISSIVE in place of DISABLE.
    Permissive,
    /// STRICT, if nothing breaks.
    Strict,
    /// STRICT, with ports left open for calls that would break.
    StrictWithExceptions,
    /// STRICT, assuming that the clients that could call do not call.
    StrictIfNotCalled,
    /// STRICT for the whole mesh, including future namespaces.
    Mesh,
}

/// A step: policies to apply together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    pub step: RolloutStep,
    pub namespaces: BTreeSet<Text>,
    pub policies: Vec<Policy>,
}

/// The waves of the namespaces that can be migrated, in order; and that of the mesh, if none of them is blocked.
///
/// `mesh` are the policies of the last step,
/// `permissive` are the policies that turn DISABLE into PERMISSIVE, `policies` those that set STRICT, with exceptions, and `blocked` the
/// namespaces in which even these break a call.
#[must_use]
pub fn waves(
    readiness: &BTreeMap<Text, Readiness>,
    permissive: &[Policy],
    policies: &[Policy],
    blocked: &BTreeSet<Text>,
    mesh: Vec<Policy>,
) -> Vec<Wave> {
    let mut waves = Vec::new();
    let mut push = |step: RolloutStep, namespaces: BTreeSet<Text>, from: &[Policy]| {
        let policies: Vec<Policy> = from.iter().filter(|policy| namespaces.contains(&policy.id.namespace)).cloned().collect();
        if !policies.is_empty() {
            let namespaces = policies.iter().map(|policy| policy.id.namespace.clone()).collect();
            waves.push(Wave { step, namespaces, policies });
        }
    };
    let of = |wanted: Readiness| -> BTreeSet<Text> {
        readiness
            .iter()
            .filter(|(name, readiness)| **readiness == wanted && !blocked.contains(*name))
            .map(|(name, _)| name.clone())
            .collect()
    };
    push(RolloutStep::Permissive, readiness.keys().filter(|name| !blocked.contains(*name)).cloned().collect(), permissive);
    for (step, readiness) in [
        (RolloutStep::Strict, Readiness::Ready),
        (RolloutStep::StrictWithExceptions, Readiness::Blocked),
        (RolloutStep::StrictIfNotCalled, Readiness::Unknown),
    ] {
        push(step, of(readiness), policies);
    }
    // If no workload of the mesh was read, it is unknown what breaks.
    if blocked.is_empty() && !readiness.is_empty() && !mesh.is_empty() {
        let namespaces = mesh.iter().map(|policy| policy.id.namespace.clone()).collect();
        waves.push(Wave { step: RolloutStep::Mesh, namespaces, policies: mesh });
    }
    waves
}
