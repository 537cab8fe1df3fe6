//! Several policies for one namespace.

use super::duplicate_mesh_policy::superseded;
use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS102",
    name: "duplicate-namespace-policy",
    severity: Severity::Warning,
    summary: "A namespace has several PeerAuthentications without a selector: all but the oldest have no effect.",
    why: "Only the oldest applies, whatever its name and however strict the others are. A STRICT policy without effect protects nothing.",
    fix: "Keep one policy for the namespace and delete the others, or add selectors if they were meant for single workloads.",
    bad: include_str!("duplicate_namespace_policy.bad.yaml"),
    good: include_str!("duplicate_namespace_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &["KIA0002"],
    see: &["S9", "S10", "S282"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let roots: Vec<&str> = mesh.control_planes().roots().collect();
    for namespace in mesh.namespaces().keys().filter(|name| !roots.contains(&name.as_str())) {
        out.extend(superseded(mesh, &RULE, namespace, "namespace"));
    }
}
