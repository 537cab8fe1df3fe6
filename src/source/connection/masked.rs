//! Removes what may be secret from URLs before they are shown.

/// An address with its user info, query and fragment replaced by `…`.
pub(in crate::source) fn masked_address(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, _)| text.split_at(scheme.len() + 3));
    // A password can contain any character, so everything before the last `@` is hidden.
    let (login, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("…@", rest));
    match rest.find(['?', '#']) {
        Some(at) => format!("{scheme}{login}{}…", &rest[..=at]),
        None => format!("{scheme}{login}{rest}"),
    }
}

/// A text in which every URL is masked.
pub(in crate::source) fn masked(text: &str) -> String {
    if !text.contains("://") {
        return text.to_owned();
    }
    let is_end = |c: char| c.is_whitespace() || c == '"' || c == '`';
    let mask = |word: &str| if word.contains("://") { masked_address(word) } else { word.to_owned() };
    text.split_inclusive(is_end)
        .map(|word| word.strip_suffix(is_end).map_or_else(|| mask(word), |url| mask(url) + &word[url.len()..]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_query_or_fragment_of_a_url_is_left() {
        for (text, expected) in [
            ("https://h:1/p", "https://h:1/p"),
            ("https://me:s3cret@h:1/p", "https://…@h:1/p"),
            ("https://me:s3/c?r#e@t@h/p?token=s3cret", "https://…@h/p?…"),
            ("me:s3cret@h:1", "…@h:1"),
            ("h/p?token=s3cret", "h/p?…"),
            ("https://h/#s3cret", "https://h/#…"),
            ("h:1", "h:1"),
        ] {
            assert_eq!(masked_address(text), expected, "{text}");
        }
        let text = "proxy `http://me:s3cret@p:1/` for \"https://h/?t=s3cret\" failed: a b";
        assert_eq!(masked(text), "proxy `http://…@p:1/` for \"https://h/?…\" failed: a b");
    }
}
