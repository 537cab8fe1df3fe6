//! Which policies are in force for a workload, what its server enforces because of them, and why (S5–S17, S32–S41, S126–S134).

mod ambient;
mod policies;
mod selectors;
mod server;
mod trail;

pub use ambient::{AmbientDivergence, AmbientPolicy};
pub use policies::{Decision, Policies};
pub(super) use policies::{DecisionIndices, PolicyCoverage};
pub(super) use selectors::SelectorIndex;
pub use server::{Enforced, PortMode, Server};
pub use trail::{TrailOutcome, TrailStep};
