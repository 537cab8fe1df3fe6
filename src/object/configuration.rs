//! What a project says of its findings, as it is written in `.kubectl-mtls.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Origin;

/// The configuration of a project, and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The file.
    pub origin: Origin,
    /// What it says.
    pub settings: Settings,
}

/// What the file says, before anybody knows whether it means anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Severities by code: `error`, `warning`, `info` or `off`.
    pub severity: BTreeMap<String, String>,
    /// Findings that are let pass.
    pub ignore: Vec<Ignore>,
    /// Files of folders that are not read, as patterns relative to the file's folder.
    pub exclude: Vec<String>,
    /// The severity to fail on, where the command line names none.
    pub fail_on: Option<String>,
}

/// Findings that are let pass, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields)]
pub struct Ignore {
    /// A rule's id, the start of one, or its name.
    pub rule: String,
    /// `KIND NAMESPACE/NAME`, or `KIND NAME` outside namespaces, with `*` for any; every object if absent.
    pub object: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<String>,
}
