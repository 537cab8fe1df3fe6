//! The rules, one file each. The list below is the registry.

mod ambient_fail_open;
mod ambient_policy_ignored;
mod app_runs_as_proxy_user;
mod claimed_twice;
mod client_mtls_to_plaintext_server;
mod client_plaintext_to_strict;
mod client_rule_without_policy;
mod client_tls_to_strict;
mod conflicting_enrolment_labels;
mod credential_ignored_on_sidecar;
mod destination_not_found;
mod dropped_tls;
mod duplicate_key;
mod duplicate_mesh_policy;
mod duplicate_namespace_policy;
mod duplicate_object;
mod empty_tls_block;
mod entry_takes_a_port;
mod entry_without_identity;
mod external_entry_for_mesh_host;
mod filter_in_the_way;
mod foreign_tls_to_permissive_http;
mod headless_mixed_endpoints;
mod hidden_service;
mod host_network_workload;
mod identity_mismatch;
mod identity_policy_on_plaintext;
mod image_auto_without_injection;
mod ineffective_inject_annotation;
mod ineffective_sidecar_resource;
mod invalid_object;
mod missing_sidecar;
mod missing_tls_mode_label;
mod mixed_modes;
mod mtls_to_uncaptured_port;
mod mtls_without_client_rule;
mod multiple_injectors;
mod namespace_disable_strands_strict_workload;
mod namespace_outside_mesh;
mod needless_plaintext;
mod non_string_label;
mod not_captured_by_ambient;
mod orphan_destination_rule;
mod outdated_proxy;
mod overlapping_workload_policies;
mod permissive_workload;
mod plaintext_port;
mod plaintext_to_tls_server;
mod policy_beside_the_root;
mod policy_selects_nothing;
mod port_policy_misses_port;
mod root_selector_policy;
mod selector_rule_strands_clients;
mod server_first_permissive;
mod shadowed_destination_rule;
mod sidecar_and_ambient;
mod stale_suppression;
mod stray_tls_mode_label;
mod strict_does_not_cover_gateway;
mod uncaptured_inbound_port;
mod unenforced_policy;
mod unknown_revision;
mod unmerged_destination_rules;
mod unverified_server;

use super::{Check, check::nothing_undecided};

pub(super) use stale_suppression::RULE as STALE_SUPPRESSION;

/// The registry entry of one of the modules above.
macro_rules! check {
    ($rule:ident) => {
        Check { rule: &$rule::RULE, run: $rule::check, undecided: nothing_undecided }
    };
    ($rule:ident, undecided) => {
        Check { rule: &$rule::RULE, run: $rule::check, undecided: $rule::undecided }
    };
}

/// All checks, ordered by identifier.
pub const ALL: &[Check] = &[
    check!(invalid_object),
    check!(non_string_label),
    check!(stale_suppression),
    check!(duplicate_object),
    check!(duplicate_key),
    check!(duplicate_mesh_policy),
    check!(duplicate_namespace_policy),
    check!(overlapping_workload_policies),
    check!(policy_selects_nothing, undecided),
    check!(root_selector_policy),
    check!(port_policy_misses_port),
    check!(permissive_workload),
    check!(plaintext_port),
    check!(unenforced_policy),
    check!(namespace_disable_strands_strict_workload),
    check!(uncaptured_inbound_port),
    check!(mtls_to_uncaptured_port),
    check!(server_first_permissive),
    check!(ambient_policy_ignored),
    check!(ambient_fail_open),
    check!(app_runs_as_proxy_user),
    check!(filter_in_the_way),
    check!(strict_does_not_cover_gateway),
    check!(policy_beside_the_root),
    check!(client_plaintext_to_strict),
    check!(client_mtls_to_plaintext_server),
    check!(client_tls_to_strict),
    check!(foreign_tls_to_permissive_http),
    check!(needless_plaintext),
    check!(empty_tls_block),
    check!(dropped_tls),
    check!(orphan_destination_rule, undecided),
    check!(shadowed_destination_rule),
    check!(unmerged_destination_rules),
    check!(selector_rule_strands_clients),
    check!(credential_ignored_on_sidecar),
    check!(unverified_server),
    check!(mtls_without_client_rule),
    check!(client_rule_without_policy),
    check!(headless_mixed_endpoints),
    check!(external_entry_for_mesh_host),
    check!(hidden_service, undecided),
    check!(identity_mismatch),
    check!(identity_policy_on_plaintext),
    check!(mixed_modes),
    check!(destination_not_found),
    check!(plaintext_to_tls_server),
    check!(entry_takes_a_port),
    check!(claimed_twice),
    check!(entry_without_identity),
    check!(missing_sidecar),
    check!(namespace_outside_mesh),
    check!(conflicting_enrolment_labels),
    check!(ineffective_inject_annotation),
    check!(stray_tls_mode_label),
    check!(missing_tls_mode_label),
    check!(sidecar_and_ambient),
    check!(not_captured_by_ambient),
    check!(outdated_proxy),
    check!(unknown_revision),
    check!(multiple_injectors),
    check!(image_auto_without_injection),
    check!(host_network_workload),
    check!(ineffective_sidecar_resource),
];
