//! The steps of an evaluation, with their locations in files.

use super::finding::location;
use crate::{
    mesh::{self, Mesh, TrailOutcome},
    object::{FieldPath, Id, Origin},
    report::document as doc,
    source,
};

/// A step of an evaluation, before it is located in a file.
pub(super) struct Step<'a> {
    pub(super) object: Option<&'a Id>,
    /// The field of the object.
    pub(super) field: Option<&'a FieldPath>,
    pub(super) message: &'a str,
    pub(super) outcome: TrailOutcome,
}

/// Locates steps in files: at the field, else at the name of the object.
pub(super) fn steps(mesh: &Mesh<'_>, steps: &[Step<'_>]) -> Vec<doc::TrailStep> {
    let name = FieldPath::of("metadata.name");
    let origin = |step: &Step<'_>| step.object.and_then(|id| mesh.snapshot().origin(id)).unwrap_or(&Origin::Cluster);
    let places = source::locate(steps.iter().map(|step| (origin(step), step.field.unwrap_or(&name))));
    let step = |(step, place): (&Step<'_>, Option<source::Place>)| doc::TrailStep {
        object: step.object.map(ToString::to_string),
        field: step.field.map(ToString::to_string),
        message: step.message.to_owned(),
        outcome: step.outcome.into(),
        // No format of `explain` shows paths of the repository.
        location: place.map(|place| location(place, None)),
    };
    steps.iter().zip(places).map(step).collect()
}

/// Locates the steps of a trail in files.
pub(super) fn trail(mesh: &Mesh<'_>, trail: &[mesh::TrailStep]) -> Vec<doc::TrailStep> {
    let mut all = Vec::new();
    for mesh::TrailStep { object, field, message, outcome } in trail {
        all.push(Step { object: object.as_ref(), field: field.as_ref(), message, outcome: *outcome });
    }
    steps(mesh, &all)
}
