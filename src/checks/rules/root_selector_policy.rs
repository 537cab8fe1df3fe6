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
    summary: "A PeerAuthentication in the root namespace has a selector, so it is ignored everywhere.",
    why: "The API's comment on the field states that it selects workloads across the mesh. Istio's code ignores such a policy \
          completely, even for workloads in the root namespace itself.",
    fix: "Move the policy to the namespace of its workloads, or remove the selector if the policy is meant for the whole mesh.",
    bad: include_str!("root_selector_policy.bad.yaml"),
    good: include_str!("root_selector_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &["S5", "S6"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for root in mesh.control_planes().roots() {
        for policy in mesh.policies().workload_specific(root) {
            let message = format!("{} is ignored: it has a selector and is in the root namespace {root}", policy.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), &policy.id, FieldPath::of("spec.selector"), message));
        }
    }
}
