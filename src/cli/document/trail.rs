//! What was looked at on the way to an answer, with its places in files.

use super::finding::location;
use crate::{
    mesh::{self, Mesh, Outcome},
    object::{FieldPath, Id, Origin},
    report::document as doc,
    source,
};

/// Something that was looked at, before it has a place.
pub(super) struct Step<'a> {
    /// The object.
    pub(super) object: Option<&'a Id>,
    /// Its field.
    pub(super) field: Option<&'a FieldPath>,
    /// What it says.
    pub(super) message: &'a str,
    /// What became of it.
    pub(super) outcome: Outcome,
}

/// Steps with their places in files: that of the field, else that of the object's name.
pub(super) fn steps(mesh: &Mesh<'_>, steps: &[Step<'_>]) -> Vec<doc::Step> {
    let name = FieldPath::of("metadata.name");
    let origin = |step: &Step<'_>| step.object.and_then(|id| mesh.snapshot().origin(id)).unwrap_or(&Origin::Cluster);
    let places = source::locate(steps.iter().map(|step| (origin(step), step.field.unwrap_or(&name))));
    let step = |(step, place): (&Step<'_>, Option<source::Place>)| doc::Step {
        object: step.object.map(ToString::to_string),
        field: step.field.map(ToString::to_string),
        message: step.message.to_owned(),
        outcome: step.outcome.into(),
        location: place.map(location),
    };
    steps.iter().zip(places).map(step).collect()
}

/// A trail with its places in files.
pub(super) fn trail(mesh: &Mesh<'_>, trail: &[mesh::Step]) -> Vec<doc::Step> {
    let mut all = Vec::new();
    for mesh::Step { object, field, message, outcome } in trail {
        all.push(Step { object: object.as_ref(), field: field.as_ref(), message, outcome: *outcome });
    }
    steps(mesh, &all)
}
