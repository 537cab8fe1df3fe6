//! Suggests existing names that are similar to one that does not exist.

use std::collections::BTreeSet;

use crate::{
    checks::{self, Rule},
    report::escape,
};

/// The number of names that are suggested at most.
const LIMIT: usize = 3;

/// The number of edits between a name and an existing one; `None` if they are not similar: if the name is not a misspelling, nor a part
/// of the existing one.
pub(super) fn distance(name: &str, existing: &str) -> Option<usize> {
    let is_part = || !name.is_empty() && existing.to_lowercase().contains(&name.to_lowercase());
    misspelling(name, existing).or_else(|| is_part().then(|| edits(name, existing)))
}

/// The number of edits between a name and an existing one; `None` if they change more than a third of the name.
pub(super) fn misspelling(name: &str, existing: &str) -> Option<usize> {
    let edits = edits(name, existing);
    (!name.is_empty() && edits <= name.chars().count().max(3) / 3).then_some(edits)
}

/// The number of edits between two names, letter case aside. A transposition of two letters is one edit.
pub(super) fn edits(name: &str, existing: &str) -> usize {
    strsim::osa_distance(&name.to_lowercase(), &existing.to_lowercase())
}

/// The names with the smallest distances, in that order; names with equal distances are in alphabetical order.
pub(super) fn nearest<D: Ord>(names: impl IntoIterator<Item = (D, String)>) -> Vec<String> {
    let sorted: BTreeSet<(D, String)> = names.into_iter().collect();
    let mut nearest = Vec::new();
    for (_, name) in sorted {
        if nearest.len() < LIMIT && !nearest.contains(&name) {
            nearest.push(name);
        }
    }
    nearest
}

/// The existing names that are similar to one.
pub(super) fn names<'n>(name: &str, existing: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    nearest(existing.into_iter().filter_map(|one| Some((distance(name, one)?, one.to_owned()))))
}

/// The start of every rule id.
const ID_PREFIX: &str = "MTLS";

/// The ids of rules of which a code is a misspelling; their names if the code does not start as ids do.
pub(super) fn rules(code: &str) -> Vec<String> {
    let number = code.split_at_checked(ID_PREFIX.len()).filter(|(start, _)| start.eq_ignore_ascii_case(ID_PREFIX));
    let candidate = |rule: &'static Rule| match number {
        // The start of the ids is left out, because it would make every number similar.
        Some((_, number)) => Some((misspelling(number, rule.id.strip_prefix(ID_PREFIX)?)?, rule.id.to_owned())),
        None => Some((misspelling(code, rule.name)?, rule.name.to_owned())),
    };
    nearest(checks::all_rules().filter_map(candidate))
}

/// The end of a message about a name that does not exist: `; did you mean a, b or c?`; empty without suggestions.
pub(super) fn did_you_mean(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("; did you mean {}?", escape(one)),
        [first @ .., last] => format!("; did you mean {} or {}?", escape(&first.join(", ")), escape(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_suggested_the_nearest_first() {
        let existing = ["web", "web-api", "reviews-v2", "reviews-v1", "reviews-v3", "reviews-v10", "ratings", "db"];
        for (name, expected) in [
            ("wbe", &["web"][..]),
            ("WEB", &["web", "web-api"]),
            ("wep", &["web"]),
            ("review-v1", &["reviews-v1", "reviews-v10", "reviews-v2"]),
            ("reviews", &["reviews-v1", "reviews-v2", "reviews-v3"]),
            ("raitngs", &["ratings"]),
            ("api", &["web-api"]),
            ("payments", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(name, existing), expected, "{name}");
            assert_eq!(names(name, existing.into_iter().rev()), expected, "{name}, whatever the order");
        }
    }

    #[test]
    fn a_rule_is_suggested_by_its_number_or_its_name() {
        for (code, expected) in [
            ("MTLS17", &["MTLS107", "MTLS117", "MTLS217"][..]),
            ("mtls1007", &["MTLS107"]),
            ("MTLS999", &[]),
            ("permisive-workload", &["permissive-workload"]),
            ("no-such-thing", &[]),
        ] {
            assert_eq!(rules(code), expected, "{code}");
        }
    }

    #[test]
    fn a_question_lists_what_may_be_meant() {
        for (names, expected) in [
            (&[][..], ""),
            (&["a"], "; did you mean a?"),
            (&["a", "b"], "; did you mean a or b?"),
            (&["a", "b", "\u{1b}c"], "; did you mean a, b or \\u{1b}c?"),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(did_you_mean(&names), expected);
        }
    }
}
