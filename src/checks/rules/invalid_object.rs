//! Objects that Istio's schema or validating webhook would reject.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{Defect, DefectKind, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS001",
    name: "invalid-object",
    severity: Severity::Error,
    summary: "An object that Istio's schema or its validating webhook would refuse.",
    why: "A refused object is not there: the API server keeps the old one, or none. Where the webhook was off when it was \
          applied, istiod ignores the part that makes no sense, and what it protects is not what it says.",
    fix: "Change the field as the message says, then let the API server try it: `kubectl apply --dry-run=server -f FILE`.",
    bad: include_str!("invalid_object.bad.yaml"),
    good: include_str!("invalid_object.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::DestinationRule],
    aka: &["IST0106"],
    see: &["S1", "S2", "S4"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for error in mesh.indices().errors() {
        let message = format!("{}: {} at {}; wanted: {}", error.id, error.found, error.at, error.expected);
        out.push(Finding::about(&RULE, mesh.snapshot(), &error.id, error.at.clone(), message));
    }
    out.extend(mesh.snapshot().defects.iter().filter_map(refused));
}

fn refused(defect: &Defect) -> Option<Finding> {
    let Defect { id, origin, at, kind } = defect;
    let (message, fix) = match kind {
        DefectKind::WrongType { error } => (format!("{id}: {error} at {at}"), None),
        DefectKind::UnknownField => {
            let fix = "Correct the spelling: kubectl refuses an unknown field, and the API server drops it.";
            (format!("{id}: a {} has no field {at}", id.kind), Some(fix))
        }
        DefectKind::UnknownVersion { api_version } => (format!("{id}: {api_version} is not served"), Some("Use the group's v1.")),
        DefectKind::NotAString { .. } | DefectKind::DuplicateKey | DefectKind::DuplicateObject { .. } => return None,
    };
    let finding = Finding::at(&RULE, id.into(), origin.clone(), at.clone(), message);
    Some(match fix {
        Some(fix) => finding.fix(fix),
        None => finding,
    })
}
