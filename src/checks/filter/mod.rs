//! Findings that an object's annotations or the project's configuration silence, or give another severity.

mod annotations;
mod codes;
mod config;

use k8s_openapi::jiff::{Timestamp, civil::Date, tz::TimeZone};

pub use codes::{is_known, matches};
pub use config::{Adjustment, Wrong};

pub(super) use annotations::{ANNOTATION, Entry, entries};

use super::Finding;
use crate::{mesh::Mesh, object::Snapshot};

/// The day on which the snapshot was taken, in UTC.
pub(super) fn today(snapshot: &Snapshot) -> Date {
    let taken = Timestamp::from_second(snapshot.taken_at).unwrap_or(Timestamp::UNIX_EPOCH);
    taken.to_zoned(TimeZone::UTC).date()
}

/// Takes out what is silenced on its subject or by the project's configuration, which gives the others their severities as well.
/// The result says how much is silenced.
#[must_use]
pub fn suppress(mesh: &Mesh<'_>, findings: Vec<Finding>) -> (Vec<Finding>, usize) {
    let snapshot = mesh.snapshot();
    let (findings, silenced) = annotations::without_annotated(mesh, findings);
    match snapshot.configuration.as_ref().map(Adjustment::of) {
        Some(Ok(adjustment)) => {
            let (findings, passed) = adjustment.apply(snapshot, findings);
            (findings, silenced + passed)
        }
        // What means nothing silences nothing.
        Some(Err(_)) | None => (findings, silenced),
    }
}
