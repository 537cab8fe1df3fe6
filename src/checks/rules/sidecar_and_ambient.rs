//! Pods with a sidecar that are also redirected to ztunnel.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads},
    mesh::{Mesh, MeshState},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS307",
    name: "sidecar-and-ambient",
    severity: Severity::Error,
    summary: "A pod has a sidecar and is also redirected to ztunnel.",
    why: "A pod can be in only one of the two modes. With both, traffic is captured twice: mesh mTLS may never be terminated, and \
          connections fail.",
    fix: "Remove the sidecar, or set `istio.io/dataplane-mode: none` in the pod template, and recreate the pods.",
    bad: include_str!("sidecar_and_ambient.bad.yaml"),
    good: include_str!("sidecar_and_ambient.good.yaml"),
    inputs: &[Kind::Pod],
    aka: &["KIA1314", "KIA1315"],
    see: &["S112", "S113"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    out.extend(affected_workloads(mesh, |_, own| own.state == MeshState::SidecarAndAmbient).iter().map(|both| {
        let message = format!("{} has a sidecar and is also redirected to ztunnel: both capture its traffic", both.describe());
        both.finding_at(&RULE, "annotations", "ambient.istio.io/redirection", message)
    }));
}
