//! `kubectl mtls`: every question about mutual TLS in an Istio mesh, answered from manifests.
//!
//! Seven rooms, and the only ways between them:
//!
//! ```text
//!   source ──▶ object ◀── report        input            what was read        output
//!                ▲
//!              istio                    what one object means
//!                ▲
//!              mesh                     all of them together: who governs whom
//!              ▲   ▲
//!         checks   queries              findings         answers
//!
//!   cli sees every room; nobody sees cli.
//! ```
//!
//! `object`, `istio`, `mesh`, `checks` and `queries` are pure: no clock, no files, no network.
//! A test reads the `use` lines of every file and holds the drawing (`tests/it/architecture.rs`).

pub mod checks;
pub mod cli;
pub mod istio;
pub mod mesh;
pub mod object;
pub mod queries;
pub mod report;
pub mod source;
