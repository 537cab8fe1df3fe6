//! Metadata of an object, and the owners that it names.

use crate::object::{HasMetadata, Kind, Labels, Read, Text, wire};

/// Metadata of an object or of a pod template.
#[derive(Clone, Copy, Debug)]
pub struct Metadata<'s>(pub(super) &'s wire::Meta);

/// An owner of an object, in the same namespace.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'s> {
    /// What it is.
    pub kind: OwnerKind<'s>,
    pub name: &'s Text,
}

/// The kind of an owner, which a reference names without its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerKind<'s> {
    /// A Node: the pod is a static one of its kubelet.
    Node,
    /// A kind that this tool reads.
    Known(Kind),
    /// Another kind by its word, such as a Rollout.
    Other(&'s Text),
}

impl<'s> Metadata<'s> {
    /// The metadata of an object that was read.
    #[must_use]
    pub fn of(read: &'s Read<impl HasMetadata>) -> Self {
        Self(read.meta())
    }

    #[must_use]
    pub fn labels(self) -> &'s Labels {
        &self.0.labels
    }

    /// Annotations, as far as this tool reads them.
    #[must_use]
    pub fn annotations(self) -> &'s Labels {
        &self.0.annotations
    }

    pub fn owners(self) -> impl Iterator<Item = Owner<'s>> {
        self.0.owner_references.iter().map(Owner::of)
    }

    /// The owner that manages the object, else the first.
    #[must_use]
    pub fn manager(self) -> Option<Owner<'s>> {
        let owners = &self.0.owner_references;
        owners.iter().find(|owner| owner.controller.0).or(owners.first()).map(Owner::of)
    }

    /// Whether both have owners, and the same.
    #[must_use]
    pub fn shares_owners(self, other: Metadata<'_>) -> bool {
        !self.0.owner_references.is_empty() && self.0.owner_references == other.0.owner_references
    }
}

impl<'s> Owner<'s> {
    fn of(owner: &'s wire::Owner) -> Self {
        Self { kind: OwnerKind::of(&owner.kind), name: &owner.name }
    }
}

impl<'s> OwnerKind<'s> {
    /// The kind that a reference names by this word.
    #[must_use]
    pub fn of(name: &'s Text) -> Self {
        match Kind::of_owner(name) {
            Some(kind) => Self::Known(kind),
            None if name == "Node" => Self::Node,
            None => Self::Other(name),
        }
    }
}
