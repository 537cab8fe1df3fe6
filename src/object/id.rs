//! The identity of an object: kind, namespace and name.

use std::fmt;

use super::{Text, kind::Kind};

/// The identity of an object. Prints as `PeerAuthentication shop/default`, without the namespace for cluster-scoped kinds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    pub kind: Kind,
    /// Its namespace; empty for cluster-scoped kinds.
    pub namespace: Text,
    pub name: Text,
}

impl Id {
    /// An identity from its parts.
    #[must_use]
    pub fn new(kind: Kind, namespace: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self { kind, namespace: namespace.into(), name: name.into() }
    }

    /// `NAMESPACE/NAME`, as JSON and tables print a policy.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        if namespace.is_empty() { write!(f, "{kind} {name}") } else { write!(f, "{kind} {namespace}/{name}") }
    }
}
