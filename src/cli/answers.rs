//! Shows the answers about all meshes as one.

use std::collections::BTreeSet;

use super::{
    args::DisplayArgs,
    exit::{self, Exit, FailOn},
    load,
    output::Outputs,
};
use crate::{
    mesh::Mesh,
    object::Gap,
    report::document::meshes::{self, MeshDocument},
};

/// The answer about one mesh.
pub(super) struct Answer {
    pub(super) mesh: &'static Mesh<'static>,
    pub(super) gaps: Vec<Gap>,
    pub(super) document: MeshDocument,
}

/// The gaps of all meshes, in order and without repetition.
pub(super) fn each_once<'g>(gaps: impl IntoIterator<Item = &'g Gap>) -> Vec<Gap> {
    let mut seen = BTreeSet::new();
    gaps.into_iter().filter(|gap| seen.insert(*gap)).cloned().collect()
}

/// Prints the answers as one document, and returns the exit status: findings do not change it.
pub(super) fn show(all: Vec<Answer>, outputs: &Outputs, display: &DisplayArgs) -> anyhow::Result<Exit> {
    let gaps = each_once(all.iter().flat_map(|one| &one.gaps));
    let snapshot = all.first().map(|one| one.mesh.snapshot());
    if let Some(document) = meshes::joined(&all.into_iter().map(|one| one.document).collect::<Vec<_>>()) {
        if let Some(snapshot) = snapshot {
            load::warn(snapshot, &gaps, &document.header.assumptions, display);
        }
        outputs.write(&document)?;
    }
    Ok(exit::status([], FailOn::Never, !gaps.is_empty(), display.allow_gaps))
}
