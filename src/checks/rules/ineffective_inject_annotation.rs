//! Labels and annotations that request a sidecar without effect.

use crate::{
    checks::{
        Finding, Rule, Severity,
        affected_pods::{AffectedWorkload, affected_workloads},
        enrolling,
    },
    mesh::{Dataplane, Instance, Mesh, NoProxyReason, SettingSource},
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS304",
    name: "ineffective-inject-annotation",
    severity: Severity::Warning,
    summary: "A label or annotation requests a sidecar in a way that has no effect.",
    why: "The webhook is selected by labels, and in a namespace without labels only `sidecar.istio.io/inject: \"true\"` on the pod \
          itself takes effect, which is matched by the webhook of the default revision or tag alone. An annotation, another value, or any \
          request in a namespace that opts out of injection leaves the pod without a sidecar, and no error is reported. The only value \
          of `istio-injection` that requests injection is `enabled`.",
    fix: "Set the label `sidecar.istio.io/inject: \"true\"` in the pod template, or enrol the namespace.",
    bad: include_str!("ineffective_inject_annotation.bad.yaml"),
    good: include_str!("ineffective_inject_annotation.good.yaml"),
    inputs: &[Kind::Namespace],
    aka: &[],
    see: &["S137", "S141", "S255", "S256", "S257"],
};

const INJECT: &str = "sidecar.istio.io/inject";
const INJECTION: &str = "istio-injection";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    // MTLS312 reports a proxy whose image is never replaced.
    let has_image_auto = |instance: &Instance<'_>| {
        instance
            .spec
            .is_some_and(|spec| spec.containers().any(|container| container.name() == "istio-proxy" && container.image() == "auto"))
    };
    let unsupported = affected_workloads(mesh, |instance, own| match own.state.no_proxy_reason() {
        _ if has_image_auto(instance) => false,
        Some(NoProxyReason::NamespaceOptedOut(_)) => instance.labels.has(INJECT, "true"),
        Some(NoProxyReason::NoWebhook(label)) => label.on == SettingSource::Pod && label.key == INJECT,
        other => matches!(other, Some(NoProxyReason::Unsupported(_))),
    });
    for unsupported in unsupported {
        let Some(label) = unsupported.membership.state.no_proxy_reason().and_then(NoProxyReason::label) else { continue };
        let who = unsupported.describe();
        let (map, message) = match label.on {
            SettingSource::Annotation => {
                ("annotations", format!("the annotation {label} of {who} has no effect: webhooks match labels only"))
            }
            SettingSource::Namespace => {
                ("labels", format!("the label {INJECT}=true of {who} has no effect: its namespace has the label {label}"))
            }
            SettingSource::Pod if label.value == "true" => (
                "labels",
                format!(
                    "the label {label} of {who} has no effect: no webhook matches it, because none is one of the default revision or tag"
                ),
            ),
            SettingSource::Pod | SettingSource::Default => {
                ("labels", format!("the label {label} of {who} has no effect: only the value true does"))
            }
        };
        let finding = unsupported.finding_at(&RULE, map, INJECT, message);
        out.push(with_fix(mesh, &unsupported, finding));
    }
    out.extend(misspelt(mesh));
}

fn with_fix(mesh: &Mesh<'_>, pods: &AffectedWorkload<'_>, finding: Finding) -> Finding {
    match enrolling::advice(mesh, pods) {
        Some(advice) => finding.with_fix(advice),
        None => finding,
    }
}

/// Namespaces whose value of `istio-injection` is meant to request injection, and excludes them (S141).
fn misspelt(mesh: &Mesh<'_>) -> Vec<Finding> {
    let indices = mesh.indices();
    let mut found = Vec::new();
    for read in &mesh.snapshot().namespaces {
        let Some(value) = read.labels().get(INJECTION).filter(|value| *value != "enabled" && indices.requests_injection(value)) else {
            continue;
        };
        if indices.namespace_dataplane(&read.id.name) != Dataplane::None {
            continue;
        }
        let message =
            format!("{} has {INJECTION}={value}, which excludes its pods from injection: only the value `enabled` requests it", read.id);
        let finding = Finding::about(&RULE, mesh.snapshot(), &read.id, FieldPath::of("metadata.labels").then(INJECTION), message);
        found.push(match indices.namespace_change(read.labels()) {
            Some(change) => {
                finding.with_fix(format!("Correct the label: `{}`; then recreate the pods.", enrolling::command(&read.id.name, &change)))
            }
            None => finding,
        });
    }
    found
}
