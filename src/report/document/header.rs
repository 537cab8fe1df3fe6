//! What every document starts with: what was read, the mesh as a whole, gaps and findings.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{finding::Finding, rules::RulePage, words::Mode};

/// What every output starts with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Version of this contract.
    pub schema: u32,
    /// The command.
    pub command: &'static str,
    /// Version of the tool.
    pub version: &'static str,
    /// What was read.
    pub source: Source,
    /// The mesh as a whole.
    pub mesh: Mesh,
    /// Whether everything that matters could be read.
    pub complete: bool,
    /// What could not.
    pub gaps: Vec<Gap>,
    /// What was assumed because nothing said it.
    pub assumptions: Vec<String>,
    /// Findings, the worst first.
    pub findings: Vec<Finding>,
    /// How many findings were silenced.
    pub suppressed: usize,
    /// How many findings were left out because the baseline has them.
    pub known: usize,
    /// Rules that could not be applied because of gaps.
    pub not_run: Vec<String>,
    /// The rules of the run, for the formats that list them.
    #[serde(skip)]
    pub rules: Vec<RulePage>,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Source {
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// The API server.
    pub server: Option<String>,
    /// Its version.
    pub kubernetes: Option<String>,
    /// Files and folders as they were named.
    pub files: Vec<String>,
    /// What was met in them.
    pub read: Read,
    /// The project's configuration, where there is one.
    pub config: Option<String>,
}

/// What was met in the files.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Read {
    /// Files read.
    pub files: usize,
    /// Documents with something in them.
    pub documents: usize,
    /// Documents with nothing in them.
    pub empty: usize,
    /// Files that the configuration leaves out.
    pub excluded: usize,
    /// Objects that say nothing about mTLS, by `apiVersion/kind`.
    pub unused: BTreeMap<String, usize>,
}

/// The mesh as a whole.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mesh {
    /// Root namespace.
    pub root_namespace: String,
    /// Whether clients use mTLS wherever the server can.
    pub auto_mtls: bool,
    /// Trust domain.
    pub trust_domain: String,
    /// The domain that the hosts of Kubernetes Services end in.
    pub cluster_domain: String,
    /// Mode of the mesh.
    pub mode: Mode,
    /// The policy that sets it.
    pub decided_by: Option<String>,
    /// The istiods.
    pub control_planes: Vec<ControlPlane>,
}

/// An istiod.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlPlane {
    /// Where it runs.
    pub namespace: String,
    /// Revision.
    pub revision: String,
    /// Version.
    pub version: Option<String>,
    /// Pods that are ready.
    pub ready: i64,
    /// Pods that are wanted.
    pub desired: i64,
    /// The root namespace its proxies obey.
    pub root_namespace: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// What was wanted.
    pub resource: String,
    /// Why it could not be had.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}
