//! Pods into which several webhooks inject.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Rule, Severity, example::{quiet_permissive, shop, web}, finding::some};
use crate::{
    mesh::{Mesh, Subject},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS311",
    name: "multiple-injectors",
    severity: Severity::Error,
    summary: "More than one injection webhook is called for the same pod.",
    why: "Each of them puts its own proxy settings into the pod, and the last one wins or the pod is broken. It comes from two \
          installations that claim one namespace, or from a default tag beside a default revision that was not deactivated.",
    fix: "Deactivate one of the webhooks: remove the installation or the tag that is not meant.",
    bad: concat!(
        shop!(),
        web!(),
        quiet_permissive!(),
        r"---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: istio-revision-tag-default
  labels:
    app: sidecar-injector
    istio.io/rev: canary
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector:
    matchLabels:
      istio-injection: enabled
",
        r"---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: istio-sidecar-injector
  labels:
    app: sidecar-injector
    istio.io/rev: default
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector:
    matchLabels:
      istio-injection: enabled
"
    ),
    good: concat!(
        shop!(),
        web!(),
        quiet_permissive!(),
        r"---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: istio-sidecar-injector
  labels:
    app: sidecar-injector
    istio.io/rev: default
webhooks:
- name: namespace.sidecar-injector.istio.io
  namespaceSelector:
    matchLabels:
      istio-injection: enabled
"
    ),
    inputs: &[Kind::Namespace, Kind::MutatingWebhookConfiguration],
    aka: &["IST0139"],
    see: &["S138", "S142"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut claims: BTreeMap<Vec<&Id>, BTreeSet<&Subject>> = BTreeMap::new();
    for (workload, instance, _) in mesh.members().filter(|(_, instance, _)| instance.spec.is_some()) {
        let webhooks = mesh.injectors(&workload.subject.namespace, &instance.labels);
        if webhooks.len() > 1 {
            claims.entry(webhooks).or_default().insert(&workload.subject);
        }
    }
    for (webhooks, workloads) in claims {
        let Some((last, others)) = webhooks.split_last() else { continue };
        let message = format!("{last} and {} are all called for pods of {}", some(others), some(&workloads));
        let finding = Finding::about(&RULE, mesh.snapshot(), last, FieldPath::of("webhooks"), message);
        out.push(finding.related(others.iter().copied()));
    }
}
