//! A call from outside the mesh that fails, by positions.

use super::external_caller::ExternalCaller;
use crate::mesh::Failure;

/// A call that fails, with the positions of the workload and the instance.
#[derive(Debug)]
pub(in crate::mesh) struct Refusal {
    pub(super) workload: usize,
    pub(super) instance: usize,
    pub(super) caller: ExternalCaller,
    pub(super) failure: Failure,
}
