//! References of Istio's resources to workloads, objects and ports.

use serde::Deserialize;

use super::Int;
use crate::object::{Labels, Text};

/// A selector that has `matchLabels` only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// Labels that must all match.
    pub match_labels: Labels,
}

/// The target that a policy is attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct TargetRef {
    pub kind: Text,
    /// Name, in the policy's namespace.
    pub name: Text,
}

/// A port by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct PortSelector {
    pub number: Int,
}
