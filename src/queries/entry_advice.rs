//! What to write into the endpoint of an entry, so that clients use mTLS with the server behind it (S226, S228).

use std::collections::BTreeSet;

use crate::mesh::{EntryIdentity, TLS_MODE};

/// What to add to `at`; `None` if nothing makes every server accept what clients then send.
#[must_use]
pub fn declaration(identities: &BTreeSet<EntryIdentity>, at: &str) -> Option<String> {
    match common(identities)? {
        EntryIdentity::Account(account) => Some(format!("add `serviceAccount: {account}` to {at}")),
        EntryIdentity::Label | EntryIdentity::Nothing => Some(format!(
            "add the label `{TLS_MODE}: istio`, and no `serviceAccount`, to {at}: an account would be one of the entry's namespace, which is \
             not that of the servers (S226)"
        )),
    }
}

/// The change of what is declared at `at`, where clients do not accept the identity of the server.
#[must_use]
pub fn corrected_declaration(identities: &BTreeSet<EntryIdentity>, at: &str) -> Option<String> {
    match common(identities)? {
        EntryIdentity::Account(account) => Some(format!("set `serviceAccount: {account}` in {at}, the account that the server has")),
        EntryIdentity::Label | EntryIdentity::Nothing => Some(format!(
            "remove `serviceAccount` from {at}, and set the label `{TLS_MODE}: istio` there instead: a declared account is one of the entry's \
             namespace, which is not that of the servers (S226)"
        )),
    }
}

/// What applies to all servers: one account, or only the label.
fn common(identities: &BTreeSet<EntryIdentity>) -> Option<EntryIdentity> {
    match identities.first()? {
        _ if identities.contains(&EntryIdentity::Nothing) => None,
        one if identities.len() == 1 => Some(one.clone()),
        EntryIdentity::Account(_) | EntryIdentity::Label | EntryIdentity::Nothing => Some(EntryIdentity::Label),
    }
}
