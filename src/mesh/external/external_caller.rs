//! A caller from outside the mesh, such as the kubelet or Prometheus.

use crate::{
    mesh::SentAs,
    object::{FieldPath, Id},
};

/// The kind of a caller from outside the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExternalCallerKind {
    /// The kubelet, which probes a container or calls a hook of it (S182–S187).
    Probe,
    /// A Prometheus (S188–S190).
    Scraper,
    /// The API server: admission and conversion webhooks, and APIs behind it (S195).
    ApiServer,
    /// A client outside the cluster, or an ingress controller (S196).
    Outside,
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
