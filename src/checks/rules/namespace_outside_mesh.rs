//! Namespaces that are neither enrolled in the mesh nor excluded by a label.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::{Instance, Mesh, NoProxyReason, Subject},
    object::{FieldPath, Id, Kind, Text, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS302",
    name: "namespace-outside-mesh",
    severity: Severity::Info,
    summary: "A namespace with workloads is neither enrolled in the mesh nor excluded from it by a label.",
    why: "Its pods have no proxy: they send and accept plaintext. Without a label it is unclear whether this is intended. istioctl \
          also reports empty namespaces, and namespaces that the injector enrols by default (IST0148); this rule requires a workload \
          that stays outside the mesh.",
    fix: "Enrol it with `istio-injection=enabled`, `istio.io/rev` or `istio.io/dataplane-mode=ambient`, or record with \
          `istio-injection=disabled` that it stays outside.",
    bad: include_str!("namespace_outside_mesh.bad.yaml"),
    good: include_str!("namespace_outside_mesh.good.yaml"),
    inputs: &[Kind::Namespace],
    aka: &["IST0102"],
    see: &["S137", "S138", "S159", "S160"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut undecided: BTreeMap<&Text, BTreeSet<&Subject>> = BTreeMap::new();
    // MTLS312 reports a proxy whose image is never replaced.
    let has_proxy_container =
        |instance: &Instance<'_>| instance.spec.is_some_and(|spec| spec.containers().any(|container| container.name() == "istio-proxy"));
    for (workload, instance, own) in mesh.members() {
        if own.state.no_proxy_reason() == Some(&NoProxyReason::NotEnrolled) && !has_proxy_container(instance) {
            undecided.entry(&workload.subject.namespace).or_default().insert(&workload.subject);
        }
    }
    // The namespaces of control planes are part of the mesh's own infrastructure.
    undecided.retain(|namespace, _| !mesh.control_planes().all().iter().any(|plane| plane.namespace == **namespace));
    for (namespace, workloads) in undecided {
        let id = Id::new(Kind::Namespace, "", namespace.clone());
        let what = format!("{} without a proxy ({})", plural(workloads.len(), "workload"), list_names(&workloads));
        let message = format!("{id} is neither enrolled in the mesh nor excluded from it, and contains {what}");
        let finding = Finding::about(&RULE, mesh.snapshot(), &id, FieldPath::of("metadata.labels"), message);
        out.push(finding.with_related(workloads.into_iter().cloned()).with_equivalent_codes(istioctl_codes(namespace)));
    }
}

/// istioctl's code for it; istioctl skips the namespace `istio-system` (S159). If the injector enrols unlabelled namespaces (S160),
/// their pods get a proxy, and this rule does not fire.
fn istioctl_codes(namespace: &str) -> &'static [&'static str] {
    if namespace == "istio-system" { &[] } else { RULE.aka }
}
