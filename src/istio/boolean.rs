//! Booleans that are written as text: variables, annotations, proxy metadata.

/// A boolean as parsed by Go's `strconv.ParseBool`, which Istio uses; `None` for every other text.
#[must_use]
pub fn parse_bool(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
