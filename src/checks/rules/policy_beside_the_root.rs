//! Policies for the whole namespace of a control plane that is not the root namespace.

use std::collections::BTreeSet;

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS119",
    name: "policy-beside-the-root",
    severity: Severity::Info,
    summary: "A PeerAuthentication without selector is in the namespace of istiod, which is not the root namespace, and the root \
              namespace has none.",
    why: "Only a policy in the root namespace, `rootNamespace` of the mesh configuration, applies to the mesh. In any other namespace, \
          that of istiod included, it applies to the workloads of that namespace alone, and the mesh stays PERMISSIVE.",
    fix: "Move the policy to the root namespace if it is meant for the mesh.",
    bad: include_str!("policy_beside_the_root.bad.yaml"),
    good: include_str!("policy_beside_the_root.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::ConfigMap],
    aka: &[],
    see: &["S5", "S19"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let planes = mesh.control_planes();
    let root = &planes.primary().root_namespace;
    // With a policy for the mesh, the other one was meant for its own namespace.
    let has_mesh_policy = planes.roots().any(|root| mesh.policies().namespace_wide(root).any(|policy| policy.mode.is_some()));
    if has_mesh_policy || !mesh.indices().coverage().has_mesh_config() {
        return;
    }
    let namespaces: BTreeSet<&str> = planes.namespaces().filter(|namespace| !planes.is_root(namespace)).collect();
    for policy in namespaces.iter().filter_map(|namespace| mesh.policies().namespace_wide(namespace).next()) {
        if policy.mode.is_some() {
            let message = format!(
                "{} applies to namespace {} alone: the root namespace of the mesh is {root}, and no policy for the mesh is there",
                policy.id, policy.id.namespace
            );
            out.push(Finding::about(&RULE, mesh.snapshot(), &policy.id, FieldPath::of("metadata.namespace"), message));
        }
    }
}
