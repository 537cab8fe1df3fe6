//! A caller from outside the mesh, such as the kubelet or Prometheus.

use crate::{
    mesh::{ClientKind, SentAs},
    object::{FieldPath, Id},
};

/// The kind of a caller from outside the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExternalCallerKind {
    /// The kubelet, which probes a container or calls a hook of it (S182–S187).
    Probe,
    /// The same for a pod whose probes injection should have rewritten and did not, because another webhook added the container later, or
    /// because the setting is newer than the pod (S247).
    LateProbe,
    /// A Prometheus (S188–S190).
    Scraper,
    /// The API server: admission and conversion webhooks, and APIs behind it (S195).
    ApiServer,
    /// A client outside the cluster, or an ingress controller that was not read (S196).
    Outside,
    /// An ingress controller without a proxy that was read (S196).
    IngressController,
    /// An ingress controller with a sidecar, which calls the addresses of pods and not the Services that its proxy knows (S253).
    IngressSidecar,
    /// An ingress controller in ambient, whose calls reach the server without HBONE (S99).
    IngressAmbient,
}

impl ExternalCallerKind {
    /// The proxy that sends the call.
    #[must_use]
    pub fn proxy(self) -> ClientKind {
        match self {
            Self::IngressSidecar => ClientKind::Sidecar,
            Self::IngressAmbient => ClientKind::Ambient,
            Self::Probe | Self::LateProbe | Self::Scraper | Self::ApiServer | Self::Outside | Self::IngressController => ClientKind::None,
        }
    }
}

/// A caller of a workload's port from outside the mesh, derived from configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalCaller {
    /// The kind of caller.
    pub kind: ExternalCallerKind,
    /// The workload's port that receives the call.
    pub port: u16,
    /// What the caller sends: [`SentAs::Plaintext`] or [`SentAs::AppTls`].
    pub sent_as: SentAs,
    /// The object that defines the call.
    pub defined_by: Id,
    /// The field of that object.
    pub at: FieldPath,
    /// Whether the call certainly happens; otherwise it is only possible.
    pub is_certain: bool,
    /// Whether it only opens a connection, as a `tcpSocket` probe does: a sidecar accepts connections whatever is behind it, so the call
    /// succeeds in every mode and does not show whether the application works (S186).
    pub is_connect_only: bool,
    /// A short description: `readiness probe of container app: GET /healthz`.
    pub message: String,
}
