//! A finding, its location, and the change that fixes it.

use std::borrow::Cow;

use serde::Serialize;

use super::words::Severity;

/// A finding.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Identifier of the rule.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: Severity,
    /// Equivalent checks of other tools.
    pub aka: Vec<&'static str>,
    /// The object that causes it.
    pub subject: Subject,
    /// The field that causes it.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub fix: String,
    /// Location in a file; `null` for a cluster.
    pub location: Option<Location>,
    /// Other objects that are involved.
    pub related: Vec<Subject>,
    /// Fingerprint; equal for the same finding on the same field, on whatever line.
    pub fingerprint: String,
    /// The severity without the project's configuration, for baselines.
    #[serde(skip)]
    pub own_severity: Severity,
    /// The workloads and clients that it affects, for baselines.
    #[serde(skip)]
    pub affected: Vec<String>,
    /// The change that fixes it; `null` if it depends on the author's intent.
    pub patch: Option<Patch>,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}

impl Finding {
    /// The message, with the mesh if there are several: for formats without a place for it.
    #[must_use]
    pub fn message_in_mesh(&self) -> Cow<'_, str> {
        match &self.mesh_name {
            Some(mesh) => format!("{} (in {mesh})", self.message.trim_end_matches('.')).into(),
            None => self.message.as_str().into(),
        }
    }
}

/// The identity of an object.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// Kind.
    pub kind: String,
    /// `apiVersion` of the kind, for formats that print it; `None` for a kind that is not read.
    #[serde(skip)]
    pub api_version: Option<String>,
    /// Namespace; `null` for cluster-scoped kinds.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl Subject {
    /// The object as `Deployment shop/web`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// The path as given by the user.
    pub file: String,
    /// The path relative to the root of the repository; `None` if the file is not in it.
    #[serde(skip)]
    pub in_repository: Option<String>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Number of characters of the cause.
    #[serde(skip)]
    pub width: u32,
    /// The line; empty if the text was not kept.
    #[serde(skip)]
    pub text: String,
}

impl Location {
    /// The path as CI systems name the file: from the root of the repository, else as given by the user.
    #[must_use]
    pub fn repository_path(&self) -> &str {
        self.in_repository.as_deref().unwrap_or(&self.file)
    }
}

/// A change of the object of a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Patch {
    /// The operations of a JSON patch (RFC 6902); empty if the object is deleted.
    pub operations: Vec<serde_json::Value>,
    /// The command that applies the change. It is never run.
    pub command: String,
    /// Whether after it plaintext is accepted or sent where it is not now; `fix` then begins with it.
    pub weakens: bool,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Severities {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Infos.
    pub info: usize,
}

impl Severities {
    /// Counts findings by severity.
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
