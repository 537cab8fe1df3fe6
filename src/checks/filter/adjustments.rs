//! What annotations, the project's configuration and a baseline leave out or lower, by rule.

use std::collections::BTreeMap;

use crate::checks::Severity;

/// What happened to a finding that is not reported with the severity of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Adjustment {
    /// An annotation of the object suppresses it.
    Annotation,
    /// An entry under `ignore` of the configuration suppresses it.
    Ignored,
    /// The configuration switches its rule off.
    Off,
    /// The baseline contains it.
    Known,
    /// The configuration lowers its severity.
    Lowered { from: Severity, to: Severity },
}

/// The number of findings by rule and adjustment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adjustments(BTreeMap<(&'static str, Adjustment), usize>);

impl Adjustments {
    pub fn count(&mut self, rule: &'static str, adjustment: Adjustment) {
        *self.0.entry((rule, adjustment)).or_default() += 1;
    }

    /// These and the others together.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for (key, count) in others.0 {
            *self.0.entry(key).or_default() += count;
        }
        self
    }

    /// The id of a rule, what happened, and to how many of its findings; in order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Adjustment, usize)> {
        self.0.iter().map(|((rule, adjustment), count)| (*rule, *adjustment, *count))
    }

    /// The number of findings that are left out, those of a baseline excepted.
    #[must_use]
    pub fn suppressed(&self) -> usize {
        let is_suppressed = |one: Adjustment| matches!(one, Adjustment::Annotation | Adjustment::Ignored | Adjustment::Off);
        self.iter().filter(|(_, one, _)| is_suppressed(*one)).map(|(.., count)| count).sum()
    }

    /// The number of findings that are left out because the baseline contains them.
    #[must_use]
    pub fn known(&self) -> usize {
        self.iter().filter(|(_, one, _)| *one == Adjustment::Known).map(|(.., count)| count).sum()
    }
}
