//! What an endpoint of an entry can declare about the server behind it (S226, S228).

use crate::object::Text;

/// What makes clients use mTLS with the server behind an endpoint that istiod does not join with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryIdentity {
    /// The service account of the server, which is in the namespace of the entry.
    Account(Text),
    /// The tlsMode label: an account would be one of the entry's namespace, and the server is in another (S226).
    Label,
    /// Nothing: the server does not accept the mTLS of sidecars.
    Nothing,
}
