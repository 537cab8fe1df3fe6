//! The order of the steps, in which each breaks nothing that the steps before did not fix. During the rollout of a step calls can fail
//! for a moment, because policies reach proxies one by one (S208).

use std::collections::{BTreeMap, BTreeSet};

use super::{Policy, Ready};
use crate::object::Text;

/// What a wave does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// PERMISSIVE in place of DISABLE.
    Permissive,
    /// STRICT, if nothing breaks.
    Strict,
    /// STRICT, with ports left open for calls that would break.
    Excepted,
    /// STRICT, assuming that the clients that could call do not call.
    Assuming,
    /// STRICT for the whole mesh, including future namespaces.
    Mesh,
}

/// A step: policies to apply together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// What it does.
    pub step: Step,
    /// The namespaces that it applies to.
    pub namespaces: BTreeSet<Text>,
    /// What to apply.
    pub policies: Vec<Policy>,
}

/// The waves of the namespaces that can be migrated, in order; and that of the mesh, if none of them is stuck.
///
/// `relaxed` are the policies that turn DISABLE into PERMISSIVE, `policies` those that set STRICT, with exceptions, and `stuck` the
/// namespaces in which even these break a call.
#[must_use]
pub fn waves(
    ready: &BTreeMap<Text, Ready>,
    relaxed: &[Policy],
    policies: &[Policy],
    stuck: &BTreeSet<Text>,
    mesh: Option<Policy>,
) -> Vec<Wave> {
    let mut waves = Vec::new();
    let mut push = |step: Step, namespaces: BTreeSet<Text>, from: &[Policy]| {
        let policies: Vec<Policy> = from.iter().filter(|policy| namespaces.contains(&policy.id.namespace)).cloned().collect();
        if !policies.is_empty() {
            let namespaces = policies.iter().map(|policy| policy.id.namespace.clone()).collect();
            waves.push(Wave { step, namespaces, policies });
        }
    };
    let of = |wanted: Ready| -> BTreeSet<Text> {
        ready.iter().filter(|(name, ready)| **ready == wanted && !stuck.contains(*name)).map(|(name, _)| name.clone()).collect()
    };
    push(Step::Permissive, ready.keys().filter(|name| !stuck.contains(*name)).cloned().collect(), relaxed);
    for (step, ready) in [(Step::Strict, Ready::Ready), (Step::Excepted, Ready::Blocked), (Step::Assuming, Ready::Unknown)] {
        push(step, of(ready), policies);
    }
    // If no workload of the mesh was read, it is unknown what breaks.
    if let Some(mesh) = mesh.filter(|_| stuck.is_empty() && !ready.is_empty()) {
        let namespaces = BTreeSet::from([mesh.id.namespace.clone()]);
        waves.push(Wave { step: Step::Mesh, namespaces, policies: vec![mesh] });
    }
    waves
}
