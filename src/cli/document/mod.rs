//! Converts query results into the JSON document: one file per document body.

pub(super) mod audit;
pub(super) mod call;
pub(super) mod diff;
pub(super) mod explain;
pub(super) mod finding;
pub(super) mod header;
pub(super) mod migrate;
pub(super) mod plan;
pub(super) mod policies;
pub(super) mod rules;
pub(super) mod sidecars;
mod traffic;
mod trail;
mod words;
