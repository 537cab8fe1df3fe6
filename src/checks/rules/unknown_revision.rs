//! Revisions that no webhook serves, and webhooks whose Service is missing.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads, enrolling},
    mesh::{Mesh, NoProxyReason, OverriddenRevision, SettingSource},
    object::{FieldPath, Id, Kind, ShellCommand, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS310",
    name: "unknown-revision",
    severity: Severity::Error,
    summary: "A label requests injection by a revision or tag that no control plane serves or that another label overrides, or a webhook \
              calls a Service that does not exist.",
    why: "No webhook matches the label, so new pods get no sidecar although the namespace looks enrolled. Often a revision was \
          removed, or a tag was never set. A leftover webhook without its Service fails, and so does the creation of every pod for \
          which it is called. `istio-injection=enabled` requests the default revision or tag, and an installation with a named revision \
          may have neither. A revision that a pod requests has no effect if its namespace has a label of its own, which is reported as info.",
    fix: "Use a revision that is installed, or set the tag with `istioctl tag set`. Remove a webhook whose control plane is gone.",
    bad: include_str!("unknown_revision.bad.yaml"),
    good: include_str!("unknown_revision.good.yaml"),
    inputs: &[Kind::Namespace, Kind::MutatingWebhookConfiguration],
    aka: &["IST0139"],
    see: &["S138", "S142", "S165", "S256", "S257"],
};

const REVISION: &str = "istio.io/rev";
const INJECTION: &str = "istio-injection";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for read in &mesh.snapshot().namespaces {
        let labels = read.labels();
        // `istio-injection` overrides the revision (S138).
        let requested = labels.get(REVISION).filter(|_| labels.get("istio-injection").is_none());
        if let Some(revision) = requested.filter(|revision| !mesh.indices().serves_revision(revision)) {
            let message = format!("{} requests revision {revision}, which no webhook serves", read.id);
            let finding = Finding::about(&RULE, mesh.snapshot(), &read.id, FieldPath::of("metadata.labels").then(REVISION), message);
            out.push(with_requestable_revision(mesh, finding, &read.id, revision).with_equivalent_codes(&[]));
        }
    }
    out.extend(without_default_webhook(mesh));
    out.extend(mesh.overridden_revisions().iter().map(|overridden| of_overridden(overridden)));
    let is_of_pods = |reason: &NoProxyReason| matches!(reason, NoProxyReason::NoWebhook(label) if label.on == SettingSource::Pod && label.key == REVISION);
    for pods in affected_workloads(mesh, |_, own| own.state.no_proxy_reason().is_some_and(is_of_pods)) {
        let Some(label) = pods.membership.state.no_proxy_reason().and_then(NoProxyReason::label) else { continue };
        let message = format!("{} requests revision {}, which no webhook serves", pods.describe(), label.value);
        let finding = pods.finding_at(&RULE, "labels", REVISION, message);
        let finding = match (enrolling::advice(mesh, &pods), mesh.indices().requestable_revision()) {
            (Some(advice), Some((_, plane))) => finding.with_fix(format!("{advice} Or {}.", set_tag(&label.value, &plane))),
            (Some(advice), None) => finding.with_fix(advice),
            (None, _) => finding,
        };
        out.push(finding.with_equivalent_codes(&[]));
    }
    for (webhook, service) in mesh.indices().missing_webhook_services() {
        let message = format!("{} calls {service}, which does not exist: no control plane serves its revision", webhook.id);
        out.push(Finding::about(&RULE, mesh.snapshot(), webhook.id, FieldPath::of("webhooks"), message));
    }
}

/// The fix for a namespace: a revision that a webhook selects, or a tag that refers to a control plane that is installed.
fn with_requestable_revision(mesh: &Mesh<'_>, finding: Finding, id: &Id, requested: &str) -> Finding {
    let Some((revision, plane)) = mesh.indices().requestable_revision() else { return finding };
    let command = ShellCommand::new("kubectl label --overwrite namespace").name(id.name.as_str()).name(format!("{REVISION}={revision}"));
    let installed = list_names(mesh.indices().installed_revisions());
    finding.with_fix(format!(
        "Revisions and tags with a webhook: {installed}. Request one: `{command}`; or {}. Then recreate the pods.",
        set_tag(requested, &plane)
    ))
}

/// The command that makes a tag refer to a revision.
fn set_tag(tag: &str, revision: &str) -> String {
    let command = ShellCommand::new("istioctl tag set").name(tag).option("--revision", revision);
    format!("set the tag: `{command}`")
}

/// Namespaces that request the default revision, of which there is no webhook.
fn without_default_webhook(mesh: &Mesh<'_>) -> Vec<Finding> {
    if !mesh.indices().has_no_default_webhook() {
        return Vec::new();
    }
    let requests = mesh.snapshot().namespaces.iter().filter(|read| read.labels().has(INJECTION, "enabled"));
    let finding = |id: &Id| {
        let revision = mesh.indices().enrolling_revision();
        let message = format!("{id} requests injection with {INJECTION}=enabled, and no webhook is one of the default revision or tag");
        let command = ShellCommand::new("kubectl label --overwrite namespace")
            .name(id.name.as_str())
            .name(format!("{INJECTION}-"))
            .name(format!("{REVISION}={revision}"));
        let tag = mesh.indices().requestable_revision().map(|(_, plane)| format!("; or {}", set_tag("default", &plane)));
        let fix = format!("Replace the label: `{command}`{}. Then recreate the pods.", tag.unwrap_or_default());
        let at = FieldPath::of("metadata.labels").then(INJECTION);
        Finding::about(&RULE, mesh.snapshot(), id, at, message).with_fix(fix).with_equivalent_codes(&[])
    };
    requests.map(|read| finding(&read.id)).collect()
}

fn of_overridden(overridden: &OverriddenRevision<'_>) -> Finding {
    let OverriddenRevision { workload, requested, by, effective } = overridden;
    let effect = effective.map_or_else(|| "are not injected".to_owned(), |revision| format!("get revision {revision}"));
    let message = format!("{} requests revision {requested}, which {by} of its namespace overrides: new pods {effect}", workload.subject);
    let fix = format!(
        "Remove {} from the namespace or from the pods: a revision of pods applies only where the namespace has no label of its own.",
        by.key
    );
    Finding::about_workload(&RULE, workload, workload.metadata_field("labels", REVISION), message)
        .with_severity(Severity::Info)
        .with_fix(fix)
        .with_equivalent_codes(&[])
}
