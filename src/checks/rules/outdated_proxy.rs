//! Proxies of a version that their control plane does not support, or of another revision than a new pod would get.

use crate::{
    checks::{
        Finding, Rule, Severity,
        affected_pods::{AffectedWorkload, affected_workloads},
        by_enrolment::groups,
    },
    mesh::{Instance, Membership, Mesh, MeshState},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS309",
    name: "outdated-proxy",
    severity: Severity::Warning,
    summary: "A proxy is more than two minor versions older than its control plane, or newer than it, or of a different revision \
              than a new pod would get.",
    why: "A proxy keeps the version and revision from the time when its pod was created. Istio supports proxies up to two minor \
          versions behind istiod; a revision that was migrated away from stops serving once it is removed, certificates included. \
          Proxies up to two minor versions behind are not reported. istioctl reports a namespace as soon as one image in it differs \
          from what the injector would set now, which does not affect mTLS.",
    fix: "Recreate the pods, for example with `kubectl rollout restart` if a controller manages them.",
    bad: include_str!("outdated_proxy.bad.yaml"),
    good: include_str!("outdated_proxy.good.yaml"),
    inputs: &[Kind::Pod, Kind::Namespace],
    aka: &["IST0158"],
    see: &["S149", "S164"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let behind = affected_workloads(mesh, |instance, own| problem(mesh, instance, own).is_some());
    let of = |one: &AffectedWorkload<'_>| problem(mesh, one.instance, one.membership).unwrap_or_default();
    for (problem, group) in groups(behind, of) {
        let proxy = if group.workloads.len() == 1 { "the proxy" } else { "each proxy" };
        let message = format!("{proxy} of {} {problem}", group.describe());
        let has_other_image = group.workloads.iter().any(|one| is_other_image(mesh, one));
        let codes = if has_other_image { RULE.aka } else { &[] };
        let finding = group.finding(mesh, &RULE, message);
        out.extend(finding.map(|finding| finding.with_variant(problem).with_restart_fix().with_equivalent_codes(codes)));
    }
}

/// Whether istioctl would report an image mismatch: a label enrols the namespace, and the pod requests no image of its own (S164).
fn is_other_image(mesh: &Mesh<'_>, behind: &AffectedWorkload<'_>) -> bool {
    let labels = mesh.namespace_labels(&behind.workload.subject.namespace);
    let is_enrolled = labels.is_some_and(|labels| labels.has("istio-injection", "enabled") || labels.get("istio.io/rev").is_some());
    let has_own_image = behind.instance.annotations.get("sidecar.istio.io/proxyImage").is_some();
    is_enrolled && !has_own_image && !matches!(behind.membership.state, MeshState::OtherRevision(_))
}

/// What is outdated about a proxy, if anything.
fn problem(mesh: &Mesh<'_>, instance: &Instance<'_>, own: &Membership) -> Option<String> {
    if let MeshState::OtherRevision(new) = &own.state {
        return Some(format!("is of revision {}, but a new pod would get {new}", instance.revision));
    }
    let version = instance.proxy_version()?;
    let plane = mesh.indices().skew(version, &instance.revision)?;
    Some(format!("has version {version}, which istiod {plane} does not support"))
}
