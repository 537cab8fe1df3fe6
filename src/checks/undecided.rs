//! What a rule leaves open instead of guessing.

use crate::{mesh::Subject, object::Text};

/// Something that a rule cannot decide, because nothing of a namespace was read that it would need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The object that a finding would be about.
    pub about: Subject,
    /// The namespace.
    pub namespace: Text,
    /// What was not read, as a sentence.
    pub reason: &'static str,
}
