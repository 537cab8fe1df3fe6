//! `README.md` and the pages of `docs` show real output, real flags, and links that lead somewhere.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use snapbox::cmd::{Command, cargo_bin};

use crate::rust_text::is_word;

/// Flags of other programs that the pages name.
const FLAGS_OF_OTHERS: &[&str] = &["--body-file", "--create-if-none", "--edit-last", "--file", "--locked", "--path", "--prune", "--tag"];

/// The pages that people write, each with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let in_docs = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = in_docs.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    paths.push("README.md".into());
    paths.sort();
    paths.into_iter().map(|path| (fs::read_to_string(&path).unwrap(), path)).map(|(text, path)| (path, text)).collect()
}

/// The commands of a page whose output follows at once, with that output.
fn examples(text: &str) -> Vec<(&str, &str)> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("\n```\n\n```text\n"));
    let blocks = blocks.filter(|(command, _)| !command.contains("```"));
    blocks.map(|(command, rest)| (command.lines().last().unwrap(), rest.split_once("```").unwrap().0)).collect()
}

#[test]
fn examples_show_what_the_program_prints() {
    let mut seen = BTreeSet::new();
    for (path, text) in pages() {
        for (command, shown) in examples(&text) {
            let arguments: Vec<&str> = command.strip_prefix("kubectl mtls ").unwrap().split_whitespace().collect();
            let run = Command::new(cargo_bin!("kubectl-mtls")).args(&arguments);
            let run = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "KUBECONFIG", "GITHUB_ACTIONS", "GITLAB_CI"]
                .into_iter()
                .fold(run, Command::env_remove);
            let printed = String::from_utf8(run.assert().get_output().stdout.clone()).unwrap();
            let mut rest = printed.as_str();
            for part in shown.split("…\n").map(|part| part.trim_matches('\n')) {
                let found = rest.find(part);
                let end = found.map(|at| at + part.len());
                assert!(end.is_some(), "{} shows what `{command}` does not print, or not in this order:\n{part}", path.display());
                rest = &rest[end.unwrap_or_default()..];
            }
            seen.insert(arguments[0].to_owned());
        }
    }
    assert_eq!(seen, ["audit", "explain", "migrate-check", "sidecars"].map(ToOwned::to_owned).into());
}

#[test]
fn every_flag_is_one_of_the_program() {
    let helps = fs::read_dir("testdata/expected").unwrap().map(|entry| entry.unwrap().path());
    let helps = helps.filter(|path| path.extension().is_some_and(|it| it == "txt")).map(|path| fs::read_to_string(path).unwrap());
    let known: BTreeSet<String> = helps.flat_map(|text| flags(&text)).collect();
    for (path, text) in pages() {
        for flag in flags(&text) {
            assert!(known.contains(&flag) || FLAGS_OF_OTHERS.contains(&flag.as_str()), "{} names {flag}", path.display());
        }
    }
}

#[test]
fn readme_lists_every_command() {
    let (readme, help) = (fs::read_to_string("README.md").unwrap(), fs::read_to_string("testdata/expected/help.txt").unwrap());
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty());
    for name in names.filter(|name| *name != "help") {
        assert!(readme.lines().any(|line| line.starts_with(&format!("| `{name}"))), "README does not list {name}");
    }
}

/// The long flags in a text.
fn flags(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
    let words = text.split(|c: char| c.is_whitespace() || "`([\"'".contains(c)).filter(|word| word.starts_with("--"));
    let flags = words.map(|word| word.split(|c| !is_part(c)).next().unwrap().to_owned());
    flags.filter(|flag| flag.len() > 2 && !flag.starts_with("---")).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let others = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(|path| (path.into(), fs::read_to_string(path).unwrap()));
    let mut count = 0;
    for (path, text) in pages().into_iter().chain(others) {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap_or(Path::new("")).join(file) };
            assert!(target.exists(), "{} links to {link}", path.display());
            let has_heading = |text: String| text.lines().any(|line| line.starts_with('#') && anchor(line) == heading);
            assert!(heading.is_empty() || fs::read_to_string(&target).is_ok_and(has_heading), "{} links to {link}", path.display());
            count += 1;
        }
    }
    assert!(count > 20, "{count} links");
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Names in `ARCHITECTURE.md` that are in no file of ours: other crates, and a function of Prometheus.
const NAMES_OF_OTHERS: &[&str] = &["increase", "prost", "serde_yaml"];

#[test]
fn architecture_names_what_is_there() {
    let text = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let files = files(Path::new("src")).into_iter().chain(["Cargo.toml".into(), ".ci/run".into()]);
    let texts = files.map(|path| format!("{} {}", path.display(), fs::read_to_string(&path).unwrap_or_default()));
    let source = texts.collect::<Vec<_>>().join("\n");
    let words: BTreeSet<&str> = source.split(|c| !is_word(c)).collect();
    let mut count = 0;
    let prose: String = text.split("```").step_by(2).collect();
    for name in prose.split('`').skip(1).step_by(2).filter(|name| !name.contains(['<', ' ', '$', '='])) {
        let is_path = ["", "src", "src/checks", "src/mesh", "src/source", "src/report", "src/cli"].iter().any(|folder| {
            let path = Path::new(folder).join(name);
            path.exists() || path.with_extension("rs").exists()
        });
        let code = name.split('(').next().unwrap();
        let mut parts = code.split(|c| !is_word(c)).filter(|part| !part.is_empty());
        let is_flag = name.starts_with('-');
        assert!(is_path || is_flag || parts.all(|part| words.contains(part) || NAMES_OF_OTHERS.contains(&part)), "{name} is gone");
        count += 1;
    }
    assert!(count > 80, "{count} names");
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

#[test]
fn an_example_is_a_command_with_its_output() {
    let text =
        "```sh\na\n```\n\n```text\none\n```\n\n```sh\nb\n```\n\nwords\n\n```text\ntwo\n```\n\n```sh\nc\nd\n```\n\n```text\nthree\n```\n";
    assert_eq!(examples(text), [("a", "one\n"), ("d", "three\n")]);
    assert_eq!(flags("`--by-ip` (--all), --window=7d; |---|--- a--b"), ["--by-ip", "--all", "--window"]);
    assert_eq!(anchor("## Compare a change, *before* it"), "compare-a-change-before-it");
}
