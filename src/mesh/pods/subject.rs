//! Identities of workloads and of other objects, including kinds that this tool does not read.

use std::{cmp::Ordering, fmt};

use crate::{
    istio::OwnerKind,
    object::{Id, Kind, Text},
};

/// The identity of a workload or any other subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Its namespace; empty for cluster-scoped objects.
    pub namespace: Text,
    pub kind: SubjectKind,
    pub name: Text,
}

/// The kind of a subject. Ordered by name, so that known and other kinds sort alphabetically together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A kind that this tool reads.
    Known(Kind),
    /// Another kind by name, such as a Rollout.
    Other(Text),
}

impl SubjectKind {
    /// The name as in the field `kind`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(kind) => kind.name(),
            Self::Other(name) => name,
        }
    }

    /// The kind, if this tool reads it.
    #[must_use]
    pub fn known(&self) -> Option<Kind> {
        match self {
            Self::Known(kind) => Some(*kind),
            Self::Other(_) => None,
        }
    }
}

impl Ord for SubjectKind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str()).then_with(|| self.known().cmp(&other.known()))
    }
}

impl PartialOrd for SubjectKind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Kind> for SubjectKind {
    fn from(kind: Kind) -> Self {
        Self::Known(kind)
    }
}

impl From<OwnerKind<'_>> for SubjectKind {
    fn from(kind: OwnerKind<'_>) -> Self {
        match kind {
            OwnerKind::Known(kind) => Self::Known(kind),
            OwnerKind::Node => Self::Other("Node".into()),
            OwnerKind::Other(name) => Self::Other(name.clone()),
        }
    }
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, kind, name } = self;
        if namespace.is_empty() { write!(f, "{kind} {name}") } else { write!(f, "{kind} {namespace}/{name}") }
    }
}

impl Subject {
    /// Its identity, if this tool reads its kind.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        Some(Id::new(self.kind.known()?, self.namespace.clone(), self.name.clone()))
    }

    /// The subject as the command line takes workloads: `NAMESPACE/KIND/NAME`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.namespace, self.kind, self.name)
    }
}

impl From<&Id> for Subject {
    fn from(id: &Id) -> Self {
        Self { namespace: id.namespace.clone(), kind: id.kind.into(), name: id.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_sort_by_name_and_an_owner_of_kind_gateway_is_of_the_gateway_api() {
        let mut kinds = ["StatefulSet", "Rollout", "Gateway", "Deployment"].map(|name| SubjectKind::from(OwnerKind::of(&name.into())));
        kinds.sort();
        assert_eq!(kinds.each_ref().map(ToString::to_string), ["Deployment", "Gateway", "Rollout", "StatefulSet"]);
        assert_eq!(kinds[1].known(), Some(Kind::KubernetesGateway));
        assert_ne!(kinds[1], Kind::Gateway.into());
        assert_eq!(kinds[2], SubjectKind::Other("Rollout".into()));
    }
}
