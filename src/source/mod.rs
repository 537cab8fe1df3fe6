//! All input: manifests or a live cluster become a [`Snapshot`](crate::object::Snapshot).

pub mod baseline;
pub mod cluster;
pub mod configuration;
mod connection;
mod error;
pub mod manifest;
pub mod prometheus;

pub use connection::Connection;
pub use error::SourceError;
pub use manifest::{Place, locate};
