//! The conditions of a step, and its rollback.

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, BlockerSubject, Confidence, MigrationCause, MigrationPlan, Policy, RolloutStep, Wave, existing_policy};
use crate::{mesh::Mesh, object::Id};

/// The conditions under which a step breaks no call, in sentences; empty if nothing is in doubt.
#[must_use]
pub fn conditions(wave: &Wave, plan: &MigrationPlan, has_gaps: bool) -> Vec<String> {
    if !matches!(wave.step, RolloutStep::StrictIfNotCalled | RolloutStep::StrictWithExceptions | RolloutStep::Mesh) {
        return Vec::new();
    }
    let is_mesh = wave.step == RolloutStep::Mesh;
    let blockers = if is_mesh { &plan.remaining_beyond } else { &plan.remaining };
    // Nothing in the configuration announces calls to addresses of pods: such a condition could be named for nearly every step.
    let is_announced = |blocker: &Blocker| blocker.cause != MigrationCause::PodIp || blocker.subject != BlockerSubject::Servers;
    let is_in_doubt = |blocker: &&Blocker| {
        (is_mesh || wave.namespaces.contains(&blocker.namespace))
            && blocker.confidence == Confidence::Possible
            && !blocker.fails_already()
            && is_announced(blocker)
    };
    let mut called: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for blocker in blockers.iter().filter(is_in_doubt) {
        called.entry(&blocker.client).or_default().insert(&blocker.namespace);
    }
    let sentence = |(client, namespaces): (&str, BTreeSet<&str>)| {
        format!("no call from {client} goes to {}", namespaces.into_iter().collect::<Vec<_>>().join(", "))
    };
    let unread = has_gaps.then(|| "what could not be read does not change the result".to_owned());
    called.into_iter().map(sentence).chain(unread).collect()
}

/// One change of the rollback of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// Apply the previous version of the policy.
    Apply(Policy),
    /// Delete the policy, which did not exist before.
    Delete(Id),
}

/// For each step the changes that restore the state before it, in the order of its policies.
#[must_use]
pub fn rollbacks(mesh: &Mesh<'_>, waves: &[Wave]) -> Vec<Vec<Rollback>> {
    let mut applied: BTreeMap<&Id, &Policy> = BTreeMap::new();
    let mut all = Vec::with_capacity(waves.len());
    for wave in waves {
        let mut changes = Vec::with_capacity(wave.policies.len());
        for policy in &wave.policies {
            let before = applied.insert(&policy.id, policy).cloned().or_else(|| existing_policy(mesh, &policy.id));
            changes.push(before.map_or_else(|| Rollback::Delete(policy.id.clone()), Rollback::Apply));
        }
        all.push(changes);
    }
    all
}
