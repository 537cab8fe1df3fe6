//! The fields that all documents share: what was read, the mesh as a whole, gaps and findings.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    finding::Finding,
    rules::RulePage,
    words::{AdjustedBy, Mode, NotEnteredReason, RootKind, Severity},
};
use crate::object::list_names;

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
    pub mesh: Option<Mesh>,
    /// The meshes that the files contain, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meshes: Vec<NamedMesh>,
    /// The mesh of this document, if it is one of several.
    #[serde(skip)]
    pub mesh_name: Option<String>,
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
    /// Rules without findings that could not be applied, or not everywhere: that they have none proves nothing.
    pub not_run: Vec<String>,
    /// Where a rule could not be applied, and why; also of rules that have findings elsewhere.
    pub not_applied: Vec<NotApplied>,
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

impl Header {
    /// Why a rule was not applied, as sentences with the namespaces.
    #[must_use]
    pub fn why_not_run(&self, rule: &str) -> String {
        let reasons = self.not_applied.iter().filter(|one| one.rule == rule).map(|one| match one.namespaces.len() {
            0 => one.reason.clone(),
            _ => format!("{} ({})", one.reason, list_names(&one.namespaces)),
        });
        reasons.collect::<Vec<_>>().join("; ")
    }
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
    /// Whether calls and modes do that a change weakens.
    pub weakens: bool,
}

impl Gate {
    /// Whether a finding fails the run.
    #[must_use]
    pub fn is_failed_by(self, severity: Severity) -> bool {
        self.fail_on.is_some_and(|lowest| severity <= lowest)
    }
}

/// One of several meshes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedMesh {
    /// The path of what no other mesh has, or its name in the configuration.
    pub name: String,
    /// The same path, or the paths if there are several.
    pub path: Paths,
    /// The mesh as a whole.
    pub mesh: Option<Mesh>,
    /// Whether everything of it was read.
    pub complete: bool,
    /// What of it could not be read.
    pub gaps: Vec<Gap>,
}

/// A path, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Paths {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// A value that was not set or not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// A rule that could not be applied, or not everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotApplied {
    /// Id of the rule.
    pub rule: &'static str,
    /// The namespaces of which it would need more; empty if the reason does not depend on one.
    pub namespaces: Vec<String>,
    /// Why, as a sentence.
    pub reason: String,
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
    /// What has the patterns of excluded files.
    #[serde(skip)]
    pub excluded_by: &'static str,
    /// The patterns of excluded files.
    pub exclude: Vec<String>,
    /// Objects that are not used, by `apiVersion/kind`.
    pub unused: BTreeMap<String, usize>,
    /// Documents that are no Kubernetes objects.
    #[serde(rename = "notObjects")]
    pub not_objects: usize,
    /// Folders and files that were found and not read.
    #[serde(rename = "notEntered")]
    pub not_entered: Vec<NotEntered>,
    /// The kustomizations and charts that were built.
    pub built: Vec<Built>,
}

/// A folder or file that was found and not read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotEntered {
    /// The path.
    pub path: String,
    /// Why it was not read.
    pub reason: NotEnteredReason,
}

/// A kustomization or chart that was built.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Built {
    /// The folder.
    pub path: String,
    /// `kustomization` or `chart`.
    pub kind: RootKind,
    /// The command that built it, without its arguments.
    pub builder: &'static str,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// What was requested.
    pub resource: String,
    /// Why it could not be read.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}
