//! The answers of `explain MTLSnnn` and `analyze --list-rules`.

use schemars::JsonSchema;
use serde::Serialize;

use super::words::Severity;

/// The answer of `explain MTLSnnn`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// The rule.
    pub rule: RulePage,
}

/// The answer of `analyze --list-rules`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Catalogue {
    /// Every rule that is wanted, in order of the identifiers.
    pub catalogue: Vec<RulePage>,
}

/// Everything a rule says of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RulePage {
    /// Identifier.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: Severity,
    /// When it fires.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// How to see that it is mended.
    pub verify: String,
    /// Manifests on which it fires.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    /// Kinds it reads.
    pub inputs: Vec<&'static str>,
    /// The same complaint in other tools.
    pub aka: Vec<&'static str>,
    /// Where Istio's behaviour is written down.
    pub see: Vec<&'static str>,
    /// All of it as Markdown, for people.
    #[serde(skip)]
    pub page: String,
}
