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
pub use human::{escape, log_lines::LogLines, short_kind};
pub use style::Style;

/// What a format can contain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Every answer.
    Answers,
    /// Findings only.
    Findings,
}

type Writer = fn(&Document, Style, &mut dyn Write) -> io::Result<()>;

/// Declares the formats: name, content and writer of each. The doc comment of a format is also its help on the command line.
macro_rules! formats {
    ($($(#[doc = $about:literal])+ $format:ident = $name:literal, $content:ident, $writer:expr;)+) => {
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

            fn content(self) -> Content {
                match self {
                    $(Self::$format => Content::$content,)+
                }
            }

            fn writer(self) -> Writer {
                match self {
                    $(Self::$format => $writer,)+
                }
            }
        }
    };
}

formats! {
    /// A table.
    Table = "table", Answers, |document, style, sink| in_log(sink, |sink| human::write(document, style, false, sink));
    /// A table with more columns.
    Wide = "wide", Answers, |document, style, sink| in_log(sink, |sink| human::write(document, style, true, sink));
    /// JSON, for programs.
    Json = "json", Answers, |document, _, sink| json::write(document, sink);
    /// The same document as YAML.
    Yaml = "yaml", Answers, |document, _, sink| yaml::write(document, sink);
    /// Markdown, for a pull request or a wiki.
    Markdown = "markdown", Findings, |document, _, sink| in_log(sink, |sink| markdown::write(document, sink));
    /// SARIF 2.1.0, for code scanning.
    Sarif = "sarif", Findings, |document, _, sink| sarif::write(document, sink);
    /// JUnit XML, for any CI system.
    Junit = "junit", Findings, |document, _, sink| junit::write(document, sink);
    /// Annotations for GitHub Actions.
    Github = "github", Findings, |document, _, sink| github::write(document, sink);
    /// Reports of Kubernetes' policy working group, for clusters that collect them.
    PolicyReport = "policyreport", Findings, |document, _, sink| policyreport::write(document, sink);
}

/// Writes text in which no line is a command of a CI system.
fn in_log(sink: &mut dyn Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut lines = LogLines::new(sink);
    write(&mut lines)?;
    lines.flush()
}

impl Format {
    /// The formats of commands whose result is findings: all of them.
    pub fn for_findings() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    /// The formats of commands with another result, to which findings are added.
    pub fn for_answers() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|format| format.content() == Content::Answers)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| format!("unknown format `{name}`"))
    }
}

/// A value as a YAML document, which YAML 1.1 and 1.2 read as this value.
///
/// # Errors
/// If a string cannot be written.
pub fn yaml_text(value: &serde_json::Value) -> io::Result<String> {
    let mut text = Vec::new();
    yaml::block(value, 0, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// Writes a document.
///
/// # Errors
/// If writing to the sink fails.
pub fn write(document: &Document, format: Format, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    (format.writer())(document, style, sink)
}
