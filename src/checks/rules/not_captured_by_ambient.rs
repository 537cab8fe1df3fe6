//! Pods that should be in ambient and are not redirected to ztunnel.

use crate::{
    checks::{
        Finding, Rule, Severity,
        affected_pods::{AffectedWorkload, affected_workloads},
        by_enrolment::groups,
    },
    mesh::{Dataplane, Mesh, MeshState},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS308",
    name: "not-captured-by-ambient",
    severity: Severity::Error,
    summary: "A pod that labels enrol in ambient runs without being redirected to ztunnel.",
    why: "The label suggests mTLS, but the pod sends and accepts plaintext: without redirection none of its traffic reaches ztunnel, \
          and STRICT is not enforced for it. Usually ztunnel or the CNI plugin was not ready on its node.",
    fix: "Make sure that `istio-cni-node` and `ztunnel` run on the pod's node, then recreate the pod.",
    bad: include_str!("not_captured_by_ambient.bad.yaml"),
    good: include_str!("not_captured_by_ambient.good.yaml"),
    inputs: &[Kind::Pod, Kind::Namespace],
    aka: &[],
    see: &["S109", "S110", "S112"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let missing = affected_workloads(mesh, |_, own| own.state == MeshState::Missing && own.recreated_dataplane == Dataplane::Ambient);
    let by = |one: &AffectedWorkload<'_>| one.membership.requested_by.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    for (by, group) in groups(missing, by) {
        let is = if group.workloads.len() == 1 { "is" } else { "are" };
        let message = format!("{} should be in ambient{by} but {is} not redirected to ztunnel", group.describe());
        out.extend(group.finding(mesh, &RULE, message));
    }
}
