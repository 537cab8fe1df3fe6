//! What traffic proves about a workload: plaintext, none of it, or nothing at all.

mod verdict;
mod why;

pub use verdict::{LIMITS, MissingEvidence, Traffic, TrafficVerdict, verdicts};
pub use why::{client, timestamp, why};
