//! The rules about calls that break under STRICT: `migrate-check` evaluates them for a change, and the other commands, some of them, for a
//! STRICT that is in force.

mod finding;
mod in_force;
mod rules;

pub use finding::finding;
pub use in_force::{IN_FORCE, possible_callers_refused};

use super::Rule;
use crate::queries::migrate::MigrationCause;

/// The rules about STRICT, ordered by identifier.
pub const MIGRATION: &[&Rule] = &[
    &rules::CLIENT_WITHOUT_PROXY,
    &rules::HOST_NETWORK_CLIENT,
    &rules::PROBE_NOT_REWRITTEN,
    &rules::SCRAPED_APPLICATION_PORT,
    &rules::WEBHOOK_BACKEND,
    &rules::EXPOSED_PAST_THE_GATEWAY,
    &rules::CALLED_BY_POD_IP,
    &rules::HIDDEN_FROM_CLIENT,
    &rules::CLIENT_RULE_BLOCKS_STRICT,
    &rules::OUTBOUND_BYPASS,
    &rules::SERVER_WITHOUT_TLS_MODE_LABEL,
    &rules::DATA_PLANES_DO_NOT_MEET,
    &rules::FOREIGN_IDENTITY,
    &rules::PROXYLESS_CLIENT,
    &rules::POSSIBLE_CALLER_REFUSED,
    &rules::PLAINTEXT_SEEN,
    &rules::NO_EVIDENCE,
];

/// The rule for a cause.
#[must_use]
pub fn rule(cause: MigrationCause) -> &'static Rule {
    match cause {
        MigrationCause::WithoutProxy => &rules::CLIENT_WITHOUT_PROXY,
        MigrationCause::HostNetwork => &rules::HOST_NETWORK_CLIENT,
        MigrationCause::Probe | MigrationCause::LateProbe => &rules::PROBE_NOT_REWRITTEN,
        MigrationCause::Scraper => &rules::SCRAPED_APPLICATION_PORT,
        MigrationCause::Webhook => &rules::WEBHOOK_BACKEND,
        MigrationCause::Exposed => &rules::EXPOSED_PAST_THE_GATEWAY,
        MigrationCause::PodIp => &rules::CALLED_BY_POD_IP,
        MigrationCause::Hidden => &rules::HIDDEN_FROM_CLIENT,
        MigrationCause::ClientRule => &rules::CLIENT_RULE_BLOCKS_STRICT,
        MigrationCause::Bypass => &rules::OUTBOUND_BYPASS,
        MigrationCause::NoTlsMode => &rules::SERVER_WITHOUT_TLS_MODE_LABEL,
        MigrationCause::DataPlanes => &rules::DATA_PLANES_DO_NOT_MEET,
        MigrationCause::Identity => &rules::FOREIGN_IDENTITY,
        MigrationCause::Proxyless => &rules::PROXYLESS_CLIENT,
        MigrationCause::PlaintextSeen => &rules::PLAINTEXT_SEEN,
        MigrationCause::NoEvidence => &rules::NO_EVIDENCE,
    }
}

/// The rules that `migrate-check` applies: those about traffic only if traffic was read.
pub fn rules(has_traffic: bool) -> impl Iterator<Item = &'static Rule> {
    MIGRATION.iter().copied().filter(move |rule| has_traffic || !rule.is_of_traffic())
}
