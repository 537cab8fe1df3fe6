//! Findings with their locations in files, and the changes that fix them.

use crate::{
    checks::Finding,
    cli::kubectl,
    mesh::Subject,
    object::{Kind, Patch},
    report::document as doc,
    source,
};

/// Converts findings and locates them in files.
pub(crate) fn findings(findings: &[Finding]) -> Vec<doc::Finding> {
    let places = source::locate(findings.iter().map(|finding| (&finding.origin, &finding.field_path)));
    let mut paths = source::RepositoryPaths::default();
    let present = |(finding, place): (&Finding, Option<source::Place>)| doc::Finding {
        rule: finding.rule.id,
        name: finding.rule.name,
        severity: finding.severity.into(),
        own_severity: finding.own_severity.into(),
        aka: finding.equivalent_codes.to_vec(),
        subject: subject(&finding.subject),
        field: finding.field_path.to_string(),
        message: finding.message.clone(),
        fix: finding.fix.clone().unwrap_or_else(|| finding.rule.fix.to_owned()),
        location: place.map(|place| {
            let in_repository = paths.relative(&place.file);
            location(place, in_repository)
        }),
        related: finding.related.iter().map(subject).collect(),
        fingerprint: finding.fingerprint(),
        affected: finding.extent().affected.into_iter().collect(),
        patch: finding.patch.as_ref().map(|one| patch(one, finding.is_weakened_by_patch)),
        mesh_name: None,
    };
    findings.iter().zip(places).map(present).collect()
}

/// The operations of a change, and the command that applies it.
fn patch(patch: &Patch, weakens: bool) -> doc::Patch {
    doc::Patch { operations: kubectl::operations(&patch.edit), command: kubectl::patch(patch), weakens }
}

pub(super) fn location(place: source::Place, in_repository: Option<String>) -> doc::Location {
    let source::Place { file, line, column, width, text } = place;
    doc::Location { file, in_repository, line, column, width, text }
}

pub(crate) fn subject(subject: &Subject) -> doc::Subject {
    doc::Subject {
        kind: subject.kind.to_string(),
        api_version: subject.kind.known().map(Kind::api_version),
        namespace: (!subject.namespace.is_empty()).then(|| subject.namespace.to_string()),
        name: subject.name.to_string(),
    }
}
