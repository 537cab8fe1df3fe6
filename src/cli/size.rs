//! Sizes on the command line.

/// Parses a number of bytes as Kubernetes writes quantities: `1000`, `64Mi` or `8G`.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let units: [(&str, u64); 8] =
        [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("", 1)];
    let (number, unit) = units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit))).unwrap_or((text, &1));
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let bytes = number.parse::<u64>().ok().filter(|_| is_number).and_then(|number| number.checked_mul(*unit)).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| format!("invalid size `{text}`: expected a number of bytes, such as 500Mi or 8Gi"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_quantity_of_kubernetes() {
        for (text, bytes) in
            [("1", Some(1)), ("64Mi", Some(64 << 20)), ("8G", Some(8_000_000_000)), ("4Gi", Some(4 << 30)), ("1k", Some(1000))]
        {
            assert_eq!(parse(text).ok(), bytes, "{text}");
        }
        for text in ["", "0", "Mi", "-1", "+1", "1.5Gi", "1 Gi", "99999999999Gi", "1X"] {
            assert!(parse(text).unwrap_err().contains("invalid size"), "{text}");
        }
    }
}
