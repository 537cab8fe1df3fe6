//! Manifests: reads files and folders into objects, and locates fields of objects in files.

mod chunk;
pub(super) mod decode;
mod diagnose;
mod embedded;
mod files;
mod folder;
mod json;
mod places;
mod rejected;
mod request;
mod split;
mod unknown_kind;
mod validation;
pub mod yaml;

pub use files::read;
pub use places::{Place, locate};
pub use request::{MAX_FILE_SIZE, Request};
