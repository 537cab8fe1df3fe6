//! All input: manifests or a live cluster become a [`Snapshot`](crate::object::Snapshot).

pub mod baseline;
pub mod cluster;
pub mod configuration;
mod decode;
mod diagnose;
mod documents;
mod embedded;
mod error;
pub mod files;
mod json;
mod pieces;
mod places;
pub mod prometheus;
pub mod yaml;

pub use error::SourceError;
pub use places::{Place, locate};
