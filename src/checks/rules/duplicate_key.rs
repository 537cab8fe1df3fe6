//! A duplicate key in one YAML mapping.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{DefectKind, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS005",
    name: "duplicate-key",
    severity: Severity::Warning,
    summary: "A YAML mapping contains the same key twice.",
    why: "Which of the two values applies is undefined, and tools disagree. This tool uses the last one.",
    fix: "Remove one of the two entries.",
    bad: include_str!("duplicate_key.bad.yaml"),
    good: include_str!("duplicate_key.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &[],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for defect in &mesh.snapshot().defects {
        if defect.kind == DefectKind::DuplicateKey {
            let message = format!("{}: duplicate key {}; the last value is used", defect.id, defect.at);
            out.push(Finding::new(&RULE, (&defect.id).into(), defect.origin.clone(), defect.at.clone(), message));
        }
    }
}
