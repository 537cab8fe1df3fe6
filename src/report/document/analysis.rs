//! The result of `analyze`.

use serde::Serialize;

/// The result of `analyze`, which is its findings.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Analysis {
    /// How many rules were applied; the others are in `notRun`.
    pub rules: usize,
    /// How many workloads were read. If it is 0, rules about workloads had nothing to check.
    pub workloads: usize,
}
