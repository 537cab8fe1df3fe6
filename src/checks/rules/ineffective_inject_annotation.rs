//! Labels and annotations that request a sidecar without effect.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads},
    mesh::{Mesh, NoProxyReason, SettingSource},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS304",
    name: "ineffective-inject-annotation",
    severity: Severity::Warning,
    summary: "A label or annotation requests a sidecar in a way that has no effect.",
    why: "The webhook is selected by labels, and in a namespace without labels only `sidecar.istio.io/inject: \"true\"` on the pod \
          itself takes effect. An annotation, another value, or any request in a namespace that opts out of injection leaves the pod \
          without a sidecar, and no error is reported.",
    fix: "Set the label `sidecar.istio.io/inject: \"true\"` in the pod template, or enrol the namespace.",
    bad: include_str!("ineffective_inject_annotation.bad.yaml"),
    good: include_str!("ineffective_inject_annotation.good.yaml"),
    inputs: &[Kind::Namespace],
    aka: &[],
    see: &["S137", "S141"],
};

const INJECT: &str = "sidecar.istio.io/inject";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let unsupported = affected_workloads(mesh, |instance, own| match own.state.no_proxy_reason() {
        Some(NoProxyReason::NamespaceOptedOut(_)) => instance.labels.has(INJECT, "true"),
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
            SettingSource::Pod | SettingSource::Default => {
                ("labels", format!("the label {label} of {who} has no effect: only the value true does"))
            }
        };
        out.push(unsupported.finding_at(&RULE, map, INJECT, message));
    }
}
