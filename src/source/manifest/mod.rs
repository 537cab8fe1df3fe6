//! Manifests: from files and folders to objects, and from fields of objects back to their places.

mod chunk;
pub(super) mod decode;
mod diagnose;
mod embedded;
mod files;
mod json;
mod places;
mod request;
mod split;
pub mod yaml;

pub use files::read;
pub use places::{Place, locate};
pub use request::Request;
