//! A duplicate object.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{DefectKind, Kind, Origin},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS004",
    name: "duplicate-object",
    severity: Severity::Warning,
    summary: "The input files contain the same object twice.",
    why: "Which of the two ends up in the cluster depends on the order in which they are applied. This tool uses the later one, as \
          `kubectl apply` does.",
    fix: "Keep one of them, or give them different names.",
    bad: include_str!("duplicate_object.bad.yaml"),
    good: include_str!("duplicate_object.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &[],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for defect in &mesh.snapshot().defects {
        if let DefectKind::DuplicateObject { earlier } = &defect.kind {
            let place = match earlier {
                Origin::File(place) => format!("{}, line {}", place.path, place.line),
                Origin::Cluster => "the cluster".into(),
            };
            let message = format!("{} was already read from {place}; this later one is used", defect.id);
            out.push(Finding::new(&RULE, (&defect.id).into(), defect.origin.clone(), defect.at.clone(), message));
        }
    }
}
