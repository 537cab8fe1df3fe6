//! The document of a rule.

use crate::{checks::Rule, report::document::rules as doc};

/// A rule with its full text.
pub(crate) fn rule(rule: &Rule) -> doc::RulePage {
    doc::RulePage {
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
