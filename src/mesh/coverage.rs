//! What answers rest on, and whether all of it was read.

use std::collections::BTreeMap;

use super::control_plane::ControlPlanes;
use crate::object::{Coverage, Kind, Labels, Snapshot};

/// How much was read of the kinds that answers rest on. It is computed once, so that an answer with nothing missing costs one comparison.
#[derive(Clone, Debug)]
pub struct ReadCoverage {
    partial: BTreeMap<Kind, Coverage>,
    is_whole: bool,
    has_mesh_config: bool,
    has_several_revisions: bool,
}

/// Kinds that define endpoints and clients.
pub const WORKLOAD_KINDS: [Kind; 10] = [
    Kind::Pod,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::Job,
    Kind::CronJob,
    Kind::WorkloadEntry,
    Kind::WorkloadGroup,
];

/// Other kinds that modes and calls rest on.
const OTHER_KINDS: [Kind; 18] = [
    Kind::Namespace,
    Kind::Service,
    Kind::ConfigMap,
    Kind::EndpointSlice,
    Kind::MutatingWebhookConfiguration,
    Kind::PeerAuthentication,
    Kind::DestinationRule,
    Kind::VirtualService,
    Kind::ServiceEntry,
    Kind::Sidecar,
    Kind::Gateway,
    Kind::KubernetesGateway,
    Kind::BackendTLSPolicy,
    Kind::XBackendTrafficPolicy,
    Kind::HTTPRoute,
    Kind::GRPCRoute,
    Kind::TLSRoute,
    Kind::TCPRoute,
];

impl ReadCoverage {
    pub(super) fn new(snapshot: &Snapshot, control_planes: &ControlPlanes<'_>, istio_namespace: &str) -> Self {
        let mut partial = snapshot.coverage.clone();
        // ConfigMaps of a cluster are read by name, so they are in no list that could be incomplete.
        if snapshot.cluster.is_some() && snapshot.gaps.iter().any(|gap| gap.kind == Some(Kind::ConfigMap)) {
            partial.insert(Kind::ConfigMap, Coverage::Nothing);
        }
        // They are the slices that Kubernetes makes of them (S214).
        if let Some(lost) = partial.remove(&Kind::Endpoints) {
            partial.entry(Kind::EndpointSlice).and_modify(|all| *all = Coverage::Nothing).or_insert(lost);
        }
        let is_whole = !WORKLOAD_KINDS.iter().chain(&OTHER_KINDS).any(|kind| partial.contains_key(kind));
        let has_several_revisions = control_planes.settings().nth(1).is_some();
        let mut own = Self { partial, is_whole, has_mesh_config: true, has_several_revisions };
        // The Deployments of istiod name the ConfigMaps.
        own.has_mesh_config = own.covers(Kind::ConfigMap, istio_namespace) && own.covers(Kind::Deployment, istio_namespace);
        own
    }

    /// Whether all of every kind that modes and calls rest on was read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether all objects of a kind in a namespace were read.
    #[must_use]
    pub fn covers(&self, kind: Kind, namespace: &str) -> bool {
        self.partial.get(&kind).is_none_or(|coverage| coverage.contains(namespace))
    }

    /// Whether all objects of a kind were read.
    #[must_use]
    pub fn covers_all(&self, kind: Kind) -> bool {
        !self.partial.contains_key(&kind)
    }

    /// Whether the mesh configuration of every control plane was read.
    #[must_use]
    pub fn has_mesh_config(&self) -> bool {
        self.has_mesh_config
    }

    /// Whether the settings of every control plane were read.
    #[must_use]
    pub fn has_control_planes(&self) -> bool {
        // Webhooks name the revisions of tags.
        self.has_mesh_config && (!self.has_several_revisions || self.covers_all(Kind::MutatingWebhookConfiguration))
    }

    /// A kind that was not wholly read, if the settings of some control plane are unknown because of it.
    #[must_use]
    pub fn unread_of_control_planes(&self) -> Option<Kind> {
        let kinds = [Kind::ConfigMap, Kind::MutatingWebhookConfiguration];
        (!self.has_control_planes()).then(|| kinds.into_iter().find(|kind| !self.covers_all(*kind)).unwrap_or(Kind::Deployment))
    }

    /// Whether the labels of a namespace were read, or it certainly has no Namespace that could have some.
    #[must_use]
    pub fn covers_labels(&self, labels: Option<&Labels>) -> bool {
        labels.is_some() || self.covers_all(Kind::Namespace)
    }

    /// Whether the root namespace that applies to a namespace with these labels is known.
    pub(super) fn has_root(&self, labels: Option<&Labels>) -> bool {
        self.has_control_planes() && (!self.has_several_revisions || self.covers_labels(labels))
    }

    /// Whether every workload of a namespace was read.
    #[must_use]
    pub fn covers_workloads(&self, namespace: &str) -> bool {
        self.is_whole || WORKLOAD_KINDS.iter().all(|kind| self.covers(*kind, namespace))
    }

    /// Whether a pod created now would get what was computed: its webhook, its namespace's labels and the settings of istiod were read.
    #[must_use]
    pub fn covers_injection(&self, labels: Option<&Labels>) -> bool {
        self.is_whole || self.covers_all(Kind::MutatingWebhookConfiguration) && self.covers_labels(labels) && self.has_control_planes()
    }

    /// Whether the template of a workload was read, if its kind has one.
    #[must_use]
    pub fn covers_template(&self, namespace: &str, kind: Option<Kind>) -> bool {
        let owned = match kind {
            Some(Kind::Deployment) => Some(Kind::ReplicaSet),
            Some(Kind::CronJob) => Some(Kind::Job),
            _ => None,
        };
        kind.into_iter().chain(owned).all(|kind| self.covers(kind, namespace))
    }
}
