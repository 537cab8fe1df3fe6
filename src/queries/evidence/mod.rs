//! What traffic proves about a workload: plaintext, none of it, or nothing at all.

mod verdict;
mod why;

pub use verdict::{LIMITS, Lack, Traffic, TrafficVerdict, verdicts};
pub use why::{client, moment, why};
