//! The document from which every output is drawn: the JSON schema, version 1, as plain data.
//!
//! Fields can be added, but are never renamed or removed; an absent value is `null` or an empty list.

pub mod analysis;
pub mod audit;
pub mod call;
pub mod diff;
pub mod explain;
mod finding;
mod header;
pub mod meshes;
pub mod migrate;
pub mod plan;
pub mod policies;
pub mod rules;
pub mod sidecars;
mod trail;
pub mod words;

use serde::Serialize;

use analysis::Analysis;
use audit::Audit;
use call::Call;
use explain::Explanation;
use plan::Plan;
use policies::Policies;
use rules::{Catalogue, Rule};
use sidecars::Sidecars;

pub use finding::{Finding, Location, Patch, Severities, Subject};
pub use header::{
    Adjustment, Assumption, Built, ControlPlane, Gap, Gate, Header, Mesh, NamedMesh, NotApplied, NotEntered, Paths, Read, Source,
};
pub use trail::TrailStep;
pub use words::AdjustedBy;

/// A complete output.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Document {
    /// The fields that all documents share.
    #[serde(flatten)]
    pub header: Header,
    /// The result of the command.
    #[serde(flatten)]
    pub body: Body,
    /// The documents of the meshes, if there are several: tables show them one after another.
    #[serde(skip)]
    pub parts: Vec<Self>,
}

impl Document {
    /// The document of one mesh.
    #[must_use]
    pub fn new(header: Header, body: Body) -> Self {
        Self { header, body, parts: Vec::new() }
    }
}

/// The result of a command.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Body {
    /// `audit`.
    Audit(Audit),
    /// `analyze`.
    Analysis(Analysis),
    /// `explain WORKLOAD`.
    Explanation(Box<Explanation>),
    /// `explain FROM TO`.
    Call(Box<Call>),
    /// `explain MTLSnnn`.
    Rule(Rule),
    /// `analyze --list-rules`.
    Catalogue(Catalogue),
    /// `analyze --fix-plan`.
    Plan(Plan),
    /// `policies`.
    Policies(Policies),
    /// `sidecars`.
    Sidecars(Sidecars),
    /// `migrate-check`.
    Migration(migrate::Migration),
    /// `diff`.
    Diff(diff::Diff),
}
