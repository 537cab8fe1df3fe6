//! The rules about calls that break under STRICT. `migrate-check` evaluates them, because they compare two states of a mesh.

mod finding;
mod rules;

pub use finding::finding;

use super::Rule;
use crate::queries::migrate::Cause;

/// The rules of `migrate-check`, ordered by identifier.
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
    &rules::PLAINTEXT_SEEN,
    &rules::NO_EVIDENCE,
];

/// The rule for a cause.
#[must_use]
pub fn rule(cause: Cause) -> &'static Rule {
    match cause {
        Cause::WithoutProxy => &rules::CLIENT_WITHOUT_PROXY,
        Cause::HostNetwork => &rules::HOST_NETWORK_CLIENT,
        Cause::Probe => &rules::PROBE_NOT_REWRITTEN,
        Cause::Scraper => &rules::SCRAPED_APPLICATION_PORT,
        Cause::Webhook => &rules::WEBHOOK_BACKEND,
        Cause::Exposed => &rules::EXPOSED_PAST_THE_GATEWAY,
        Cause::PodIp => &rules::CALLED_BY_POD_IP,
        Cause::Hidden => &rules::HIDDEN_FROM_CLIENT,
        Cause::ClientRule => &rules::CLIENT_RULE_BLOCKS_STRICT,
        Cause::Bypass => &rules::OUTBOUND_BYPASS,
        Cause::NoTlsMode => &rules::SERVER_WITHOUT_TLS_MODE_LABEL,
        Cause::DataPlanes => &rules::DATA_PLANES_DO_NOT_MEET,
        Cause::Identity => &rules::FOREIGN_IDENTITY,
        Cause::Proxyless => &rules::PROXYLESS_CLIENT,
        Cause::PlaintextSeen => &rules::PLAINTEXT_SEEN,
        Cause::NoEvidence => &rules::NO_EVIDENCE,
    }
}

/// The rules that apply: those about traffic only if traffic was read.
pub fn rules(has_traffic: bool) -> impl Iterator<Item = &'static Rule> {
    MIGRATION.iter().copied().filter(move |rule| has_traffic || !rule.is_of_traffic())
}
