//! `kubectl mtls` answers questions about mutual TLS in an Istio mesh, from a cluster or from manifests.
//!
//! Eight modules, and the only dependencies between them:
//!
//! ```text
//!   source ──▶ object ◀── report        input            what was read        output
//!                ▲
//!              istio                    the meaning of one object
//!                ▲
//!              mesh                     all objects together: which policy applies to which workload
//!                ▲
//!             queries                   answers
//!                ▲
//!              checks                   findings
//!
//!   cli uses every module; no module uses cli.
//! ```
//!
//! `object`, `istio`, `mesh`, `checks` and `queries` are pure: no clock, no files, no network.
//! `tests/it/architecture.rs` enforces both: it reads the paths in `use` lines and in code of every file.

pub mod checks;
pub mod cli;
pub mod istio;
pub mod mesh;
pub mod object;
pub mod queries;
pub mod report;
pub mod source;
