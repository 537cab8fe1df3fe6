//! Label values that YAML does not read as strings.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{DefectKind, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS002",
    name: "non-string-label",
    severity: Severity::Error,
    summary: "YAML reads a label, annotation or selector value as a boolean or a number.",
    why: "Kubernetes reads YAML 1.1: `on`, `yes` and `0777` are not strings. The API server rejects the object, although the file \
          looks right and other tools may even match its selector.",
    fix: "Put the value in quotes.",
    bad: include_str!("non_string_label.bad.yaml"),
    good: include_str!("non_string_label.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &[],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for defect in &mesh.snapshot().defects {
        if let DefectKind::NotAString { read_as } = &defect.kind {
            let message = format!("{}: {} is {read_as}, not a string", defect.id, defect.at);
            out.push(Finding::new(&RULE, (&defect.id).into(), defect.origin.clone(), defect.at.clone(), message));
        }
    }
}
