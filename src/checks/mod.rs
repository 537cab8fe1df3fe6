//! The rules: one file each, from the mesh to findings. The list below is the registry.

mod adjustment;
mod example;
mod finding;
mod members;
mod migration;
mod mismatch;
mod rule;
mod suppression;
mod tls_blocks;

pub use adjustment::{Adjustment, Wrong};
pub use finding::{Clients, Finding};
pub use migration::MIGRATION;
pub use rule::{Rule, Severity};
pub use suppression::{is_known, matches, suppress};

use crate::{mesh::Mesh, object::Seen};

/// A rule and the function that applies it.
#[derive(Debug)]
pub struct Check {
    /// What it is about.
    pub rule: &'static Rule,
    /// How it looks.
    pub run: fn(&Mesh<'_>, &mut Vec<Finding>),
}

macro_rules! checks {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// Every check, in the order of their identifiers.
        pub const ALL: &[Check] = &[$(Check { rule: &$module::RULE, run: $module::check }),*];
    };
}

checks! {
    invalid_object,
    non_string_label,
    stale_suppression,
    duplicate_object,
    duplicate_key,
    duplicate_mesh_policy,
    duplicate_namespace_policy,
    overlapping_workload_policies,
    policy_selects_nothing,
    root_selector_policy,
    port_policy_misses_port,
    permissive_workload,
    plaintext_port,
    unenforced_policy,
    namespace_disable_strands_strict_workload,
    uncaptured_inbound_port,
    mtls_to_uncaptured_port,
    server_first_permissive,
    ambient_policy_ignored,
    ambient_fail_open,
    app_runs_as_proxy_user,
    filter_in_the_way,
    strict_does_not_cover_gateway,
    client_plaintext_to_strict,
    client_mtls_to_plaintext_server,
    client_tls_to_strict,
    foreign_tls_to_permissive_http,
    needless_plaintext,
    empty_tls_block,
    dropped_tls,
    orphan_destination_rule,
    shadowed_destination_rule,
    unmerged_destination_rules,
    selector_rule_strands_clients,
    credential_ignored_on_sidecar,
    unverified_server,
    mtls_without_client_rule,
    client_rule_without_policy,
    headless_mixed_endpoints,
    external_entry_for_mesh_host,
    hidden_service,
    identity_mismatch,
    identity_policy_on_plaintext,
    mixed_modes,
    missing_sidecar,
    namespace_outside_mesh,
    conflicting_enrolment_labels,
    ineffective_inject_annotation,
    stray_tls_mode_label,
    missing_tls_mode_label,
    sidecar_and_ambient,
    not_captured_by_ambient,
    outdated_proxy,
    unknown_revision,
    multiple_injectors,
    image_auto_without_injection,
    host_network_workload,
    ineffective_sidecar_resource,
}

/// A rule by id or name.
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    let is_it = |rule: &Rule| rule.id.eq_ignore_ascii_case(code) || rule.name.eq_ignore_ascii_case(code);
    every().find(|rule| is_it(rule))
}

/// Every rule, whichever command applies it.
pub fn every() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().map(|check| check.rule).chain(MIGRATION.iter().copied())
}

/// Whether something was looked at of every kind that a rule needs; without that it could only guess.
#[must_use]
pub fn can_run(mesh: &Mesh<'_>, rule: &Rule) -> bool {
    !rule.inputs.iter().any(|kind| mesh.snapshot().seen.get(kind) == Some(&Seen::Nothing))
}

/// Applies the rules that are wanted and can run: findings by severity, then by rule, subject and field.
#[must_use]
pub fn run(mesh: &Mesh<'_>, is_wanted: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in ALL.iter().filter(|check| is_wanted(check.rule) && can_run(mesh, check.rule)) {
        (check.run)(mesh, &mut findings);
    }
    sort(&mut findings);
    findings
}

/// Puts findings in order: the worst first, then by rule, subject and field.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &'_ Finding| (std::cmp::Reverse(f.severity), f.rule.id);
        key(a).cmp(&key(b)).then_with(|| (&a.subject, &a.at, &a.message).cmp(&(&b.subject, &b.at, &b.message)))
    });
}
