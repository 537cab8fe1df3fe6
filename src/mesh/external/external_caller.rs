//! A caller from outside the mesh.

use crate::{
    mesh::Wire,
    object::{FieldPath, Id},
};

/// Who calls from outside the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExternalCallerKind {
    /// The kubelet, which probes a container or calls a hook of it (S182–S187).
    Probe,
    /// A Prometheus (S188–S190).
    Scraper,
    /// The API server: admission and conversion webhooks, and APIs behind it (S195).
    ApiServer,
    /// Somebody outside the cluster, or an ingress controller (S196).
    Outside,
}

/// Somebody who calls a workload's port from outside the mesh, as configuration shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalCaller {
    /// Who calls.
    pub who: ExternalCallerKind,
    /// The workload's port, as the call reaches the pod.
    pub port: u16,
    /// What the call is made of: [`Wire::Plaintext`] or [`Wire::AppTls`].
    pub wire: Wire,
    /// The object that shows it.
    pub shown_by: Id,
    /// The field of that object.
    pub at: FieldPath,
    /// Whether configuration leaves no doubt that somebody calls; otherwise somebody only can.
    pub is_certain: bool,
    /// Whether it only opens a connection, as a `tcpSocket` probe does: a sidecar accepts that whatever stands behind it, so the
    /// call passes in every mode and says nothing of the application (S186).
    pub is_blind: bool,
    /// What it is, in one clause: `readiness probe of container app: GET /healthz`.
    pub message: String,
}
