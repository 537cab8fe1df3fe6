//! Pods into which several webhooks inject.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::{EnrolmentSetting, Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS311",
    name: "multiple-injectors",
    severity: Severity::Error,
    summary: "More than one injection webhook is called for the same pod.",
    why: "Each webhook adds its own proxy settings to the pod, and the last one wins or the pod is broken. The cause is two \
          installations that match one namespace, or a default tag beside a default revision that was not deactivated. It is a \
          warning if no existing pod is affected.",
    fix: "Deactivate one of the webhooks: remove the installation or tag that is not intended.",
    bad: include_str!("multiple_injectors.bad.yaml"),
    good: include_str!("multiple_injectors.good.yaml"),
    inputs: &[Kind::Namespace, Kind::MutatingWebhookConfiguration],
    aka: &["IST0139"],
    see: &["S138", "S142", "S165"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut claims: BTreeMap<Vec<&Id>, BTreeSet<&Subject>> = BTreeMap::new();
    for (workload, instance, _) in mesh.members().filter(|(_, instance, _)| instance.spec.is_some()) {
        let webhooks = mesh.indices().injectors(&workload.subject.namespace, &instance.labels);
        if webhooks.len() > 1 {
            claims.entry(webhooks).or_default().insert(&workload.subject);
        }
    }
    let contested = mesh.indices().contested_labels();
    let mut unclaimed: BTreeMap<&[&Id], &EnrolmentSetting> = BTreeMap::new();
    for (label, webhooks) in contested.iter().filter(|(_, webhooks)| !claims.contains_key(webhooks)) {
        unclaimed.entry(webhooks).or_insert(label);
    }
    for (webhooks, workloads) in &claims {
        let what = format!("are all called for pods of {}: {}", plural(workloads.len(), "workload"), list_names(workloads));
        let found = finding(mesh, webhooks, Severity::Error, &what);
        let related = |finding: &Finding| finding.related.iter().cloned().chain(workloads.iter().copied().cloned()).collect::<Vec<_>>();
        out.extend(found.map(|finding| Finding { related: related(&finding), ..finding }));
    }
    for (webhooks, label) in unclaimed {
        let what = format!("would all be called for a pod enrolled by the label {}={}", label.key, label.value);
        out.extend(finding(mesh, webhooks, Severity::Warning, &what));
    }
}

fn finding(mesh: &Mesh<'_>, webhooks: &[&Id], severity: Severity, what: &str) -> Option<Finding> {
    let (last, others) = webhooks.split_last()?;
    let message = format!("{last} and {} {what}", list_names(others));
    let finding = Finding::about(&RULE, mesh.snapshot(), last, FieldPath::of("webhooks"), message);
    Some(finding.with_severity(severity).with_related(others.iter().copied()))
}
