//! Endpoints of Services, as listed in `EndpointSlices`.

use serde::Deserialize;

use super::{Flag, Int, List, Meta, or_default};
use crate::object::{Text, Uid};

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct EndpointSlice {
    /// Metadata; the label `kubernetes.io/service-name` names the Service.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// `IPv4`, `IPv6` or `FQDN`.
    pub address_type: Text,
    pub endpoints: List<Endpoint>,
    /// The ports of every endpoint.
    pub ports: List<EndpointPort>,
}

/// One endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Endpoint {
    /// Its addresses; all belong to one backend.
    pub addresses: List<Text>,
    /// Its state.
    #[serde(deserialize_with = "or_default")]
    pub conditions: EndpointConditions,
    /// The pod behind it.
    pub target_ref: Option<TargetPod>,
}

/// State of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct EndpointConditions {
    /// Whether it accepts calls; true if absent.
    pub ready: Option<Flag>,
}

/// The object behind an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct TargetPod {
    /// `Pod`.
    pub kind: Text,
    /// Its namespace; without one it is not found (S211).
    pub namespace: Text,
    pub name: Text,
    pub uid: Uid,
}

/// A port of a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct EndpointPort {
    /// Name of the Service's port.
    pub name: Text,
    /// Number; absent means all ports.
    pub port: Option<Int>,
    /// `TCP` (also when empty), `UDP` or `SCTP`.
    pub protocol: Text,
    /// Declares the protocol (S26).
    pub app_protocol: Text,
}
