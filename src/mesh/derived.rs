//! What follows from indices and workloads together and is computed on first use.

use std::sync::OnceLock;

use super::{
    call::Mismatch,
    client::{ClientClasses, InUse},
    external::Shown,
    pods::Membership,
};

/// Answers that few questions need and that are kept once computed. Nothing outside this room sees them without their
/// [`Mesh`](super::Mesh), so that none can be computed of a mesh whose workloads are not there yet.
#[derive(Debug, Default)]
pub(super) struct Derived {
    /// Places of the workloads by the hashes of their labels.
    pub(super) workloads_by_label: OnceLock<Vec<(u64, u32)>>,
    /// Whether istiod runs with ambient.
    pub(super) has_ambient: OnceLock<bool>,
    pub(super) client_classes: OnceLock<ClientClasses>,
    pub(super) possible_client_classes: OnceLock<ClientClasses>,
    /// Settings of rules that some client uses.
    pub(super) settings_in_use: OnceLock<InUse>,
    pub(super) mismatches: OnceLock<Vec<Mismatch>>,
    /// What each instance of each workload is to the mesh.
    pub(super) memberships: OnceLock<Vec<Vec<Membership>>>,
    pub(super) shown: OnceLock<Shown>,
}
