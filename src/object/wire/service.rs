//! Services.

use serde::Deserialize;

use super::{Flag, Int, IntOrText, List, Meta, or_default};
use crate::object::{Labels, Text};

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Service {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: ServiceSpec,
}

/// Spec of a Service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ServiceSpec {
    /// `ClusterIP` (also when empty), `NodePort`, `LoadBalancer` or `ExternalName`.
    #[serde(rename = "type")]
    pub type_: Text,
    /// Its address; the value `None` makes it headless (S75).
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Text,
    #[serde(rename = "clusterIPs")]
    pub cluster_ips: List<Text>,
    /// The host of an `ExternalName` Service (S79).
    pub external_name: Text,
    /// Whether pods that are not ready are endpoints too (S105).
    pub publish_not_ready_addresses: Flag,
    /// Labels of its pods; empty selects none.
    pub selector: Labels,
    pub ports: List<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ServicePort {
    /// Name; its prefix declares the protocol (S26).
    pub name: Text,
    /// The number clients call.
    pub port: Int,
    /// The workload's port: number or name of a container port; absent means the same number.
    pub target_port: Option<IntOrText>,
    /// The node port that forwards to it; 0 if none.
    pub node_port: Int,
    /// `TCP` (also when empty), `UDP` or `SCTP`.
    pub protocol: Text,
    /// Declares the protocol; overrides the name's prefix (S26).
    pub app_protocol: Text,
}
