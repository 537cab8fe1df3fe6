//! Manifests that are written are read, here and by kubectl, as they were meant.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kubectl_mtls::{report, source::manifest::yaml};
use proptest::prelude::*;
use serde_json::{Value, json};
use snapbox::cmd::cargo_bin;

use crate::plugin::kubectl_is_there;

const HOSTILE: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "y",
    "n",
    "on",
    "OFF",
    "True",
    "1",
    "0777",
    "0o7",
    "08",
    "1e3",
    "1_000",
    "0x1f",
    ".5",
    ".inf",
    "-.INF",
    ".nan",
    "+1",
    "-1",
    "12:30",
    "2026-11-28",
    "=",
    "<<",
    "*",
    "*a",
    "&a",
    "!a",
    "!!str",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "#",
    "a #b",
    "a: b",
    "a:",
    ":a",
    "- a",
    "-",
    "? a",
    "?",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "\\",
    "a\\u0041",
    " a",
    "a ",
    "\t",
    "a\nb",
    "a\r\nb",
    "---",
    "...",
    "a\n---\nb: c",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{200b}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffe}",
    "\u{10000}",
    "\u{1f600}",
    "\u{e0001}",
    "é",
    "日本",
    "x\u{85}kind: Other",
];

fn document(at: usize, text: &str) -> Value {
    json!({
        "apiVersion": "written.dev/v1", "kind": "Written", "metadata": { "name": format!("n{at}") },
        "spec": { "value": text, "list": [text, [text], { "a": text }], "map": { text: text, "other": {} } }
    })
}

#[test]
fn written_yaml_is_read_as_it_was_meant() {
    for (at, text) in HOSTILE.iter().enumerate() {
        let value = document(at, text);
        let written = report::yaml_text(&value).unwrap();
        let read = yaml::document(&written).unwrap_or_else(|error| panic!("{}: {written}", error.reason));
        assert_eq!(read.root.json(), value, "{written}");
        assert!(!written.chars().any(|c| c.is_control() && c != '\n'), "{written}");
    }
}

#[test]
fn written_yaml_is_read_by_kubectl_as_it_was_meant() {
    if !kubectl_is_there("whether kubectl reads what is written") {
        return;
    }
    let folder = folder("kubectl");
    fs::create_dir_all(&folder).unwrap();
    for (at, text) in HOSTILE.iter().enumerate() {
        fs::write(folder.join(format!("{at:03}.yaml")), report::yaml_text(&document(at, text)).unwrap()).unwrap();
    }
    let run = Command::new("kubectl").args(["label", "--local", "-o", "json", "compared=", "-f"]).arg(&folder).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let objects: Vec<Value> = serde_json::Deserializer::from_slice(&run.stdout).into_iter().map(Result::unwrap).collect();
    assert_eq!(objects.len(), HOSTILE.len());
    for (at, (object, text)) in objects.iter().zip(HOSTILE).enumerate() {
        assert_eq!(object["spec"], document(at, text)["spec"], "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_as_it_was_written(text in "\\PC*|[ -~\\n\\t]{0,20}", key in "\\PC{0,8}") {
        let value = json!({ "a": { key: text.clone() }, "b": [text] });
        let written = report::yaml_text(&value).unwrap();
        prop_assert_eq!(yaml::document(&written).unwrap().root.json(), value, "{}", written);
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manifests").join(name);
    // Left by another run, or not there.
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn migrate(folder: &Path, extra: &[&str]) -> Output {
    let args = ["migrate-check", "-R", "-f", "testdata/meshes/migration", "--fail-on", "never", "--write"];
    Command::new(cargo_bin!("kubectl-mtls")).args(args).arg(folder).args(extra).env_remove("KUBECONFIG").output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_of_another_run_are_kept_unless_they_are_to_be_replaced() {
    let folder = folder("again");
    assert_eq!(migrate(&folder, &[]).status.code(), Some(0));
    let written = names(&folder);
    fs::write(folder.join("07-mesh.yaml"), "old").unwrap();
    fs::write(folder.join("notes.txt"), "kept").unwrap();
    let refused = migrate(&folder, &[]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(message.contains("01-permissive.yaml is the file of another run") && message.contains("--replace"), "{message}");
    assert_eq!(fs::read_to_string(folder.join("07-mesh.yaml")).unwrap(), "old");
    assert_eq!(migrate(&folder, &["--replace"]).status.code(), Some(0));
    assert_eq!(names(&folder), [written, vec!["notes.txt".to_owned()]].concat());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let (folder, target) = (folder("links"), folder("target"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(&target, "mine").unwrap();
    std::os::unix::fs::symlink(&target, folder.join("01-permissive.yaml")).unwrap();
    assert_eq!(migrate(&folder, &[]).status.code(), Some(2));
    assert_eq!(migrate(&folder, &["--replace"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    assert!(fs::symlink_metadata(folder.join("01-permissive.yaml")).unwrap().is_file());
    let link = folder.join("link");
    std::os::unix::fs::symlink(folder.join("elsewhere"), &link).unwrap();
    fs::create_dir_all(folder.join("elsewhere")).unwrap();
    let refused = migrate(&link, &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    assert!(names(&folder.join("elsewhere")).is_empty());
}
