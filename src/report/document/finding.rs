//! A finding, where it is, and the change that fixes it.

use schemars::JsonSchema;
use serde::Serialize;

use super::words::Severity;

/// A finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// Rule.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: Severity,
    /// The same complaint in other tools.
    pub aka: Vec<&'static str>,
    /// The object to blame.
    pub subject: Subject,
    /// The field to blame.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// Where it stands in a file; `null` for a cluster.
    pub location: Option<Location>,
    /// Other objects that have a part in it.
    pub related: Vec<Subject>,
    /// The same for the same finding on the same field, whatever line that is on.
    pub fingerprint: String,
    /// The change that mends it; `null` where nobody but the author knows it.
    pub patch: Option<Patch>,
}

/// Who something is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Subject {
    /// Kind.
    pub kind: String,
    /// `apiVersion` of the kind, for formats that name it; `None` for a kind that is not read.
    #[serde(skip)]
    pub api_version: Option<String>,
    /// Namespace; `null` outside namespaces.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl Subject {
    /// `Deployment shop/web`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Location {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters from there that are to blame.
    #[serde(skip)]
    pub width: u32,
    /// The line; empty if the text was not kept.
    #[serde(skip)]
    pub text: String,
}

/// A change of the object that a finding is about.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Patch {
    /// The operations of a JSON patch (RFC 6902); empty where the object goes.
    pub operations: Vec<serde_json::Value>,
    /// The command that makes the change. It is never run.
    pub command: String,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Severities {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Infos.
    pub info: usize,
}

impl Severities {
    /// Counts findings.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => counts.error += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Info => counts.info += 1,
            }
        }
        counts
    }
}
