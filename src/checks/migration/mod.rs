//! The rules about what breaks under STRICT. `migrate-check` finds what they speak of: it takes two states of a mesh, not one.

pub(crate) mod rules;

use super::Rule;

/// The rules of `migrate-check`, in the order of their identifiers.
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
