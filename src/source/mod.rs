//! All input: manifests become a [`Snapshot`](crate::object::Snapshot).

mod decode;
mod diagnose;
mod documents;
mod embedded;
mod error;
pub mod files;
mod json;
mod pieces;
mod places;
pub mod yaml;

pub use error::SourceError;
pub use places::{Place, locate};
