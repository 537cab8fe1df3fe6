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

/// A finding for every policy of a scope except the oldest.
pub(super) fn superseded(mesh: &Mesh<'_>, rule: &'static Rule, namespace: &str, scope: &str) -> Vec<Finding> {
    let mut policies = mesh.policies().namespace_wide(namespace);
    let Some(effective) = policies.next() else { return Vec::new() };
    let finding = |policy: &PeerAuthentication| {
        let message = format!(
            "{} has no effect: {} is {} and overrides it for the {scope}",
            policy.id,
            effective.id.path(),
            if effective.created == policy.created { "first by name" } else { "older" },
        );
        let at = FieldPath::of("metadata.name");
        Finding::about(rule, mesh.snapshot(), &policy.id, at, message).with_related([&effective.id]).with_patch(&policy.id, Edit::Delete)
    };
    policies.map(finding).collect()
}
