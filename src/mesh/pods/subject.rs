//! Names of workloads and of other objects, also of kinds that this tool never reads.

use std::fmt;

use crate::object::{Id, Text};

/// Who a workload or any other subject is. Its kind may be one that this tool never reads, such as a Rollout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Where it lies; empty outside namespaces.
    pub namespace: Text,
    /// What it is.
    pub kind: Text,
    /// What it is called.
    pub name: Text,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, kind, name } = self;
        if namespace.is_empty() { write!(f, "{kind} {name}") } else { write!(f, "{kind} {namespace}/{name}") }
    }
}

impl From<&Id> for Subject {
    fn from(id: &Id) -> Self {
        Self { namespace: id.namespace.clone(), kind: id.kind.name().into(), name: id.name.clone() }
    }
}
