//! The fields that all documents share: what was read, the mesh as a whole, gaps and findings.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    finding::Finding,
    rules::RulePage,
    words::{AdjustedBy, Mode, Severity},
};

/// The fields that all documents share.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Version of the schema.
    pub schema: u32,
    /// The command.
    pub command: &'static str,
    /// Version of the tool.
    pub version: &'static str,
    /// What was read.
    pub source: Source,
    /// The mesh as a whole.
    pub mesh: Mesh,
    /// Whether everything relevant could be read.
    pub complete: bool,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Assumptions for values that were not set or not read.
    pub assumptions: Vec<Assumption>,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Number of suppressed findings.
    pub suppressed: usize,
    /// Number of findings that are omitted because the baseline contains them.
    pub known: usize,
    /// What annotations, the configuration and the baseline leave out or lower, by rule.
    pub adjustments: Vec<Adjustment>,
    /// Rules that could not be applied because of gaps.
    pub not_run: Vec<String>,
    /// What makes the status of the run other than 0, for formats that show what fails.
    #[serde(skip)]
    pub gate: Gate,
    /// Address of the files of the repository at the revision of the run, with a slash at its end; `None` outside of CI.
    #[serde(skip)]
    pub files_url: Option<String>,
    /// The rules of the run, for formats that list them.
    #[serde(skip)]
    pub rules: Vec<RulePage>,
}

/// What makes the status of a run other than 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The lowest severity of findings that do; `None` if none do.
    pub fail_on: Option<Severity>,
    /// Whether what could not be read does.
    pub gaps: bool,
    /// Whether calls do that work before a change and fail after it.
    pub breaks: bool,
}

impl Gate {
    /// Whether a finding fails the run.
    #[must_use]
    pub fn is_failed_by(self, severity: Severity) -> bool {
        self.fail_on.is_some_and(|lowest| severity <= lowest)
    }
}

/// A value that was not set or not read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assumption {
    /// What is assumed.
    pub setting: String,
    /// The value that is assumed.
    pub value: String,
    /// Why, in a sentence.
    pub reason: String,
    /// Whether every answer about manifests contains it.
    #[serde(skip)]
    pub is_usual: bool,
}

/// Findings of a rule that are left out, or that have a lower severity than the rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Adjustment {
    /// Id of the rule.
    pub rule: &'static str,
    /// Number of findings.
    pub count: usize,
    /// What leaves them out or lowers them.
    pub by: AdjustedBy,
    /// The severity of the rule, if it is lowered.
    pub from: Option<Severity>,
    /// The lower severity.
    pub to: Option<Severity>,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// Address of the API server.
    pub server: Option<String>,
    /// Version of Kubernetes.
    pub kubernetes: Option<String>,
    /// Files and folders as given by the user.
    pub files: Vec<String>,
    /// Counts of what the files contain.
    pub read: Read,
    /// Path of the project's configuration, if there is one.
    pub config: Option<String>,
    /// Path of a configuration further up in the repository that is not used because of it.
    #[serde(rename = "overriddenConfig")]
    pub overridden_config: Option<String>,
    /// `fail-on` of the configuration: the severity from which findings fail a run without `--fail-on`.
    #[serde(rename = "failOn")]
    pub fail_on: Option<String>,
}

/// Counts of what the files contain.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Read {
    /// Files read.
    pub files: usize,
    /// Documents with content.
    pub documents: usize,
    /// Documents without content.
    pub empty: usize,
    /// Files that the configuration excludes.
    pub excluded: usize,
    /// Objects that are not used, by `apiVersion/kind`.
    pub unused: BTreeMap<String, usize>,
}

/// The mesh as a whole.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Mesh {
    /// Root namespace; `null` if the mesh configuration could not be read.
    pub root_namespace: Option<String>,
    /// Whether automatic mTLS is enabled: clients use mTLS if the server accepts it; `null` if the mesh configuration could not be read.
    pub auto_mtls: Option<bool>,
    /// Trust domain; `null` if the mesh configuration could not be read.
    pub trust_domain: Option<String>,
    /// Domain suffix of the hosts of Kubernetes Services.
    pub cluster_domain: String,
    /// Mode of the mesh.
    pub mode: Mode,
    /// Policy that sets it; `null` if no policy does, or the mode is unknown.
    pub decided_by: Option<String>,
    /// The instances of istiod.
    pub control_planes: Vec<ControlPlane>,
}

/// An instance of istiod.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ControlPlane {
    /// Its namespace.
    pub namespace: String,
    /// Revision.
    pub revision: String,
    /// Version.
    pub version: Option<String>,
    /// Number of ready pods.
    pub ready: i64,
    /// Desired number of pods.
    pub desired: i64,
    /// Root namespace of the proxies that connect to it.
    pub root_namespace: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// What was requested.
    pub resource: String,
    /// Why it could not be read.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}
