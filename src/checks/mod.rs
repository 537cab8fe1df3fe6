//! Evaluates the mesh into findings: the rules and their shared code.

mod active_findings;
mod affected_pods;
mod assumed_namespaces;
mod block_advice;
mod by_cause;
mod by_enrolment;
mod by_entry;
mod check;
mod comparison;
mod enrolling;
mod extent;
mod filter;
mod finding;
mod fix_plan;
mod migration;
mod missing_destination;
mod mode_advice;
mod not_applied;
mod page;
mod proxied_callers;
mod registry;
mod rule;
mod rules;
mod scope;
mod tls_blocks;
mod undecided;

pub use active_findings::{active_findings, expired_suppressions};
pub use check::Check;
pub use comparison::{Comparison, compare};
pub use extent::Extent;
pub use filter::{Adjustment, Adjustments, ConfigError, FindingConfig, is_known, matches, suppress};
pub use finding::{AffectedClients, Finding};
pub use fix_plan::{Fix, FixPlan, FixStep, Harm, Rejected, Weakening, fix_plan};
pub use migration::{
    IN_FORCE, MIGRATION, finding as migration_finding, possible_callers_refused, rule as migration_rule, rules as migration_rules,
};
pub use not_applied::{NotApplied, can_run, not_applied};
pub use registry::{all_rules, find, mesh_rules, run, sort};
pub use rule::{Rule, Severity, Topic};
pub use rules::ALL;
pub use scope::{is_about, is_about_call, is_in_scope};
pub use undecided::Undecided;
