//! Several mesh-wide policies.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::PeerAuthentication,
    mesh::Mesh,
    object::{Edit, FieldPath, Kind},
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
    see: &["S9", "S10"],
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
    let has_ambient = mesh.has_ambient_workloads(namespace);
    let finding = |policy: &PeerAuthentication| {
        let message = format!(
            "{} has no effect: {} is {} and overrides it for the {scope}",
            policy.id,
            effective.id.path(),
            if effective.created == policy.created { "first by name" } else { "older" },
        );
        let at = FieldPath::of("metadata.name");
        let finding = Finding::about(rule, mesh.snapshot(), &policy.id, at, message).with_related([&effective.id]);
        let is_undetermined = policy.created == effective.created || policy.selector != effective.selector;
        if is_undetermined && has_ambient { finding.with_fix(AMBIENT) } else { finding.with_patch(&policy.id, Edit::Delete) }
    };
    policies.map(finding).collect()
}
