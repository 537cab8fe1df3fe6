//! What breaks if a target becomes STRICT, for which clients, and in which steps can it be migrated?
//!
//! The policies that make the target STRICT are applied to a copy of what was read, and every call is evaluated again. What fails then
//! is a [`Blocker`]; if a port exception keeps it working, the step contains one (S191–S209).

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
