//! What an answer depends on: which kinds are asked for.

use crate::object::{Kind, Purpose};

/// Kinds that something asks for; `ConfigMaps` are read by name and never listed.
pub(super) fn listable() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| !kind.purposes().is_empty())
}

/// What an answer depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// All that says who is in the mesh and what governs it.
    #[default]
    All,
    /// The same, with templates that can be compared with manifests.
    Comparison,
    /// That, and whatever shows callers from outside the mesh.
    Migration,
    /// Policies, and the templates of the workloads they select; no pods and nothing that speaks of them.
    Policies,
    /// Workloads, what injects into them and what may be missing before them; nothing that clients look up.
    Workloads,
}

impl Kinds {
    /// The kinds to list.
    pub(super) fn listed(self) -> impl Iterator<Item = Kind> {
        listable().filter(move |kind| self.holds(*kind))
    }

    /// Whether probes and hooks matter.
    pub(super) fn wants_kubelet(self) -> bool {
        match self {
            Self::Comparison | Self::Migration => true,
            Self::All | Self::Policies | Self::Workloads => false,
        }
    }

    /// Whether a kind is listed that can be.
    pub(super) fn holds(self, kind: Kind) -> bool {
        let purposes = kind.purposes();
        match self {
            Self::All | Self::Comparison => purposes.contains(&Purpose::Calls),
            Self::Migration => true,
            Self::Policies => purposes.contains(&Purpose::Policies),
            Self::Workloads => purposes.contains(&Purpose::Workloads),
        }
    }
}
