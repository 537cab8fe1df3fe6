//! The document of a rule.

use crate::{checks::Rule, report::document::rules::RulePage};

/// A rule with its full text.
impl From<&Rule> for RulePage {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            name: rule.name,
            severity: rule.severity.into(),
            summary: rule.summary,
            why: rule.why,
            fix: rule.fix,
            verify: rule.verify(),
            bad: rule.bad,
            good: rule.good,
            inputs: rule.inputs.iter().map(|kind| kind.name()).collect(),
            aka: rule.aka.to_vec(),
            see: rule.see.to_vec(),
            page: rule.page(),
        }
    }
}
