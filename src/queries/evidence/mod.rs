//! What traffic proves about a workload: plaintext, none of it, or nothing at all.

mod verdict;

pub use verdict::{LIMITS, Lack, Traffic, TrafficVerdict, verdicts};
