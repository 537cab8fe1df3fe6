//! Evaluates the mesh into findings: the rules and their shared code.

mod active_findings;
mod affected_pods;
mod block_advice;
mod by_cause;
mod by_entry;
mod check;
mod comparison;
mod filter;
mod finding;
mod fix_plan;
mod migration;
mod mode_advice;
mod page;
mod proxied_callers;
mod registry;
mod rule;
mod rules;
mod scope;
mod tls_blocks;

pub use active_findings::{active_findings, expired_suppressions};
pub use check::Check;
pub use comparison::{Comparison, compare};
pub use filter::{Adjustment, Adjustments, ConfigError, FindingConfig, is_known, matches, suppress};
pub use finding::{AffectedClients, Finding};
pub use fix_plan::{Fix, FixPlan, FixStep, Harm, Rejected, Weakening, fix_plan};
pub use migration::{
    IN_FORCE, MIGRATION, finding as migration_finding, possible_callers_refused, rule as migration_rule, rules as migration_rules,
};
pub use registry::{all_rules, can_run, find, mesh_rules, not_run, run, sort};
pub use rule::{Rule, Severity, Topic};
pub use rules::ALL;
pub use scope::{is_about, is_about_call, is_in_scope};
