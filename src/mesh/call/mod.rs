//! Whether a call succeeds: what the client sends against what the server accepts (S92–S96), and which calls do not match.

mod acceptance;
mod claimed_at;
mod claimed_calls;
mod declarable;
mod entry_identity;
mod entry_plaintext;
mod hidden_by_entry;
mod internal_location;
mod lost_tls;
mod mismatch;
mod mismatches;
mod plaintext_routes;
mod rule_change;
mod unread_gateways;
mod unread_services;
mod unread_workloads;
mod verdict;

pub use acceptance::Evaluation;
pub(super) use claimed_at::ClaimedAt;
pub use claimed_calls::ClaimedCall;
pub use declarable::EntryIdentity;
pub use entry_identity::PlaintextMachine;
pub use entry_plaintext::{EntryLack, PlaintextEntry};
pub use hidden_by_entry::HiddenByEntry;
pub use internal_location::InternalLocation;
pub use lost_tls::LostTls;
pub use mismatch::Mismatch;
pub use plaintext_routes::PlaintextRoute;
pub use rule_change::{ChangedCall, RuleChange};
pub use unread_services::HostScope;
pub use verdict::{Acceptance, CallProperties, Failure, SentAs, Verdict, verdict};
