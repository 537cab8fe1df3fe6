//! What breaks if a target becomes STRICT, for which clients, and in which steps can it be migrated?
//!
//! The policies that make the target STRICT are applied to a copy of what was read, and every call is evaluated again. What fails then
//! is a [`Blocker`]; if a port exception keeps it working, the step contains one (S191–S209).

mod blocker;
mod blockers;
mod by_address;
mod bypass;
mod conditions;
mod external_callers;
mod in_force;
mod open_ports;
mod plan;
mod policy;
mod possible;
mod servers;
mod target;
mod traffic;
mod waves;

pub use blocker::{Blocker, BlockerSubject, Confidence, MergeScope, MigrationCause, Today, describe_clients, merged};
pub use blockers::blockers;
pub use conditions::{Rollback, conditions, rollbacks};
pub use external_callers::describe_caller;
pub use in_force::{refused_callers, refused_callers_by_client, sidecars_without_hbone};
pub use open_ports::OpenPort;
pub use plan::{MigrationPlan, plan};
pub use policy::{
    Policy, existing_policy, mesh_policy, permissive_policies, snapshot_with_policies, strict_policies, with_port_exceptions,
};
pub use possible::{PossibleCaller, PossibleCallers, possible_callers};
pub use target::{Readiness, Target, readiness};
pub use traffic::{Assessments, with_traffic_evidence};
pub use waves::{RolloutStep, Wave, waves};
