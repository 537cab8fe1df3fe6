//! The project's configuration of findings, as written in `.kubectl-mtls.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Origin;

/// The configuration of a project, and the file it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The file.
    pub origin: Origin,
    /// Its content.
    pub settings: ProjectConfig,
}

/// The content of the file as decoded; codes, patterns and dates are not validated yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProjectConfig {
    /// Severities by code: `error`, `warning`, `info` or `off`.
    pub severity: BTreeMap<String, String>,
    /// Findings that are suppressed.
    pub ignore: Vec<Ignore>,
    /// Files in folders that are not read, as patterns relative to the file's folder.
    pub exclude: Vec<String>,
    /// The severity to fail on, if the command line sets none.
    pub fail_on: Option<String>,
}

/// Suppresses findings, with a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields)]
pub struct Ignore {
    /// A rule's id, a prefix of one, or its name.
    pub rule: String,
    /// `KIND NAMESPACE/NAME`, or `KIND NAME` for cluster-scoped kinds, with `*` as a wildcard; every object if absent.
    pub object: Option<String>,
    /// Why the findings are suppressed.
    pub reason: String,
    /// The last day on which the entry is effective.
    pub until: Option<String>,
}
