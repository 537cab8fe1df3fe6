//! What the program prints, in files below `testdata/expected`. `SNAPSHOTS=overwrite` writes them anew.
//!
//! A text of a rule is in few of them. `audit.txt` has the findings of each mesh, word for word; one mesh has each format in
//! full, and the documents of the others are without those words. `formats.rs` holds that all formats show the same findings.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use snapbox::{
    Assert, Data,
    cmd::{Command, cargo_bin},
    data::DataFormat,
};

const FOLDER: &str = "testdata/expected";

/// The mesh with each format in full.
const IN_FULL: &str = "bookinfo";

/// The files of every mesh, and the command that prints each. `MESH` is what reads its manifests.
const OF_EVERY_MESH: &[(&str, &str)] = &[
    ("analyze-fix-plan.txt", "analyze MESH --fix-plan -q"),
    ("audit-by-client.txt", "audit MESH --by client -q"),
    ("audit-by-port.txt", "audit MESH --by port -q"),
    ("audit-by-workload-wide.txt", "audit MESH --by workload -o wide -q"),
    ("audit.json", "audit MESH --by port --include-system -o json"),
    ("audit.txt", "audit MESH"),
    ("migrate-check.txt", "migrate-check MESH"),
    ("policies-wide.txt", "policies MESH -o wide -q"),
    ("sidecars-all-wide.txt", "sidecars MESH --all -o wide"),
    ("sidecars-services.txt", "sidecars MESH --services"),
];

/// The files of one mesh.
const OF_ONE_MESH: &[(&str, &str)] = &[
    ("ambient/explain-payments-9443.txt", "explain shop/deploy/payments:9443 MESH -q"),
    ("ambient/sidecars.json", "sidecars MESH --include-system -o json"),
    ("bookinfo/analyze.github", "analyze MESH -o github"),
    ("bookinfo/analyze.junit.xml", "analyze MESH -o junit"),
    ("bookinfo/analyze.policyreport.yaml", "analyze MESH -o policyreport"),
    ("bookinfo/analyze.sarif", "analyze MESH -o sarif --select MTLS105,MTLS107,MTLS109"),
    ("bookinfo/analyze.txt", "analyze MESH -q"),
    ("bookinfo/audit-80.txt", "COLUMNS=80 audit MESH -q"),
    ("bookinfo/audit-by-client-60.txt", "COLUMNS=60 audit MESH --by client -q"),
    ("bookinfo/audit-by-client.md", "audit MESH --by client -o markdown --select MTLS0"),
    ("bookinfo/audit.md", "audit MESH -o markdown"),
    ("bookinfo/diff.json", "diff -R --before testdata/meshes/bookinfo -f testdata/changes/bookinfo.yaml -o json"),
    ("bookinfo/diff.md", "diff -R --before testdata/meshes/bookinfo -f testdata/changes/bookinfo.yaml -o markdown"),
    ("bookinfo/diff.txt", "diff -R --before testdata/meshes/bookinfo -f testdata/changes/bookinfo.yaml"),
    ("bookinfo/explain-outside-mongodb.txt", "explain outside svc/mongodb:27017 -n data MESH -q"),
    ("bookinfo/explain-productpage-reviews.txt", "explain bookinfo/deploy/productpage-v1 reviews:80 MESH -q"),
    ("bookinfo/explain-reviews-v2.txt", "explain bookinfo/deploy/reviews-v2 MESH -q"),
    ("bookinfo/sidecars-80.txt", "COLUMNS=80 sidecars MESH"),
    ("bookinfo/sidecars.yaml", "sidecars MESH --include-system -o yaml"),
    ("broken/analyze.github", "analyze MESH -o github"),
    ("broken/analyze.junit.xml", "analyze MESH -o junit --select MTLS0"),
    ("broken/analyze.sarif", "analyze MESH -o sarif --select MTLS0"),
    ("broken/analyze.txt", "analyze MESH -q"),
    ("broken/audit.md", "audit MESH -o markdown"),
    ("migration/migrate-check-permissive.txt", "migrate-check MESH --step permissive -q"),
    ("migration/migrate-check-web.txt", "migrate-check MESH shop/pod/web-7c9d-x1"),
    ("migration/migrate-check.json", "migrate-check MESH -o json"),
    ("migration/migrate-check.md", "migrate-check MESH -o markdown"),
];

/// The files that no mesh belongs to.
const OF_NO_MESH: &[(&str, &str)] = &[
    ("clusterrole-audit.yaml", "audit --print-rbac"),
    ("help-analyze.txt", "analyze --help"),
    ("help-audit.txt", "audit --help"),
    ("help-completion.txt", "completion --help"),
    ("help-diff.txt", "diff --help"),
    ("help-explain.txt", "explain --help"),
    ("help-migrate-check.txt", "migrate-check --help"),
    ("help-policies.txt", "policies --help"),
    ("help-sidecars.txt", "sidecars --help"),
    ("help.txt", "--help"),
    ("rules.txt", "analyze --list-rules"),
];

/// A test for each mesh.
macro_rules! meshes {
    ($($test:ident = $mesh:literal,)+) => {
        pub(crate) const MESHES: [&str; [$($mesh),+].len()] = [$($mesh),+];

        $(#[test]
        fn $test() {
            let of_every = OF_EVERY_MESH.iter().map(|(file, command)| (format!("{}/{file}", $mesh), *command));
            let of_this = OF_ONE_MESH.iter().filter(|(file, _)| mesh_of(file) == $mesh).map(|(file, command)| ((*file).to_owned(), *command));
            assert_golden(of_every.chain(of_this));
        })+
    };
}

meshes! {
    ambient_is_printed_as_expected = "ambient",
    bookinfo_is_printed_as_expected = "bookinfo",
    broken_is_printed_as_expected = "broken",
    clean_is_printed_as_expected = "clean",
    legacy_versions_is_printed_as_expected = "legacy-versions",
    migration_is_printed_as_expected = "migration",
    external_callers_is_printed_as_expected = "external-callers",
    strict_in_force_is_printed_as_expected = "strict-in-force",
    two_revisions_is_printed_as_expected = "two-revisions",
}

#[test]
fn help_and_lists_are_printed_as_expected() {
    assert_golden(OF_NO_MESH.iter().map(|(file, command)| ((*file).to_owned(), *command)));
}

/// A file that no test reads would stay as it is whatever the program prints.
#[test]
fn every_golden_file_is_that_of_a_command() {
    let of_every = MESHES.iter().flat_map(|mesh| OF_EVERY_MESH.iter().map(move |(file, _)| format!("{mesh}/{file}")));
    let rest = OF_ONE_MESH.iter().chain(OF_NO_MESH).map(|(file, _)| (*file).to_owned());
    let commands: Vec<String> = of_every.chain(rest).collect();
    let expected: BTreeSet<PathBuf> = commands.iter().map(|file| Path::new(FOLDER).join(file)).collect();
    assert_eq!(expected.len(), commands.len(), "a file has two commands");
    let stale: Vec<PathBuf> = files(Path::new(FOLDER)).into_iter().filter(|file| !expected.contains(file)).collect();
    assert!(stale.is_empty(), "no command prints these files, delete them: {stale:#?}");
    for (file, _) in OF_ONE_MESH {
        assert!(MESHES.contains(&mesh_of(file)), "{file}");
    }
}

#[test]
fn every_folder_of_manifests_is_a_mesh() {
    let folders: BTreeSet<String> =
        fs::read_dir("testdata/meshes").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, MESHES.map(str::to_owned).into());
}

fn mesh_of(file: &str) -> &str {
    file.split_once('/').map_or("", |(mesh, _)| mesh)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Compares all files with what their commands print, and shows each difference.
fn assert_golden(files: impl Iterator<Item = (String, &'static str)>) {
    let assert = Assert::new().action_env("SNAPSHOTS");
    let mut failures = Vec::new();
    for (file, command) in files {
        let printed = normalized(&file, &printed(&file, command));
        let expected = Data::read_from(&Path::new(FOLDER).join(&file), Some(DataFormat::Text)).raw();
        failures.extend(assert.try_eq(Some(&command), printed.into(), expected).err().map(|error| error.to_string()));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What a command prints, in an environment that does not describe a terminal.
fn printed(file: &str, command: &str) -> String {
    let columns = command.strip_prefix("COLUMNS=").and_then(|rest| rest.split_once(' '));
    let (columns, command) = columns.map_or((None, command), |(columns, command)| (Some(columns), command));
    let folder = format!("-R -f testdata/meshes/{}", mesh_of(file));
    let mut program = Command::new(cargo_bin!("kubectl-mtls")).args(command.replace("MESH", &folder).split(' '));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "KUBECONFIG", "GITHUB_ACTIONS", "GITLAB_CI"] {
        program = program.env_remove(variable);
    }
    let output = columns.into_iter().fold(program, |program, columns| program.env("COLUMNS", columns)).assert();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// The output without what changes for other reasons than the answer.
fn normalized(file: &str, text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let text = text.replace(&format!("version\": \"{version}\""), "version\": \"VERSION\"");
    let text = text.replace(&format!("Version\": \"{version}\""), "Version\": \"VERSION\"");
    let text = text.replace(&format!("version: \"{version}\""), "version: \"VERSION\"");
    let is_full = mesh_of(file) == IN_FULL;
    match Path::new(file).extension().and_then(|extension| extension.to_str()) {
        Some("json") if !is_full => folded(&without_words(serde_json::from_str(&text).unwrap())),
        Some("sarif") if !is_full => folded(&without_rules(serde_json::from_str(&text).unwrap())),
        _ => text,
    }
}

/// A document whose findings lack what `audit.txt` shows of them.
fn without_words(mut document: Value) -> Value {
    for finding in document["findings"].as_array_mut().unwrap() {
        for key in ["name", "aka", "message", "fix"] {
            assert!(finding.as_object_mut().unwrap().shift_remove(key).is_some(), "{finding:#} has no {key}");
        }
    }
    document
}

/// A SARIF log without its rules, whose texts are in `docs/rules`.
fn without_rules(mut log: Value) -> Value {
    assert!(log["runs"][0]["tool"]["driver"].as_object_mut().unwrap().shift_remove("rules").is_some());
    log
}

/// JSON in which a value that fits is on one line.
fn folded(value: &Value) -> String {
    let mut text = String::new();
    fold(value, "", 0, &mut text);
    text + "\n"
}

fn fold(value: &Value, indent: &str, before: usize, text: &mut String) {
    const WIDTH: usize = 140;
    let line = value.to_string();
    let inner = format!("{indent}  ");
    let mut block = |open, close, entries: Vec<(String, &Value)>| {
        text.push(open);
        for (at, (key, value)) in entries.iter().enumerate() {
            text.extend([if at == 0 { "\n" } else { ",\n" }, &inner, key]);
            fold(value, &inner, key.len(), text);
        }
        text.extend(["\n", indent]);
        text.push(close);
    };
    match value {
        _ if indent.len() + before + line.len() <= WIDTH => *text += &line,
        Value::Object(map) => {
            block('{', '}', map.iter().map(|(key, value)| (format!("{}: ", Value::from(key.as_str())), value)).collect());
        }
        Value::Array(values) => block('[', ']', values.iter().map(|value| (String::new(), value)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *text += &line,
    }
}

#[test]
fn folded_json_is_the_same_value() {
    let long = "x".repeat(100);
    let value = serde_json::json!({"a": [1, {"b": long, "c": "\"\n"}, [long, long]], "d": {}, "e": null});
    let text = folded(&value);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    assert_eq!(text.lines().map(str::len).max(), Some(124), "{text}");
    assert!(text.contains("\n  \"d\": {},\n  \"e\": null\n}\n"), "{text}");
}
