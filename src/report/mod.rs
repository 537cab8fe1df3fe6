//! All output: a document becomes bytes, in whatever format was asked for.
//!
//! The document is plain data with the fields of the JSON contract. Tables and Markdown are drawn
//! from the same document, so that no format knows more than another.

pub mod baseline;
pub mod diff;
pub mod document;
mod finding;
mod github;
mod grid;
mod json;
mod junit;
mod markdown;
mod matrix;
pub mod migrate;
mod plan;
mod policyreport;
mod reach;
mod sarif;
pub mod schema;
mod sidecars;
mod table;
mod text;
mod yaml;

use std::io::{self, Write};

pub use document::Document;
pub use grid::{Cell, Grid, Tone};
pub use table::short_kind;
pub use text::escape;

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// For people with room.
    Wide,
    /// Schema 1.
    Json,
    /// The same as YAML.
    Yaml,
    /// For a pull request or a wiki.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Annotations for GitHub Actions.
    Github,
    /// Reports of the Kubernetes policy working group.
    PolicyReport,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Table, Self::Wide, Self::Json, Self::Yaml, Self::Markdown, Self::Sarif, Self::Junit, Self::Github, Self::PolicyReport];
}

/// How tables are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<u16>,
    /// Whether the line with the columns' names is left out.
    pub no_headers: bool,
    /// Whether escape sequences for colour are written; the stream may still take them out.
    pub colour: bool,
    /// Whether single findings are left out of tables, which then count them only.
    pub quiet: bool,
}

/// Writes a document.
///
/// # Errors
/// When the sink does not take it.
pub fn write(document: &Document, format: Format, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(document, style, false, sink),
        Format::Wide => table::write(document, style, true, sink),
        Format::Json => json::write(document, sink),
        Format::Yaml => yaml::write(document, sink),
        Format::Markdown => markdown::write(document, sink),
        Format::Sarif => sarif::write(document, sink),
        Format::Junit => junit::write(document, sink),
        Format::Github => github::write(document, sink),
        Format::PolicyReport => policyreport::write(document, sink),
    }
}
