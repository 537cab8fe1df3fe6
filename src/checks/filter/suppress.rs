//! Which findings are left once annotations and the configuration had their say.

use super::{FindingConfig, annotations::without_annotated};
use crate::{checks::Finding, mesh::Mesh};

/// Takes out what is silenced on its subject or by the project's configuration, which gives the others their severities as well.
/// The result says how much is silenced.
#[must_use]
pub fn suppress(mesh: &Mesh<'_>, findings: Vec<Finding>) -> (Vec<Finding>, usize) {
    let snapshot = mesh.snapshot();
    let (findings, silenced) = without_annotated(mesh, findings);
    match snapshot.configuration.as_ref().map(FindingConfig::of) {
        Some(Ok(adjustment)) => {
            let (findings, passed) = adjustment.apply(snapshot, findings);
            (findings, silenced + passed)
        }
        // What means nothing silences nothing.
        Some(Err(_)) | None => (findings, silenced),
    }
}
