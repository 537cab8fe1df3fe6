//! The findings that remain after suppression by annotations and the configuration.

use super::{Adjustments, FindingConfig, annotations::remove_annotated};
use crate::{checks::Finding, mesh::Mesh};

/// Removes findings that annotations of their subject or the project's configuration suppress, and applies the severity overrides of the
/// configuration to the others. Also returns what was done to which rules.
#[must_use]
pub fn suppress(mesh: &Mesh<'_>, findings: Vec<Finding>) -> (Vec<Finding>, Adjustments) {
    let snapshot = mesh.snapshot();
    let (findings, by_annotations) = remove_annotated(mesh, findings);
    match snapshot.configuration.as_ref().map(FindingConfig::of) {
        Some(Ok(config)) => {
            let (findings, by_config) = config.apply(snapshot, findings);
            (findings, by_annotations.and(by_config))
        }
        // An invalid configuration suppresses nothing.
        Some(Err(_)) | None => (findings, by_annotations),
    }
}
