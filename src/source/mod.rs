//! All input: manifests or a live cluster are read into a [`Snapshot`](crate::object::Snapshot), traffic into evidence.

pub mod baseline;
pub mod cluster;
pub mod configuration;
mod connection;
mod contexts;
mod error;
mod git;
mod http_body;
pub mod manifest;
pub mod program;
pub mod prometheus;
pub mod repository;

pub use connection::Connection;
pub use contexts::{Contexts, contexts};
pub use error::SourceError;
pub use http_body::BodyLimits;
pub use manifest::{Place, locate};
pub use repository::RepositoryPaths;
