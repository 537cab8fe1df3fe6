//! How Istio's resources name workloads, objects and ports.

use serde::Deserialize;

use super::Int;
use crate::object::{Labels, Text};

/// A selector that knows `matchLabels` only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// Labels that must all be there.
    pub match_labels: Labels,
}

/// What a policy is attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct TargetRef {
    /// Kind.
    pub kind: Text,
    /// Name, in the policy's namespace.
    pub name: Text,
}

/// A port by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct PortSelector {
    /// The number.
    pub number: Int,
}
