//! The result of `analyze`.

use schemars::JsonSchema;
use serde::Serialize;

/// The result of `analyze`, which is its findings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Analysis {
    /// How many rules were applied.
    pub rules: usize,
    /// How many workloads were read. If it is 0, rules about workloads had nothing to check.
    pub workloads: usize,
}
