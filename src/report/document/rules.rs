//! The results of `explain MTLSnnn` and `analyze --list-rules`.

use serde::Serialize;

use super::words::Severity;

/// The result of `explain MTLSnnn`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rule {
    /// The rule.
    pub rule: RulePage,
}

/// The result of `analyze --list-rules`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Catalogue {
    /// The selected rules, sorted by identifier.
    pub catalogue: Vec<RulePage>,
}

/// The documentation of a rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulePage {
    /// Identifier.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: Severity,
    /// When it fires.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to fix it.
    pub fix: &'static str,
    /// How to verify that it is fixed.
    pub verify: String,
    /// Manifests on which it fires.
    pub bad: &'static str,
    /// The same manifests, fixed.
    pub good: &'static str,
    /// Kinds it reads.
    pub inputs: Vec<&'static str>,
    /// Equivalent checks of other tools.
    pub aka: Vec<&'static str>,
    /// Links to the documentation of Istio's behaviour.
    pub see: Vec<&'static str>,
    /// The whole page as Markdown.
    #[serde(skip)]
    pub page: String,
}
