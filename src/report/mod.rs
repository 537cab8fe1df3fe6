//! All output: writes a document in the requested format.
//!
//! The document is plain data with the fields of the JSON schema. Tables and Markdown are drawn from the same document, so that all
//! formats contain the same facts.

pub mod baseline;
pub mod document;
mod format;
mod human;
#[cfg(feature = "schema")]
pub mod schema;
mod style;

use std::{
    io::{self, Write},
    str::FromStr,
};

use format::{github, json, junit, markdown, policyreport, sarif, yaml};

pub use document::Document;
pub use human::{escape, short_kind};
pub use style::Style;

/// Declares the formats and their names, one line each. The doc comment of a format is also its help on the command line.
macro_rules! formats {
    ($($(#[doc = $about:literal])+ $format:ident = $name:literal,)+) => {
        /// The output formats.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $($(#[doc = $about])+ $format,)+
        }

        impl Format {
            /// All formats, in the order of the help.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$format),+];

            /// Its name on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$format => $name,)+
                }
            }

            /// Its help, in a line.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$format => concat!($($about),+).trim_ascii(),)+
                }
            }
        }
    };
}

formats! {
    /// A table.
    Table = "table",
    /// A table with more columns.
    Wide = "wide",
    /// JSON, for programs.
    Json = "json",
    /// The same document as YAML.
    Yaml = "yaml",
    /// Markdown, for a pull request or a wiki.
    Markdown = "markdown",
    /// SARIF 2.1.0, for code scanning.
    Sarif = "sarif",
    /// JUnit XML, for any CI system.
    Junit = "junit",
    /// Annotations for GitHub Actions.
    Github = "github",
    /// Reports of Kubernetes' policy working group, for clusters that collect them.
    PolicyReport = "policyreport",
}

impl Format {
    /// The formats of commands whose result is findings: all of them.
    pub fn for_findings() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    /// The formats of commands with another result, to which findings are added.
    pub fn for_answers() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|format| match format {
            Self::Table | Self::Wide | Self::Json | Self::Yaml => true,
            Self::Markdown | Self::Sarif | Self::Junit | Self::Github | Self::PolicyReport => false,
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| format!("unknown format `{name}`"))
    }
}

/// Writes a document.
///
/// # Errors
/// If writing to the sink fails.
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
