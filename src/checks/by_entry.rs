//! Findings about `ServiceEntries` that make clients send plaintext to mesh workloads, one for each entry.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Rule, Severity, by_cause::describe_clients};
use crate::{
    mesh::{EntryIdentity, EntryLack, Mesh, PlaintextEntry, Subject},
    object::{FieldPath, Id, list_names},
};

/// The calls of one entry that are sent in plaintext.
pub(super) struct EntryCalls<'m> {
    pub(super) id: &'m Id,
    /// The Services with the same hosts.
    pub(super) displaced: BTreeSet<&'m Id>,
    /// Its hosts and ports.
    pub(super) places: BTreeSet<String>,
    /// The mesh workloads behind them.
    pub(super) servers: BTreeSet<Subject>,
    /// What their endpoints would have to declare.
    pub(super) identities: BTreeSet<EntryIdentity>,
    clients: BTreeSet<String>,
    fails: bool,
    is_undetermined: bool,
}

/// The entries that lack this.
pub(super) fn entries<'m>(mesh: &Mesh<'m>, lack: EntryLack) -> Vec<EntryCalls<'m>> {
    let mut entries: BTreeMap<&Id, Vec<PlaintextEntry<'_>>> = BTreeMap::new();
    for one in mesh.plaintext_entries(lack) {
        entries.entry(one.entry).or_default().push(one);
    }
    let calls = |(id, found): (&'m Id, Vec<PlaintextEntry<'m>>)| EntryCalls {
        id,
        displaced: found.iter().filter_map(|one| one.displaced).collect(),
        places: found.iter().map(|one| format!("{}:{}", one.service.0, one.service.1)).collect(),
        clients: found.iter().map(|one| describe_clients(one.clients.as_ref())).collect(),
        fails: found.iter().any(|one| one.fails),
        is_undetermined: found.iter().all(|one| one.is_undetermined),
        identities: found.iter().flat_map(|one| &one.identities).cloned().collect(),
        servers: found.into_iter().flat_map(|one| one.servers).collect(),
    };
    entries.into_iter().map(calls).collect()
}

impl EntryCalls<'_> {
    /// A finding about a field of the entry: an error if calls fail, else a warning. The message goes on with what clients send.
    pub(super) fn finding(&self, mesh: &Mesh<'_>, rule: &'static Rule, at: FieldPath, message: &str) -> Finding {
        let sent = match (self.fails, self.is_undetermined) {
            (true, _) => "clients send plaintext, and calls fail",
            (false, true) => "it is not determined whether clients send plaintext (S228)",
            (false, false) => "clients send plaintext",
        };
        let message = format!("{message}: {sent}");
        self.about(mesh, rule, at, &message, self.fails)
    }

    /// A finding about a field of the entry for calls that fail before anything is sent.
    pub(super) fn failing(&self, mesh: &Mesh<'_>, rule: &'static Rule, at: FieldPath, message: &str) -> Finding {
        self.about(mesh, rule, at, message, true)
    }

    fn about(&self, mesh: &Mesh<'_>, rule: &'static Rule, at: FieldPath, message: &str, fails: bool) -> Finding {
        let message = format!("{message}; clients: {}", list_names(&self.clients));
        let related: BTreeSet<Subject> = self.servers.iter().cloned().chain(self.displaced.iter().map(|id| Subject::from(*id))).collect();
        Finding::about(rule, mesh.snapshot(), self.id, at, message)
            .with_severity(if fails { Severity::Error } else { Severity::Warning })
            .with_related(related)
    }
}
