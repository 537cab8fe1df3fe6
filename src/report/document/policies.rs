//! The result of `policies`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::words::{PolicyMode, Scope};

/// The result of `policies`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policies {
    /// Policies, server side first.
    pub policies: Vec<Policy>,
}

/// A policy.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// `PeerAuthentication` or `DestinationRule`.
    pub kind: &'static str,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// `mesh`, `namespace` or `workload`; `host` for a `DestinationRule`.
    pub scope: Scope,
    /// The host of a `DestinationRule`.
    pub host: Option<String>,
    /// Labels of its selector.
    pub selector: Option<String>,
    /// The mode as written.
    pub mode: Option<PolicyMode>,
    /// Modes of ports and of subsets, as written.
    pub ports: BTreeMap<String, PolicyMode>,
    /// Number of workloads for which it is effective; `null` for a `DestinationRule`, and if not all could be read.
    pub workloads: Option<usize>,
    /// Whether it is effective; `null` if that is unknown.
    pub in_force: Option<bool>,
    /// Why, or why not.
    pub reason: String,
    /// The mesh, if the files contain several.
    #[serde(rename = "meshName", skip_serializing_if = "Option::is_none")]
    pub mesh_name: Option<String>,
}
