//! A call that another service gets, by positions.

use crate::{mesh::Claim, object::Text};

/// A claimed call, with the positions of the services.
#[derive(Debug)]
pub(in crate::mesh) struct ClaimedAt {
    pub(super) service: usize,
    pub(super) owner: usize,
    pub(super) port: u16,
    pub(super) claim: Claim,
    pub(super) clients: Option<Text>,
    pub(super) fails: bool,
    pub(super) leaves_mesh: bool,
}
