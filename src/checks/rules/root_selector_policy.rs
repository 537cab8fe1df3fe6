//! Policies with a selector in the root namespace.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS105",
    name: "root-selector-policy",
    severity: Severity::Error,
    summary: "A PeerAuthentication with a selector in the root namespace: it is ignored everywhere.",
    why: "The API's comment on the field promises that it selects across the mesh. The code ignores such a policy completely, \
          even for workloads of the root namespace itself.",
    fix: "Put the policy into the namespace of the workloads it is meant for; or remove the selector, if it is meant for the mesh.",
    bad: include_str!("root_selector_policy.bad.yaml"),
    good: include_str!("root_selector_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &["S5", "S6"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for root in mesh.control_planes().roots() {
        for policy in mesh.policies().workload_specific(root) {
            let message = format!("{} has a selector, and {root} is the root namespace, where selectors count for nobody", policy.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), &policy.id, FieldPath::of("spec.selector"), message));
        }
    }
}
