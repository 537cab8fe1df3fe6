//! Codes of rules in command lines, annotations and configurations.

use crate::checks::all_rules;

/// Whether a code matches a rule: its id, a prefix of the id, or its name.
#[must_use]
pub fn matches(code: &str, id: &str, name: &str) -> bool {
    let is_prefix = code.len() >= 4 && id.get(..code.len()).is_some_and(|start| start.eq_ignore_ascii_case(code));
    is_prefix || name.eq_ignore_ascii_case(code)
}

/// Whether a code matches any rule.
#[must_use]
pub fn is_known(code: &str) -> bool {
    all_rules().any(|rule| matches(code, rule.id, rule.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_an_id_a_prefix_or_a_name() {
        for code in ["MTLS107", "mtls1", "permissive-workload"] {
            assert!(matches(code, "MTLS107", "permissive-workload"), "{code}");
        }
        for code in ["MTLS2", "107", "M", "permissive"] {
            assert!(!matches(code, "MTLS107", "permissive-workload"), "{code}");
        }
    }
}
