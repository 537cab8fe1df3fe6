//! The fields that all documents share: what was read, the mesh as a whole, gaps and findings.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{finding::Finding, rules::RulePage, words::Mode};

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
    pub assumptions: Vec<String>,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Number of suppressed findings.
    pub suppressed: usize,
    /// Number of findings that are omitted because the baseline contains them.
    pub known: usize,
    /// Rules that could not be applied because of gaps.
    pub not_run: Vec<String>,
    /// The rules of the run, for formats that list them.
    #[serde(skip)]
    pub rules: Vec<RulePage>,
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
    /// Root namespace.
    pub root_namespace: String,
    /// Whether automatic mTLS is enabled: clients use mTLS if the server accepts it.
    pub auto_mtls: bool,
    /// Trust domain.
    pub trust_domain: String,
    /// Domain suffix of the hosts of Kubernetes Services.
    pub cluster_domain: String,
    /// Mode of the mesh.
    pub mode: Mode,
    /// Policy that sets it.
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
