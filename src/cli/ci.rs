//! The CI system of the run, as its documented variables describe it.

/// The address below which the CI system shows the files of the repository at the revision of the run, with a slash at its end; `None` outside
/// of GitHub Actions and GitLab CI.
pub(super) fn files_url() -> Option<String> {
    let variable = |name: &str| std::env::var(name).ok();
    files_url_of(&variable)
}

fn files_url_of(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let is_set = |name: &str| variable(name).is_some_and(|value| value == "true");
    let url = if is_set("GITHUB_ACTIONS") {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        format!("{server}/{repository}/blob/{}/", variable("GITHUB_SHA")?)
    } else if is_set("GITLAB_CI") {
        format!("{}/-/blob/{}/", variable("CI_PROJECT_URL")?, variable("CI_COMMIT_SHA")?)
    } else {
        return None;
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:%".contains(c);
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    (is_web && url.chars().all(is_plain)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(variables: &[(&str, &str)]) -> Option<String> {
        files_url_of(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn files_are_linked_where_the_ci_system_shows_them() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_SHA", "0a1b"),
        ];
        assert_eq!(url(&github).as_deref(), Some("https://github.com/acme/shop/blob/0a1b/"));
        let gitlab = [("GITLAB_CI", "true"), ("CI_PROJECT_URL", "https://gitlab.com/acme/shop"), ("CI_COMMIT_SHA", "0a1b")];
        assert_eq!(url(&gitlab).as_deref(), Some("https://gitlab.com/acme/shop/-/blob/0a1b/"));
        assert_eq!(url(&github[1..]), None);
        assert_eq!(url(&github[..3]), None);
    }

    #[test]
    fn what_is_no_plain_address_is_not_linked() {
        for (project, revision) in [("https://x/a b", "1"), ("javascript:alert", "1"), ("https://x/a", "1) ![](https://y"), ("", "1")] {
            assert_eq!(url(&[("GITLAB_CI", "true"), ("CI_PROJECT_URL", project), ("CI_COMMIT_SHA", revision)]), None, "{project}");
        }
    }
}
