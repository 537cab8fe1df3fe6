//! Paths in formats for CI systems: from the root of the repository, whatever was typed.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kubectl_mtls::source::RepositoryPaths;
use serde_json::Value;
use snapbox::cmd::cargo_bin;

/// A policy with a finding in its fifth line, MTLS105.
const POLICY: &str = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: istio-system}\nspec:\n  selector: {matchLabels: {app: db}}\n  mtls: {mode: STRICT}\n";

/// A repository with `team/mesh/policy.yaml`.
fn repository(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("locations").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join(".git")).unwrap();
    fs::create_dir_all(folder.join("team/mesh")).unwrap();
    fs::create_dir_all(folder.join("other")).unwrap();
    fs::write(folder.join("team/mesh/policy.yaml"), POLICY).unwrap();
    folder
}

fn analyze(here: &Path, format: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(cargo_bin!("kubectl-mtls"));
    for variable in ["KUBECONFIG", "GITHUB_ACTIONS", "GITLAB_CI"] {
        command.env_remove(variable);
    }
    command.current_dir(here).args(["analyze", "--select", "MTLS105", "-o", format]).args(arguments).envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A run that does not read it can end first.
    let _ = child.stdin.take().unwrap().write_all(POLICY.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The path that each format for CI systems shows.
fn assert_shown(here: &Path, arguments: &[&str], expected: &str) {
    let github = analyze(here, "github", arguments, &[]);
    assert!(github.contains(&format!("::error file={expected},line=5,")), "{arguments:?}: {github}");
    let junit = analyze(here, "junit", arguments, &[]);
    assert!(junit.contains(&format!(" file=\"{expected}\" line=\"5\"")), "{arguments:?}: {junit}");
    let markdown = analyze(here, "markdown", arguments, &[]);
    assert!(markdown.contains(&format!("[{expected}:5]({expected}#L5)")), "{arguments:?}: {markdown}");
    let reports = analyze(here, "policyreport", arguments, &[]);
    assert!(reports.contains(&format!("{expected}:5:")), "{arguments:?}: {reports}");
    let sarif: Value = serde_json::from_str(&analyze(here, "sarif", arguments, &[])).unwrap();
    let run = &sarif["runs"][0];
    let artifact = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!((&artifact["uri"], &artifact["uriBaseId"]), (&Value::from(expected), &Value::from("%SRCROOT%")), "{arguments:?}");
    assert!(run["originalUriBaseIds"]["%SRCROOT%"].is_object());
}

#[test]
fn a_location_is_relative_to_the_root_of_the_repository_whatever_was_typed() {
    let root = repository("typed");
    let absolute = root.join("team/mesh").to_string_lossy().into_owned();
    for (here, path) in [
        ("", "team/mesh"),
        ("", "./team/mesh/policy.yaml"),
        ("", "other/../team/mesh"),
        ("team", "mesh"),
        ("team/mesh", "."),
        ("other", "../team/mesh/policy.yaml"),
        ("other", &absolute),
    ] {
        assert_shown(&root.join(here), &["-f", path], "team/mesh/policy.yaml");
    }
    // JSON and tables show what was typed.
    let json: Value = serde_json::from_str(&analyze(&root.join("other"), "json", &["-f", "../team/mesh"], &[])).unwrap();
    assert_eq!(json["findings"][0]["location"]["file"], "../team/mesh/policy.yaml");
    assert!(analyze(&root.join("team"), "table", &["-f", "mesh"], &[]).contains("mesh/policy.yaml:5:"));
}

/// Code scanning does not show results in files that are links.
#[cfg(unix)]
#[test]
fn a_link_is_named_as_what_it_links_to() {
    let root = repository("links");
    std::os::unix::fs::symlink("../team/mesh/policy.yaml", root.join("other/link.yaml")).unwrap();
    assert_shown(&root, &["-f", "other/link.yaml"], "team/mesh/policy.yaml");
}

#[test]
fn standard_input_has_the_name_that_it_is_given() {
    let root = repository("stdin");
    assert_shown(&root.join("team"), &["-f", "-", "--stdin-name", "mesh/policy.yaml"], "team/mesh/policy.yaml");
    assert_shown(&root.join("team"), &["-f", "-", "--stdin-name", "../charts/shop/Chart.yaml"], "charts/shop/Chart.yaml");
    let json: Value = serde_json::from_str(&analyze(&root, "json", &["-f", "-", "--stdin-name", "rendered"], &[])).unwrap();
    assert_eq!(json["findings"][0]["location"]["file"], "rendered");
    assert_eq!(json["source"]["files"][0], "<stdin>");
    let github = analyze(&root.join("team"), "github", &["-f", "-"], &[]);
    assert!(github.contains("file=<stdin>,line=5,"), "{github}");
    let sarif: Value = serde_json::from_str(&analyze(&root, "sarif", &["-f", "-"], &[])).unwrap();
    let artifact = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(*artifact, serde_json::json!({ "uri": "%3Cstdin%3E" }));
}

#[test]
fn a_name_for_standard_input_that_is_not_read_is_invalid_usage() {
    let root = repository("unread");
    for arguments in [
        &["analyze", "-f", "team", "-R", "--stdin-name", "a"][..],
        &["analyze", "--stdin-name", "a"],
        &["analyze", "-f", "-", "--stdin-name", ""],
        &["diff", "-f", "team", "--before", "team", "--stdin-name", "a"],
    ] {
        let output = Command::new(cargo_bin!("kubectl-mtls")).current_dir(&root).args(arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn links_of_markdown_are_those_of_the_ci_system() {
    let root = repository("ci");
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_SHA", "0a1b2c"),
    ];
    let text = analyze(&root.join("team"), "markdown", &["-f", "mesh"], &github);
    let link = "[team/mesh/policy.yaml:5](https://github.com/acme/shop/blob/0a1b2c/team/mesh/policy.yaml#L5)";
    assert!(text.contains(link), "{text}");
}

#[test]
fn the_nearest_repository_counts_and_without_one_the_current_folder() {
    let root = repository("nearest");
    fs::create_dir_all(root.join("team/.git")).unwrap();
    assert_eq!(RepositoryPaths::new(&root).relative("team/mesh/policy.yaml").as_deref(), Some("mesh/policy.yaml"));
    // A file, as submodules and worktrees have it.
    fs::remove_dir(root.join("team/.git")).unwrap();
    fs::write(root.join("team/.git"), "gitdir: elsewhere\n").unwrap();
    assert_eq!(RepositoryPaths::new(&root).relative("team/mesh/policy.yaml").as_deref(), Some("mesh/policy.yaml"));
    let outside = std::env::temp_dir();
    if !outside.ancestors().any(|folder| folder.join(".git").exists()) {
        let mut paths = RepositoryPaths::new(&outside.join("a/b"));
        let found = ["c.yaml", "./c/../d.yaml", "../c.yaml", "<stdin>"].map(|path| paths.relative(path));
        assert_eq!(found, [Some("c.yaml".to_owned()), Some("d.yaml".to_owned()), None, None]);
    }
}
