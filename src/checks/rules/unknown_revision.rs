//! Revisions that no webhook serves, and webhooks whose Service is missing.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads},
    mesh::{Mesh, NoProxyReason, SettingSource},
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS310",
    name: "unknown-revision",
    severity: Severity::Error,
    summary: "A label names a revision or tag that no control plane serves, or a webhook calls a Service that does not exist.",
    why: "No webhook matches the label, so new pods get no sidecar although the namespace looks enrolled. Often a revision was \
          removed, or a tag was never set. A leftover webhook without its Service fails, and so does the creation of every pod for \
          which it is called.",
    fix: "Use a revision that is installed, or set the tag with `istioctl tag set`. Remove a webhook whose control plane is gone.",
    bad: include_str!("unknown_revision.bad.yaml"),
    good: include_str!("unknown_revision.good.yaml"),
    inputs: &[Kind::Namespace, Kind::MutatingWebhookConfiguration],
    aka: &["IST0139"],
    see: &["S138", "S142", "S165"],
};

const REVISION: &str = "istio.io/rev";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for read in &mesh.snapshot().namespaces {
        let labels = read.labels();
        // `istio-injection` overrides the revision (S138).
        let requested = labels.get(REVISION).filter(|_| labels.get("istio-injection").is_none());
        if let Some(revision) = requested.filter(|revision| !mesh.indices().serves_revision(revision)) {
            let message = format!("{} requests revision {revision}, which no webhook serves", read.id);
            out.push(
                Finding::about(&RULE, mesh.snapshot(), &read.id, FieldPath::of("metadata.labels").then(REVISION), message)
                    .with_equivalent_codes(&[]),
            );
        }
    }
    let is_of_pods = |reason: &NoProxyReason| matches!(reason, NoProxyReason::NoWebhook(label) if label.on == SettingSource::Pod && label.key == REVISION);
    for pods in affected_workloads(mesh, |_, own| own.state.no_proxy_reason().is_some_and(is_of_pods)) {
        let Some(label) = pods.membership.state.no_proxy_reason().and_then(NoProxyReason::label) else { continue };
        let message = format!("{} requests revision {}, which no webhook serves", pods.describe(), label.value);
        out.push(pods.finding_at(&RULE, "labels", REVISION, message).with_equivalent_codes(&[]));
    }
    for (webhook, service) in mesh.indices().missing_webhook_services() {
        let message = format!("{} calls {service}, which does not exist: no control plane serves its revision", webhook.id);
        out.push(Finding::about(&RULE, mesh.snapshot(), webhook.id, FieldPath::of("webhooks"), message));
    }
}
