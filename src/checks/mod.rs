//! Evaluates the mesh into findings: the rules and their shared code.

mod affected_pods;
mod by_cause;
mod check;
mod comparison;
mod filter;
mod finding;
mod fix_plan;
mod in_force;
mod migration;
mod page;
mod registry;
mod rule;
mod rules;
mod scope;
mod tls_blocks;

pub use check::Check;
pub use comparison::{Comparison, compare};
pub use filter::{ConfigError, FindingConfig, is_known, matches, suppress};
pub use finding::{Clients, Finding};
pub use fix_plan::{Fix, FixPlan, FixStep, Rejected, fix_plan};
pub use in_force::{in_force, stale};
pub use migration::{MIGRATION, finding as migration_finding, rule as migration_rule, rules as migration_rules};
pub use registry::{can_run, every, find, not_run, of_mesh, run, sort};
pub use rule::{Rule, Severity, Topic};
pub use rules::ALL;
pub use scope::{is_about, is_about_call, is_in_scope};
