//! Several mesh-wide policies.

use std::{cell::OnceCell, collections::BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::PeerAuthentication,
    mesh::{Dataplane, Instance, Mesh, Subject, Workload},
    object::{Edit, FieldPath, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS101",
    name: "duplicate-mesh-policy",
    severity: Severity::Warning,
    summary: "The root namespace has several PeerAuthentications without a selector: all but the oldest have no effect.",
    why: "Only the oldest applies: nothing in the others has an effect, even if the oldest sets UNSET. Recreating it, for example \
          when a backup is restored, changes which one is the oldest.",
    fix: "Keep one mesh-wide policy and delete the others.",
    bad: include_str!("duplicate_mesh_policy.bad.yaml"),
    good: include_str!("duplicate_mesh_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &["KIA0002"],
    see: &["S9", "S10", "S282"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for root in mesh.control_planes().roots() {
        out.extend(superseded(mesh, &RULE, root, "mesh"));
    }
}

/// Of policies with the same age ztunnel may use either (S282), and it ignores an empty selector in other namespaces than the root (S127).
const AMBIENT: &str = "Decide which of the two is meant, also for ambient workloads, which may use either: set the same mode in both, and then \
                       delete this one.";

/// A finding for every policy of a scope except the oldest.
pub(super) fn superseded(mesh: &Mesh<'_>, rule: &'static Rule, namespace: &str, scope: &str) -> Vec<Finding> {
    let mut policies = mesh.policies().namespace_wide(namespace);
    let Some(effective) = policies.next() else { return Vec::new() };
    let is_tied = |policy: &PeerAuthentication| policy.created == effective.created && policy.mode != effective.mode;
    let ambient = OnceCell::new();
    let finding = |policy: &PeerAuthentication| {
        let ambient = ambient.get_or_init(|| ambient_workloads(mesh, namespace));
        let at = FieldPath::of("metadata.name");
        let about = |message| Finding::about(rule, mesh.snapshot(), &policy.id, at.clone(), message).with_related([&effective.id]);
        if is_tied(policy) && !ambient.is_empty() {
            let message = format!(
                "{} and {} have the same age and different modes: which of them istiod uses for {} in ambient is not determined (S282)",
                effective.id,
                policy.id,
                list_names(ambient)
            );
            let fix = "Delete one of them: until then the weaker counts as the mode.";
            return about(message).with_severity(Severity::Error).with_fix(fix).with_related(ambient.iter().copied().cloned());
        }
        let order = if effective.created == policy.created { "first by name" } else { "older" };
        let message = format!("{} has no effect: {} is {order} and overrides it for the {scope}", policy.id, effective.id.path());
        // For ambient a policy with another selector may be the one that counts (S127).
        let is_undetermined = policy.created == effective.created || policy.selector != effective.selector;
        if is_undetermined && !ambient.is_empty() {
            about(message).with_fix(AMBIENT)
        } else {
            about(message).with_patch(&policy.id, Edit::Delete)
        }
    };
    policies.map(finding).collect()
}

/// The ambient workloads that the policies of a namespace apply to: in a root namespace, those of the mesh.
fn ambient_workloads<'m>(mesh: &'m Mesh<'_>, namespace: &str) -> BTreeSet<&'m Subject> {
    let applies = |workload: &Workload<'_>, instance: &Instance<'_>| {
        let root = &mesh.control_planes().of_revision(&instance.revision).root_namespace;
        workload.subject.namespace == *namespace || root == namespace
    };
    let ambient = mesh.servers().filter(|(_, instance, _)| instance.dataplane == Dataplane::Ambient);
    ambient.filter(|(workload, instance, _)| applies(workload, instance)).map(|(workload, ..)| &workload.subject).collect()
}
