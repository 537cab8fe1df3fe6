//! What traffic proves about a workload: plaintext, none of it, or nothing at all.

mod verdict;
mod why;

pub use verdict::{CAVEATS, MissingEvidence, TrafficAssessment, TrafficVerdict, assessments};
pub use why::{client, timestamp, why};
