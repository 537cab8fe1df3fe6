//! The date of the snapshot, used in place of a clock.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::object::Snapshot;

/// The date in UTC on which the snapshot was taken.
pub(in crate::checks) fn today(snapshot: &Snapshot) -> Date {
    let taken = Timestamp::from_second(snapshot.taken_at).unwrap_or(Timestamp::UNIX_EPOCH);
    taken.to_zoned(TimeZone::UTC).date()
}
