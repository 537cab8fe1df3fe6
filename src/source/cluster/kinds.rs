//! What an answer depends on: which kinds are asked for.

use crate::object::Kind;

/// Kinds that are listed; `ConfigMaps` are read by name.
pub(super) const LISTED: [Kind; 29] = [
    Kind::Namespace,
    Kind::Pod,
    Kind::Service,
    Kind::ReplicationController,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::ReplicaSet,
    Kind::Job,
    Kind::CronJob,
    Kind::EndpointSlice,
    Kind::MutatingWebhookConfiguration,
    Kind::PeerAuthentication,
    Kind::AuthorizationPolicy,
    Kind::DestinationRule,
    Kind::VirtualService,
    Kind::ServiceEntry,
    Kind::WorkloadEntry,
    Kind::WorkloadGroup,
    Kind::Sidecar,
    Kind::Gateway,
    Kind::EnvoyFilter,
    Kind::KubernetesGateway,
    Kind::ValidatingWebhookConfiguration,
    Kind::CustomResourceDefinition,
    Kind::APIService,
    Kind::Ingress,
    Kind::ServiceMonitor,
    Kind::PodMonitor,
];

/// Whether a kind shows nothing but callers from outside the mesh.
fn shows_strangers(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ValidatingWebhookConfiguration
            | Kind::CustomResourceDefinition
            | Kind::APIService
            | Kind::Ingress
            | Kind::ServiceMonitor
            | Kind::PodMonitor
    )
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
        LISTED.into_iter().filter(move |kind| self.holds(*kind))
    }

    /// Whether probes and hooks matter.
    pub(super) fn wants_kubelet(self) -> bool {
        match self {
            Self::Comparison | Self::Migration => true,
            Self::All | Self::Policies | Self::Workloads => false,
        }
    }

    pub(super) fn holds(self, kind: Kind) -> bool {
        match self {
            Self::Migration => true,
            _ if shows_strangers(kind) => false,
            Self::All | Self::Comparison => true,
            Self::Policies => !matches!(
                kind,
                Kind::Pod
                    | Kind::Service
                    | Kind::EndpointSlice
                    | Kind::EnvoyFilter
                    | Kind::Gateway
                    | Kind::AuthorizationPolicy
                    | Kind::VirtualService
            ),
            Self::Workloads => !matches!(
                kind,
                Kind::DestinationRule
                    | Kind::ServiceEntry
                    | Kind::EnvoyFilter
                    | Kind::Gateway
                    | Kind::KubernetesGateway
                    | Kind::AuthorizationPolicy
                    | Kind::VirtualService
            ),
        }
    }
}
