//! Which kinds are listed for which command.

use crate::object::{Kind, Purpose};

/// Kinds that can be listed; `ConfigMaps` are read by name only.
pub(super) fn listable() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| !kind.purposes().is_empty())
}

/// Which kinds an answer depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// All kinds that determine mesh membership and mTLS, and those that reveal callers from outside the mesh.
    #[default]
    All,
    /// Those that determine the result of a call, in every namespace: its two sides can be in different ones.
    Call,
    /// All kinds, in every namespace.
    Comparison,
    /// Policies, the workloads that they select and the Services of their hosts; no endpoints and no routes.
    Policies,
    /// Workloads, their Services, and what injects into them; no configuration that only clients use.
    Workloads,
}

impl Kinds {
    /// The kinds to list.
    pub(super) fn listed(self) -> impl Iterator<Item = Kind> {
        listable().filter(move |kind| self.contains(*kind))
    }

    /// Whether probes and hooks are kept.
    pub(super) fn keeps_probes_and_hooks(self) -> bool {
        match self {
            Self::All | Self::Comparison => true,
            Self::Call | Self::Policies | Self::Workloads => false,
        }
    }

    /// Whether the answer depends on workloads of all namespaces, even if only some are in scope: their clients can be in any.
    pub(super) fn are_of_all_namespaces(self) -> bool {
        match self {
            Self::Call | Self::Comparison => true,
            Self::All | Self::Policies | Self::Workloads => false,
        }
    }

    /// Whether a listable kind is listed.
    pub(super) fn contains(self, kind: Kind) -> bool {
        let purposes = kind.purposes();
        match self {
            Self::All | Self::Comparison => true,
            Self::Call => purposes.contains(&Purpose::Calls),
            Self::Policies => purposes.contains(&Purpose::Policies),
            Self::Workloads => purposes.contains(&Purpose::Workloads),
        }
    }
}
