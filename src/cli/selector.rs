//! `-l`: label selectors in the syntax of kubectl.

use crate::object::{Expression, LabelSelector};

/// Parses `a=b,c!=d,e in (f,g),h,!i`.
///
/// # Errors
/// If a part is not a requirement; the message lists the valid forms.
pub fn parse(text: &str) -> Result<LabelSelector, String> {
    let mut expressions = Vec::new();
    if text.trim().is_empty() {
        return Ok(LabelSelector::default());
    }
    for part in parts(text) {
        expressions.push(expression(part.trim())?);
    }
    Ok(LabelSelector::requiring(expressions))
}

/// Splits the text at commas outside parentheses.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn expression(part: &str) -> Result<Expression, String> {
    let make = |key: &str, operator: &str, values: Vec<&str>| {
        let key = key.trim();
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || "=!(),".contains(c)) {
            return Err(format!(
                "invalid requirement `{part}`: expected key=value, key!=value, key in (a,b), key notin (a,b), key or !key"
            ));
        }
        let values = values.into_iter().map(|value| value.trim().into()).collect();
        Ok(Expression::new(key, operator, values))
    };
    let set = |word: &str, operator: &str| {
        let (key, list) = part.split_once(word)?;
        let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(make(key, operator, list.split(',').collect()))
    };
    if let Some(found) = set(" notin ", "NotIn").or_else(|| set(" in ", "In")) {
        return found;
    }
    if let Some((key, value)) = part.split_once("!=") {
        return make(key, "NotIn", vec![value]);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return make(key, "In", vec![value]);
    }
    match part.strip_prefix('!') {
        Some(key) => make(key, "DoesNotExist", vec![]),
        None => make(part, "Exists", vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Labels;

    #[test]
    fn selectors_are_read_as_kubectl_reads_them() {
        let labels: Labels = [("app", "web"), ("tier", "front")].into_iter().collect();
        for (text, expected) in [
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app!=web", false),
            ("app in (web, api)", true),
            ("app notin (web,api)", false),
            ("missing notin (a)", true),
            ("tier,app=web", true),
            ("!tier", false),
            ("!missing", true),
        ] {
            assert_eq!(parse(text).unwrap().selects(&labels), expected, "{text}");
        }
        assert!(parse("").unwrap().is_empty());
        for text in ["=x", "a b", "app in web", ",", "a=b,"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
