//! Addresses of files and of the pages of rules.

/// A path as a relative URI reference; reserved characters are percent-encoded.
pub(super) fn relative(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = path.strip_prefix("./").unwrap_or(path);
    path.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A path as a URI: that of a file if it is absolute, else a relative reference.
pub(super) fn of_path(path: &str) -> String {
    if path.starts_with('/') { format!("file://{}", relative(path)) } else { relative(path) }
}

/// The page of a rule.
pub(super) fn of_rule(id: &str) -> String {
    format!("{}/blob/main/docs/rules/{id}.md", env!("CARGO_PKG_REPOSITORY"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_relative_reference() {
        assert_eq!(relative("./mesh/my file#1.yaml"), "mesh/my%20file%231.yaml");
        assert_eq!(relative("a:b%.yaml"), "a%3Ab%25.yaml");
    }

    #[test]
    fn an_absolute_path_is_that_of_a_file() {
        assert_eq!(of_path("/tmp/a b.yaml"), "file:///tmp/a%20b.yaml");
        assert_eq!(of_path("../a.yaml"), "../a.yaml");
    }
}
