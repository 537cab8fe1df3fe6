//! The answer of `analyze`.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer of `analyze`, which is its findings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Analysis {
    /// How many rules were applied.
    pub rules: usize,
    /// How many workloads were read. Where there is none, rules about workloads had nothing to look at.
    pub workloads: usize,
}
