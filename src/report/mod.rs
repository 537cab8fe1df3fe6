//! All output: a document becomes bytes, in whatever format was asked for.
//!
//! The document is plain data with the fields of the JSON contract. Tables and Markdown are drawn
//! from the same document, so that no format knows more than another.

pub mod baseline;
pub mod document;
mod format;
mod human;
pub mod schema;
mod style;

use std::io::{self, Write};

use format::{github, json, junit, markdown, policyreport, sarif, yaml};

pub use document::Document;
pub use human::{escape, short_kind};
pub use style::Style;

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

/// Writes a document.
///
/// # Errors
/// When the sink does not take it.
pub fn write(document: &Document, format: Format, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => human::write(document, style, false, sink),
        Format::Wide => human::write(document, style, true, sink),
        Format::Json => json::write(document, sink),
        Format::Yaml => yaml::write(document, sink),
        Format::Markdown => markdown::write(document, sink),
        Format::Sarif => sarif::write(document, sink),
        Format::Junit => junit::write(document, sink),
        Format::Github => github::write(document, sink),
        Format::PolicyReport => policyreport::write(document, sink),
    }
}
