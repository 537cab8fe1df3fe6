//! Defects of a single manifest, found before Istio's rules are applied.

use super::{FieldPath, Id, Origin};

/// Something in a manifest that the API server would reject, or that is read differently from what it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The object whose manifest it is.
    pub id: Id,
    /// The place where the manifest was read.
    pub origin: Origin,
    pub at: FieldPath,
    /// What is wrong.
    pub kind: DefectKind,
}

/// The defects that a manifest can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefectKind {
    /// A label, annotation or selector value looks like a string, but YAML reads it as another type.
    NotAString {
        /// The type and value that YAML reads: ``boolean `true` ``.
        read_as: String,
    },
    /// A mapping contains a key twice.
    DuplicateKey,
    /// A field has a value of a type that the kind's schema rejects; the object was skipped.
    WrongType {
        /// The decoder's error message.
        error: String,
    },
    /// The kind's schema has no such field; the field was ignored.
    UnknownField,
    /// The API group does not serve this version.
    UnknownVersion {
        /// The `apiVersion` as written.
        api_version: String,
    },
    /// No API server serves this kind, but the object was most likely meant for the kind of its identity.
    UnknownKind {
        /// The `apiVersion` as written.
        api_version: String,
        /// The `kind` as written.
        kind: String,
    },
    /// The same object was read before; the later one is used, as if both were applied in order.
    DuplicateObject {
        /// The place where the earlier one was read.
        earlier: Origin,
    },
}
