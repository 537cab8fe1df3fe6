//! What breaks if this goes STRICT, for whom, and in which steps to go?
//!
//! The policies that STRICT takes are laid over what is there, and every call is asked again. What fails then
//! is a [`Blocker`]; where a port exception keeps it working, the step has one (S191–S209).

mod blocker;
mod blockers;
mod conditions;
mod external_callers;
mod plan;
mod policy;
mod target;
mod traffic;
mod waves;

pub use blocker::{Blocker, Cause, Confidence, Shown, Within, clients, merged};
pub use blockers::blockers;
pub use conditions::{Rollback, conditions, rollbacks};
pub use plan::{MigrationPlan, plan};
pub use policy::{Policy, as_it_is, excepted, of_mesh, overlaid, relaxed, strict};
pub use target::{Ready, Target, ready};
pub use traffic::{Verdicts, weighed};
pub use waves::{Step, Wave, waves};
