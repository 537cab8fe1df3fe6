//! `Endpoints`, which Kubernetes mirrors into `EndpointSlices` for Services without a selector (S214).

use serde::Deserialize;

use super::{EndpointPort, List, Meta, TargetPod, or_default};
use crate::object::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Endpoints {
    /// Metadata; the name is that of the Service.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    pub subsets: List<EndpointSubset>,
}

/// Addresses that all have the same ports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct EndpointSubset {
    pub addresses: List<EndpointAddress>,
    /// Addresses that accept no calls yet.
    pub not_ready_addresses: List<EndpointAddress>,
    pub ports: List<EndpointPort>,
}

/// One address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct EndpointAddress {
    pub ip: Text,
    /// The pod behind it.
    pub target_ref: Option<TargetPod>,
}
