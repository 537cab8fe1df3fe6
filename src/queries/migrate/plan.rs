//! The migration plan: the blockers of STRICT, and the steps to it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Assessments, Blocker, MergeScope, OpenPort, Policy, Readiness, RolloutStep, Target, Wave, blockers, merged, mesh_policy,
    open_ports::{add_callers, closing_policies, open_ports},
    permissive_policies,
    policy::snapshot_with_policies,
    readiness, strict_policies, waves, with_port_exceptions, with_traffic_evidence,
};
use crate::{
    mesh::{ControlPlaneOptions, Mesh},
    object::Text,
    queries::{Scope, compare::BeforeAfter},
};

/// The blockers of STRICT, and the steps to it.
#[derive(Clone, Debug)]
pub struct MigrationPlan {
    /// What fails under STRICT, in order of cause, for each namespace of servers.
    pub blockers: Vec<Blocker>,
    /// The state of every namespace of the target.
    pub readiness: BTreeMap<Text, Readiness>,
    /// The policies that make the target STRICT, with ports left open for calls that would break.
    pub policies: Vec<Policy>,
    /// The steps, in the order in which to apply them.
    pub waves: Vec<Wave>,
    /// What may still fail with these policies, because no port is left open for it.
    pub remaining: Vec<Blocker>,
    /// What the step for the mesh makes fail in namespaces that no other step reaches.
    pub beyond: Vec<Blocker>,
    /// What of that may still fail with the policies of the step.
    pub remaining_beyond: Vec<Blocker>,
    /// Ports that accept plaintext in namespaces that are STRICT already.
    pub open_ports: Vec<OpenPort>,
    /// The policies that close those of them that no caller needs.
    pub closing: Vec<Policy>,
}

/// Applies the policies of each step to a copy of what was read, evaluates every call again, and compares what fails with traffic,
/// if `traffic` is given.
#[must_use]
pub fn plan(
    mesh: &Mesh<'_>,
    settings: &ControlPlaneOptions,
    target: &Target<'_>,
    scope: &Scope,
    traffic: Option<&Assessments<'_>>,
) -> MigrationPlan {
    let trial = Trial { mesh, settings, target, scope, traffic };
    let strict = strict_policies(mesh, target);
    let mut found = trial.blockers(&strict);
    let permissive = permissive_policies(mesh, target);
    let mut blocked = BTreeSet::new();
    if !permissive.is_empty() {
        blocked = broken_namespaces(&trial.blockers(&permissive));
    }
    let policies = with_port_exceptions(mesh, &strict, &found);
    found.sort_by_key(|blocker| blocker.cause);
    let remaining = if policies == strict { found.clone() } else { trial.blockers(&policies) };
    blocked.extend(broken_namespaces(&remaining));
    let state = |name: &Text| readiness(mesh, target, name, found.iter().filter(|blocker| blocker.namespace == *name));
    let states: BTreeMap<Text, Readiness> = target.namespaces.iter().map(|name| (name.clone(), state(name))).collect();
    let whole = is_whole_mesh(target, scope).then(|| trial.whole_mesh(&policies)).flatten();
    let MeshStep { policies: mesh_policies, found: beyond, remaining: remaining_beyond } = whole.unwrap_or_default();
    let waves = waves(&states, &permissive, &policies, &blocked, mesh_policies);
    let (open_ports, closing) = trial.open_ports(&states);
    MigrationPlan { blockers: found, readiness: states, policies, waves, remaining, beyond, remaining_beyond, open_ports, closing }
}

/// The step for the mesh.
#[derive(Clone, Debug, Default)]
struct MeshStep {
    /// Its policies; empty if a call would fail even so.
    policies: Vec<Policy>,
    /// What may fail with the policy of the mesh alone.
    found: Vec<Blocker>,
    /// What may still fail with all of its policies.
    remaining: Vec<Blocker>,
}

/// Whether nothing is excluded, so that the mesh-wide policy can follow.
fn is_whole_mesh(target: &Target<'_>, scope: &Scope) -> bool {
    target.workload.is_none() && scope.namespaces.is_empty() && scope.excluded.is_empty() && scope.selector.is_empty()
}

/// The namespaces in which a call that works would fail for certain.
fn broken_namespaces(blockers: &[Blocker]) -> BTreeSet<Text> {
    blockers.iter().filter(|blocker| blocker.breaks_working_call()).map(|blocker| blocker.namespace.clone()).collect()
}

/// The inputs shared by every trial of policies.
#[derive(Clone, Copy)]
struct Trial<'t, 'm> {
    mesh: &'t Mesh<'m>,
    settings: &'t ControlPlaneOptions,
    target: &'t Target<'t>,
    scope: &'t Scope,
    traffic: Option<&'t Assessments<'t>>,
}

impl Trial<'_, '_> {
    /// The step for the mesh after these policies: its policy, with ports left open wherever nothing but that policy applies. `None` if it
    /// is STRICT already.
    fn whole_mesh(&self, policies: &[Policy]) -> Option<MeshStep> {
        let only = [mesh_policy(self.mesh)?];
        let beyond = Target::beyond(self.mesh, self.target);
        let trial = Trial { target: &beyond, traffic: None, ..*self };
        let blockers = |step: &[Policy]| {
            let mut found = trial.blockers(&[policies, step].concat());
            found.retain(|blocker| !blocker.fails_already());
            found
        };
        let found = blockers(&only);
        let mut step = with_port_exceptions(self.mesh, &only, &found);
        let remaining = if step.as_slice() == only.as_slice() { found.clone() } else { blockers(&step) };
        if !broken_namespaces(&remaining).is_empty() {
            step.clear();
        }
        Some(MeshStep { policies: step, found, remaining })
    }

    /// The ports that stay open in STRICT namespaces, with their callers, and the policies that close the others.
    fn open_ports(&self, states: &BTreeMap<Text, Readiness>) -> (Vec<OpenPort>, Vec<Policy>) {
        let mut ports = open_ports(self.mesh, self.target, states);
        if !ports.is_empty() {
            let found = self.blockers(&closing_policies(self.mesh, &ports));
            add_callers(&mut ports, &found);
        }
        let closing = closing_policies(self.mesh, ports.iter().filter(|port| !port.is_needed()));
        (ports, closing)
    }

    /// What fails with these policies in force.
    fn blockers(&self, policies: &[Policy]) -> Vec<Blocker> {
        // Every blocker has a server of the target.
        if self.target.namespaces.is_empty() {
            return Vec::new();
        }
        let snapshot = snapshot_with_policies(self.mesh, policies);
        let after = Mesh::new_after(&snapshot, self.settings, self.mesh);
        let found = blockers(BeforeAfter { before: self.mesh, after: &after }, self.target, self.scope);
        match self.traffic {
            Some(assessments) => with_traffic_evidence(&after, self.target, assessments, found),
            None => found,
        }
    }
}

impl MigrationPlan {
    /// The blockers of the whole mesh, one for each cause, wherever the servers are.
    #[must_use]
    pub fn blockers_by_cause(&self) -> Vec<Blocker> {
        merged([self.blockers.as_slice(), &self.beyond].concat(), MergeScope::Mesh)
    }

    /// The step that makes a namespace STRICT, as an index into [`Self::waves`]; `None` if no step does, or none needs to.
    #[must_use]
    pub fn wave_of(&self, namespace: &Text) -> Option<usize> {
        let is_rolled_out = |wave: &Wave| wave.step != RolloutStep::Mesh && wave.namespaces.contains(namespace);
        let is_done = self.readiness.get(namespace) == Some(&Readiness::Already);
        self.waves.iter().rposition(is_rolled_out).filter(|_| !is_done)
    }
}
