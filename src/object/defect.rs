//! What is wrong with an object as it was written, whatever it means.

use super::{FieldPath, Id, Origin};

/// Something in a manifest that the API server would refuse, or that does not say what it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Whose manifest it is.
    pub id: Id,
    /// Where that was read.
    pub origin: Origin,
    /// The field.
    pub at: FieldPath,
    /// What is wrong.
    pub flaw: Flaw,
}

/// The ways a manifest can be wrong before it means anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A label, annotation or selector value is no string to YAML, although it looks like one.
    NotAString {
        /// What YAML makes of it: ``boolean `true` ``.
        read_as: String,
    },
    /// A mapping holds a key twice.
    RepeatedKey,
    /// A field has a value of a type that the kind's schema refuses; the object was left out.
    WrongType {
        /// What was said against it.
        because: String,
    },
    /// The kind's schema has no such field; it was passed over.
    UnknownField,
    /// The version of the API group is not served.
    UnknownVersion {
        /// The `apiVersion` as written.
        said: String,
    },
    /// The same object was read before; this later one counts, as it would when applied.
    Repeated {
        /// Where the earlier one was read.
        earlier: Origin,
    },
}
