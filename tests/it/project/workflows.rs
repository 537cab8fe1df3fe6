//! Workflows, which cannot be run here: what they name is there, and they may do no more than they must.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{files, read, yaml};

/// Subcommands of cargo that read the lock file.
const LOCKED: &[&str] = &["bench", "build", "check", "clippy", "deny", "doc", "install", "package", "publish", "run", "test"];

/// Folders of the repository: a word that starts with one is a path of it.
const FOLDERS: &[&str] = &[".ci/", ".github/", "benches/", "completions/", "deploy/", "docs/", "fuzz/", "src/", "testdata/", "tests/"];

/// Folders of the fuzzer, which are made by running it.
const MADE: &[&str] = &["fuzz/artifacts/", "fuzz/corpus/"];

fn workflows() -> Vec<(PathBuf, Value)> {
    let found: Vec<_> = files(".github/workflows", ".yml").into_iter().map(|path| (path.clone(), yaml(path))).collect();
    let names: Vec<String> = found.iter().map(|(path, _)| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["audit", "ci", "release"]);
    found
}

/// Every job, with the workflow and its own name.
fn jobs() -> Vec<(String, Value)> {
    let all = workflows().into_iter().flat_map(|(path, workflow)| {
        let jobs = workflow["jobs"].as_object().unwrap().clone();
        jobs.into_iter().map(move |(name, job)| (format!("{}: {name}", path.display()), job))
    });
    all.collect()
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().unwrap().iter()
}

/// Every text that is run as a script, and where it stands: of workflows, of the action, and the scripts themselves.
fn scripts() -> Vec<(String, String)> {
    let of_jobs = jobs().into_iter().flat_map(|(name, job)| {
        let runs: Vec<_> = steps(&job).filter_map(|step| step["run"].as_str().map(str::to_owned)).collect();
        runs.into_iter().map(move |run| (name.clone(), run))
    });
    let action = yaml("deploy/action/action.yml");
    let of_action = action["runs"]["steps"].as_array().unwrap().iter().map(|step| step["run"].as_str().unwrap().to_owned());
    let of_files = files("deploy", ".sh").into_iter().chain([PathBuf::from(".ci/run")]);
    of_jobs
        .chain(of_action.map(|run| ("the action".to_owned(), run)))
        .chain(of_files.map(|path| (path.display().to_string(), read(&path).replace("\\\n", " "))))
        .collect()
}

/// Words that are paths of the repository. One with a part to be filled in is left out.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || "`'\"()<>;|,".contains(c)).map(|word| word.trim_end_matches(['.', ':']));
    let begins = |word: &str, folders: &[&str]| folders.iter().any(|folder| word.starts_with(folder));
    words.filter(move |word| begins(word, FOLDERS) && !begins(word, MADE) && !word.contains(['$', '*', '{']))
}

#[test]
fn jobs_have_the_least_rights_and_an_end() {
    for (path, workflow) in workflows() {
        assert_eq!(workflow["permissions"], json!({}), "{}", path.display());
        assert!(workflow["concurrency"]["group"].as_str().unwrap().contains("github.ref"), "{}", path.display());
    }
    for (name, job) in jobs() {
        let rights = if name.ends_with("release.yml: publish") { json!({"contents": "write"}) } else { json!({"contents": "read"}) };
        assert_eq!(job["permissions"], rights, "{name}");
        assert!(job["timeout-minutes"].as_u64().is_some_and(|minutes| minutes <= 60), "{name}");
        for step in steps(&job).filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@"))) {
            assert_eq!(step["with"]["persist-credentials"], false, "{name}");
        }
    }
}

#[test]
fn nothing_that_others_write_becomes_part_of_a_script() {
    let text: String = workflows().iter().map(|(path, _)| read(path)).collect();
    assert!(!text.contains("pull_request_target") && !text.contains("secrets."));
    for (name, script) in scripts() {
        assert!(!script.contains("${{"), "{name}: {script}");
    }
}

#[test]
fn actions_are_pinned_to_one_commit_each() {
    let mut pins: BTreeMap<String, String> = BTreeMap::new();
    for (path, _) in workflows() {
        for line in read(&path).lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            let (action, version) = line.split_once(" # v").unwrap_or_else(|| panic!("{}: {line} has no version", path.display()));
            let (name, commit) = action.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{line}");
            let pin = format!("{commit} {version}");
            assert_eq!(*pins.entry(name.to_owned()).or_insert(pin.clone()), pin, "{name} in two versions");
        }
    }
    assert!(pins.contains_key("actions/checkout"));
    // What is released is built without the help of others: their caches and tools are in no job of it.
    let release = read(".github/workflows/release.yml");
    assert!(release.lines().filter(|line| line.contains("uses: ")).all(|line| line.contains("uses: actions/")));
}

#[test]
fn cargo_keeps_to_the_lock_file() {
    let mut seen = BTreeSet::new();
    let releasing = read("RELEASING.md").lines().filter_map(|line| Some(line.split('`').nth(1)?.to_owned())).collect::<Vec<_>>().join("\n");
    for (name, script) in scripts().into_iter().chain([("RELEASING.md".to_owned(), releasing)]) {
        for command in script.split(['\n', ';', '|']).filter(|line| !line.trim_start().starts_with('#')) {
            let Some((_, arguments)) = command.split_once("cargo ") else { continue };
            let subcommand = arguments.split_whitespace().next().unwrap();
            if LOCKED.contains(&subcommand) && !arguments.starts_with("deny fetch") && !arguments.starts_with("check` so that") {
                assert!(arguments.contains("--locked"), "{name}: {command}");
                seen.insert(subcommand.to_owned());
            }
        }
    }
    for wanted in ["build", "check", "clippy", "deny", "doc", "install", "publish", "test"] {
        assert!(seen.contains(wanted), "{wanted}: {seen:?}");
    }
}

#[test]
fn every_path_that_a_script_or_a_guide_names_is_there() {
    let guides = ["CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", "fuzz/README.md"];
    let guides = guides.map(|path| (path.to_owned(), read(path)));
    let mut seen = BTreeSet::new();
    for (name, text) in scripts().into_iter().chain(guides) {
        for path in paths(&text) {
            assert!(Path::new(path).exists(), "{name} names {path}");
            seen.insert(path.to_owned());
        }
    }
    for wanted in [".ci/run", "deploy/krew/check.sh", "deploy/krew/pack.sh", "deploy/krew/fill.sh", "fuzz/Cargo.toml"] {
        assert!(seen.contains(wanted), "{wanted}: {seen:?}");
    }
}

#[test]
fn the_systems_and_the_minimum_of_rust_are_those_that_are_promised() {
    let ci = yaml(".github/workflows/ci.yml");
    assert_eq!(ci["jobs"]["minimum-rust"]["strategy"]["matrix"]["rust"], json!([env!("CARGO_PKG_RUST_VERSION")]));
    assert_eq!(ci["jobs"]["systems"]["strategy"]["matrix"]["os"], json!(["macos-latest", "windows-latest"]));
    assert!(steps(&ci["jobs"]["linux"]).any(|step| step["run"] == ".ci/run"));
    assert_eq!(ci["on"]["push"]["branches"], json!(["main"]));
    assert!(ci["on"].as_object().unwrap().contains_key("pull_request"));
}

#[test]
fn the_release_builds_each_platform_of_the_manifest() {
    let release = yaml(".github/workflows/release.yml");
    let built = &release["jobs"]["build"]["strategy"]["matrix"]["include"];
    let built: BTreeSet<(&str, &str)> =
        built.as_array().unwrap().iter().map(|one| (one["platform"].as_str().unwrap(), one["target"].as_str().unwrap())).collect();
    let manifest = yaml("deploy/krew/mtls.yaml");
    let wanted: BTreeSet<(String, String)> = manifest["spec"]["platforms"].as_array().unwrap().iter().map(target).collect();
    assert_eq!(built, wanted.iter().map(|(platform, target)| (platform.as_str(), target.as_str())).collect());
    assert_eq!(release["on"], json!({"push": {"tags": ["v*"]}}));
    for (job, needed) in [("build", "check"), ("publish", "build")] {
        assert_eq!(release["jobs"][job]["needs"], needed);
    }
}

/// The name of a platform of the manifest, and Rust's word for it.
fn target(platform: &Value) -> (String, String) {
    let labels = &platform["selector"]["matchLabels"];
    let (os, arch) = (labels["os"].as_str().unwrap(), labels["arch"].as_str().unwrap());
    let machine = BTreeMap::from([("amd64", "x86_64"), ("arm64", "aarch64")])[arch];
    let system = BTreeMap::from([("linux", "unknown-linux-gnu"), ("darwin", "apple-darwin"), ("windows", "pc-windows-msvc")])[os];
    (format!("{os}-{arch}"), format!("{machine}-{system}"))
}

#[test]
fn issue_forms_ask_for_what_a_maintainer_needs() {
    for (form, wanted) in [
        ("1-wrong-answer", &["version", "manifests", "command", "answer", "truth"][..]),
        ("2-crash-or-unreadable-input", &["version", "system", "command", "output"]),
        ("3-idea", &["situation"]),
    ] {
        let form = yaml(format!(".github/ISSUE_TEMPLATE/{form}.yml"));
        assert!(["name", "description"].iter().all(|key| form[*key].as_str().is_some_and(|text| !text.is_empty())), "{form}");
        let fields: Vec<&Value> = form["body"].as_array().unwrap().iter().filter(|field| field["type"] != "markdown").collect();
        assert!(fields.iter().all(|field| field["attributes"]["label"].is_string()), "{form}");
        let ids: BTreeSet<&str> = fields.iter().map(|field| field["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), fields.len(), "{form}");
        let required: Vec<&str> =
            fields.iter().filter(|field| field["validations"]["required"] == true).map(|field| field["id"].as_str().unwrap()).collect();
        assert!(wanted.iter().all(|id| required.contains(id)), "{required:?}");
    }
    assert_eq!(files(".github/ISSUE_TEMPLATE", ".yml").len(), 4);
    assert_eq!(yaml(".github/ISSUE_TEMPLATE/config.yml")["blank_issues_enabled"], false);
    let updated = yaml(".github/dependabot.yml");
    assert_eq!(updated["version"], 2);
    let kinds: Vec<&Value> = updated["updates"].as_array().unwrap().iter().map(|update| &update["package-ecosystem"]).collect();
    assert_eq!(kinds, ["cargo", "github-actions"]);
}
