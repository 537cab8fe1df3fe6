//! The day of the reading: no other clock is looked at.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::object::Snapshot;

/// The day on which the snapshot was taken, in UTC.
pub(in crate::checks) fn today(snapshot: &Snapshot) -> Date {
    let taken = Timestamp::from_second(snapshot.taken_at).unwrap_or(Timestamp::UNIX_EPOCH);
    taken.to_zoned(TimeZone::UTC).date()
}
