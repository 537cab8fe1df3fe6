//! Manifests: reads files and folders into objects, and locates fields of objects in files.

mod chunk;
pub(super) mod decode;
mod diagnose;
mod embedded;
pub(super) mod files;
pub(super) mod folder;
mod json;
mod other_document;
mod places;
mod rejected;
mod request;
pub(super) mod split;
mod unknown_kind;
mod validation;
pub mod yaml;

pub use files::read;
pub use places::{Place, locate};
pub use request::{MAX_FILE_SIZE, Request};
