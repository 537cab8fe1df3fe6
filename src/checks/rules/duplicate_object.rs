//! A duplicate object.

use std::collections::BTreeMap;

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{Defect, DefectKind, Kind, Origin, Text, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS004",
    name: "duplicate-object",
    severity: Severity::Warning,
    summary: "The input files contain the same object twice, with different contents.",
    why: "Which of the two ends up in the cluster depends on the order in which they are applied. This tool uses the later one, as \
          `kubectl apply` does.",
    fix: "Keep one of them, or give them different names.",
    bad: include_str!("duplicate_object.bad.yaml"),
    good: include_str!("duplicate_object.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &[],
};

/// An object that was read again, and where it was read before.
type Repetition<'d> = (&'d Defect, &'d Origin);

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut groups: BTreeMap<(&str, &str, &Text), Vec<Repetition<'_>>> = BTreeMap::new();
    for defect in &mesh.snapshot().defects {
        if let DefectKind::DuplicateObject { earlier } = &defect.kind {
            let key = (file(earlier), file(&defect.origin), &defect.id.namespace);
            groups.entry(key).or_default().push((defect, earlier));
        }
    }
    out.extend(groups.into_values().filter_map(|group| finding(&group)));
}

/// The finding about the objects of a namespace that a file repeats from another one.
fn finding(group: &[Repetition<'_>]) -> Option<Finding> {
    let ((first, earlier), others) = group.split_first()?;
    let place = match earlier {
        Origin::File(place) => format!("{}, line {}", place.path, place.line),
        Origin::Cluster => "the cluster".into(),
    };
    let others = || others.iter().map(|(defect, _)| &defect.id);
    let message = if others().next().is_none() {
        format!("{} was already read from {place}; this later one is used", first.id)
    } else {
        format!("{} was already read from {place}, and so were {}; these later ones are used", first.id, list_names(others()))
    };
    Some(Finding::new(&RULE, (&first.id).into(), first.origin.clone(), first.at.clone(), message).with_related(others()))
}

fn file(origin: &Origin) -> &str {
    match origin {
        Origin::File(place) => &place.path,
        Origin::Cluster => "",
    }
}
