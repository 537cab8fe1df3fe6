//! The queries: one module each, from the mesh to an answer.

pub mod assumptions;
pub mod audit;
pub mod call_fixes;
pub mod compare;
pub mod diff;
mod effect;
pub mod enrol;
mod entry_advice;
pub mod evidence;
pub mod explain;
pub mod external_changes;
pub mod matrix;
pub mod migrate;
pub mod policies;
pub mod proxy_clusters;
pub mod reach;
mod scope;
pub mod sidecars;
mod states;
pub mod symptom;

pub use entry_advice::{corrected_declaration, declaration};
pub use scope::{Scope, is_system};
