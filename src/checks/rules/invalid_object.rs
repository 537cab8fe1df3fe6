//! Objects that an API server or Istio's validating webhook would reject.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{Defect, DefectKind, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS001",
    name: "invalid-object",
    severity: Severity::Error,
    summary: "The API server or Istio's validating webhook would reject the object, or no API server serves its kind.",
    why: "A rejected object is not stored: the API server keeps the previous one, or none. If the webhook was off when the object \
          was applied, istiod ignores the invalid part, and the object does not protect what it appears to protect.",
    fix: "Change the field as the message states, then validate the object on the API server: `kubectl apply --dry-run=server -f FILE`.",
    bad: include_str!("invalid_object.bad.yaml"),
    good: include_str!("invalid_object.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::DestinationRule],
    aka: &["IST0106"],
    see: &["S1", "S2", "S4"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for error in mesh.indices().errors() {
        let message = format!("{}: {} at {}; expected: {}", error.id, error.value, error.at, error.expected);
        out.push(Finding::about(&RULE, mesh.snapshot(), &error.id, error.at.clone(), message));
    }
    out.extend(mesh.snapshot().defects.iter().filter_map(rejection));
}

fn rejection(defect: &Defect) -> Option<Finding> {
    let Defect { id, origin, at, kind } = defect;
    let (message, fix) = match kind {
        DefectKind::WrongType { error } => (format!("{id}: {error} at {at}"), None),
        DefectKind::UnknownField => {
            let fix = "Correct the spelling: kubectl rejects an unknown field, and the API server drops it.";
            (format!("{id}: unknown field {at}"), Some(fix))
        }
        DefectKind::UnknownVersion { api_version } if api_version.is_empty() => {
            let finding = Finding::new(&RULE, id.into(), origin.clone(), at.clone(), format!("{id}: no apiVersion"));
            return Some(finding.with_fix(format!("Set `apiVersion: {}`.", id.kind.api_version())));
        }
        DefectKind::UnknownVersion { api_version } => {
            (format!("{id}: version {api_version} is not served"), Some("Use version v1 of the API group."))
        }
        DefectKind::UnknownKind { api_version, kind } => return Some(unknown_kind(defect, api_version, kind)),
        DefectKind::NotAString { .. } | DefectKind::DuplicateKey | DefectKind::DuplicateObject { .. } => return None,
    };
    let finding = Finding::new(&RULE, id.into(), origin.clone(), at.clone(), message);
    Some(match fix {
        Some(fix) => finding.with_fix(fix),
        None => finding,
    })
}

fn unknown_kind(defect: &Defect, api_version: &str, kind: &str) -> Finding {
    let Defect { id, origin, at, .. } = defect;
    let with = if api_version.is_empty() { "no apiVersion".to_owned() } else { format!("apiVersion `{api_version}`") };
    let message = format!("{id}: unknown kind `{kind}` with {with}: no API server accepts it, and it has no effect");
    let fix = format!("Use `apiVersion: {}` and `kind: {}`, with the fields of that kind.", id.kind.api_version(), id.kind);
    Finding::new(&RULE, id.into(), origin.clone(), at.clone(), message).with_fix(fix)
}
