//! Pods without a sidecar that would get one if created now.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads, by_enrolment::groups},
    mesh::{Dataplane, Mesh, MeshState},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS301",
    name: "missing-sidecar",
    severity: Severity::Warning,
    summary: "A pod runs without the sidecar that it would get if it were created now.",
    why: "Sidecars are injected only when a pod is created. A pod that is older than the label, or that was created while the \
          webhook was unavailable, stays outside the mesh: it sends and accepts plaintext, and no policy applies to it. A pod in a \
          manifest is not reported: it gets its sidecar when it is applied. istioctl reports manifests as well, and does not check \
          namespaces that a revision enrols.",
    fix: "Recreate the pods, for example with `kubectl rollout restart` if a controller manages them.",
    bad: include_str!("missing_sidecar.bad.yaml"),
    good: include_str!("missing_sidecar.good.yaml"),
    inputs: &[Kind::Pod, Kind::Namespace],
    aka: &["IST0103"],
    see: &["S137", "S143", "S146", "S162"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let lacking = affected_workloads(mesh, |_, own| own.state == MeshState::Missing && own.recreated_dataplane != Dataplane::Ambient);
    for (_, group) in groups(lacking, |_| String::new()) {
        let Some(first) = group.workloads.first() else { continue };
        let has = if group.workloads.len() == 1 { "has" } else { "have" };
        let message = format!("{} {has} no sidecar, although a pod created now would get one", group.describe());
        let codes = if istioctl_checks(mesh, &first.workload.subject.namespace) { RULE.aka } else { &[] };
        let finding = group.finding(mesh, &RULE, message);
        out.extend(finding.map(|finding| finding.with_restart_fix().with_equivalent_codes(codes)));
    }
}

/// Whether istioctl checks a namespace for missing sidecars: not if a revision enrols it, and not if it has the ambient label (S162).
fn istioctl_checks(mesh: &Mesh<'_>, namespace: &str) -> bool {
    let labels = mesh.namespace_labels(namespace);
    labels.is_some_and(|labels| labels.has("istio-injection", "enabled") && !labels.has("istio.io/dataplane-mode", "ambient"))
}
