//! The questions: one file each, from the mesh to an answer.

pub mod audit;
pub mod explain;
pub mod policies;
pub mod reach;
mod scope;
pub mod sidecars;

pub use scope::Scope;
