//! Namespaces with several conflicting enrolment labels.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::{Dataplane, Mesh},
    object::{FieldPath, Kind, Labels},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS303",
    name: "conflicting-enrolment-labels",
    severity: Severity::Warning,
    summary: "A namespace has more than one enrolment label, and only one of them takes effect.",
    why: "`istio-injection` overrides `istio.io/rev`, and a sidecar takes precedence over ambient. The other label suggests a \
          different revision or data plane than the pods get.",
    fix: "Keep the label for the intended revision or data plane, and remove the other.",
    bad: include_str!("conflicting_enrolment_labels.bad.yaml"),
    good: include_str!("conflicting_enrolment_labels.good.yaml"),
    inputs: &[Kind::Namespace],
    aka: &["IST0123"],
    see: &["S114", "S138"],
};

const INJECTION: &str = "istio-injection";
const REVISION: &str = "istio.io/rev";
const MODE: &str = "istio.io/dataplane-mode";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for read in &mesh.snapshot().namespaces {
        // A label that no webhook matches does not conflict with ambient: MTLS310 reports it.
        let is_ambient = mesh.indices().namespace_dataplane(&read.id.name) == Dataplane::Ambient;
        if let Some((key, what)) = conflict(read.labels()).filter(|(key, _)| *key != MODE || !is_ambient) {
            let message = format!("{} has {what}", read.id);
            out.push(Finding::about(&RULE, mesh.snapshot(), &read.id, FieldPath::of("metadata.labels").then(key), message));
        }
    }
}

/// The label without effect, and the text of the conflict.
fn conflict(labels: &Labels) -> Option<(&'static str, String)> {
    let value = |key| labels.get(key).map(|value| format!("{key}={value}"));
    let (injection, revision) = (value(INJECTION), value(REVISION));
    // Disabling injection and enabling ambient is not a conflict.
    if injection.is_some() && !labels.has(INJECTION, "enabled") {
        return None;
    }
    match (injection, revision, labels.has(MODE, "ambient")) {
        (Some(injection), Some(revision), _) => Some((REVISION, format!("{injection} and {revision}: the revision label has no effect"))),
        (Some(one), None, true) | (None, Some(one), true) => {
            Some((MODE, format!("{one} and {MODE}=ambient: new pods get a sidecar and are not enrolled in ambient")))
        }
        (_, _, false) | (None, None, true) => None,
    }
}
