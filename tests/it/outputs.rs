//! Several outputs of one run, and where they are written.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kubectl_mtls::report::Format;
use snapbox::cmd::cargo_bin;

use crate::goldens::MESHES;

/// A new folder that is the root of a repository.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outputs").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join(".git")).unwrap();
    folder
}

/// Runs the program in a folder, on one of the meshes.
fn run(folder: &Path, mesh: &str, arguments: &[&str]) -> Output {
    let manifests = fs::canonicalize("testdata/meshes").unwrap().join(mesh);
    let mut command = Command::new(cargo_bin!("kubectl-mtls"));
    for variable in ["KUBECONFIG", "COLUMNS", "CLICOLOR_FORCE", "GITHUB_ACTIONS", "GITLAB_CI"] {
        command.env_remove(variable);
    }
    command.current_dir(folder).args(arguments).args(["-R", "-f"]).arg(manifests).output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn one_run_writes_what_a_run_for_each_format_prints_with_the_same_status() {
    for mesh in MESHES {
        let folder = folder(mesh);
        let files: Vec<String> = Format::ALL.iter().map(|format| format!("{0}=out.{0}", format.name())).collect();
        let outputs = files.iter().flat_map(|file| ["-o", file]);
        let arguments: Vec<&str> = ["analyze", "--fail-on", "warning", "-o", "table"].into_iter().chain(outputs).collect();
        let together = run(&folder, mesh, &arguments);
        for format in Format::ALL {
            let alone = run(&folder, mesh, &["analyze", "--fail-on", "warning", "-o", format.name()]);
            let written = fs::read(folder.join(format!("out.{}", format.name()))).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(alone.stdout.clone()).unwrap(), "{mesh} {format:?}");
            assert_eq!(together.status.code(), alone.status.code(), "{mesh} {format:?}");
            if format == Format::Table {
                assert_eq!(together.stdout, alone.stdout, "{mesh}");
            }
        }
        // Nothing else is left in the folder.
        assert_eq!(names(&folder).len(), Format::ALL.len() + 1, "{mesh}: {:?}", names(&folder));
    }
}

#[test]
fn the_output_without_a_file_of_its_own_goes_to_output_file() {
    let folder = folder("output-file");
    for command in ["audit", "analyze", "policies", "sidecars", "migrate-check"] {
        let printed = run(&folder, "bookinfo", &[command]);
        let written = run(&folder, "bookinfo", &[command, "--output-file", "table.txt", "-o", "table", "-o", "json=out.json"]);
        assert_eq!((written.stdout.as_slice(), written.status.code()), (&b""[..], printed.status.code()), "{command}");
        assert_eq!(fs::read(folder.join("table.txt")).unwrap(), printed.stdout, "{command}");
        assert!(fs::read_to_string(folder.join("out.json")).unwrap().starts_with('{'), "{command}");
    }
}

#[test]
fn outputs_that_contradict_each_other_or_cannot_be_written_are_invalid_usage() {
    let folder = folder("invalid");
    for (arguments, expected) in [
        (&["-o", "json", "-o", "table"][..], "two formats for one output, json and table"),
        (&["-o", "json", "-o", "json"], "two formats for one output, json and json"),
        (&["-o", "sarif=out", "-o", "junit=./out"], "two formats for one file, ./out"),
        (&["-o", "sarif=out", "--output-file", "out"], "nothing to write to out"),
        (&["-o", "sarif=out", "-o", "table", "--output-file", "out"], "two formats for one file, out"),
        (&["-o", "sarif="], "invalid output `sarif=`: expected a file after `=`, as in sarif=FILE"),
        (&["-o", "sarif=absent/out"], "cannot write absent/out: there is no folder absent"),
        (&["--output-file", ".git"], "cannot write .git: it is a folder"),
        (&["-o", "xml=out"], "[possible values: table, wide, json, yaml, markdown, sarif, junit, github, policyreport]"),
        (&["-o", "out.json"], "[possible values: table, wide"),
    ] {
        let output = run(&folder, "clean", &[&["analyze"], arguments].concat());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
        assert_eq!(names(&folder), [".git"], "{arguments:?}");
    }
    let output = run(&folder, "clean", &["policies", "-o", "sarif=out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("[possible values: table, wide, json, yaml]"));
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_and_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("replaced");
    let file = folder.join("out.json");
    fs::write(&file, "x".repeat(1 << 20)).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run(&folder, "clean", &["audit", "-o", "json=out.json"]).status.code(), Some(0));
    serde_json::from_str::<serde_json::Value>(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

/// What is on standard output does not depend on a file that cannot be written, and the file is named.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_is_named_and_the_other_outputs_are_complete() {
    let folder = folder("full");
    let output = run(&folder, "bookinfo", &["analyze", "-o", "github", "-o", "sarif=/dev/full", "-o", "json=out.json"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("error: cannot write /dev/full\n") && stderr.contains("No space left"), "{stderr}");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stdout, run(&folder, "bookinfo", &["analyze", "-o", "github"]).stdout);
    assert_eq!(fs::read(folder.join("out.json")).unwrap(), run(&folder, "bookinfo", &["analyze", "-o", "json"]).stdout);
    assert!(Path::new("/dev/full").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_in_its_place() {
    let folder = folder("device");
    let printed = run(&folder, "clean", &["audit", "-o", "json"]);
    let written = run(&folder, "clean", &["audit", "-o", "json=/dev/stdout"]);
    assert_eq!((written.status.code(), written.stdout), (Some(0), printed.stdout));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_a_repository_could_contain() {
    use std::os::unix::fs::symlink;
    let folder = folder("links");
    let inside = folder.join("repository");
    fs::create_dir_all(&inside).unwrap();
    fs::create_dir_all(folder.join("elsewhere")).unwrap();
    fs::write(folder.join("elsewhere/kept"), "kept").unwrap();
    symlink("../elsewhere/kept", inside.join("out.sarif")).unwrap();
    symlink("../elsewhere", inside.join("reports")).unwrap();
    for file in ["out.sarif", "./out.sarif", "reports/new", "./reports/new"] {
        let output = run(&inside, "clean", &["analyze", "-o", &format!("sarif={file}")]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{file}: {stderr}");
        assert!(stderr.contains(" is a link"), "{file}: {stderr}");
    }
    assert_eq!(fs::read_to_string(folder.join("elsewhere/kept")).unwrap(), "kept");
    assert_eq!(names(&folder.join("elsewhere")), ["kept"]);
}

#[test]
fn a_run_with_nothing_for_standard_output_prints_nothing_there() {
    let folder = folder("silent");
    let output = run(&folder, "bookinfo", &["analyze", "-o", "sarif=out.sarif"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}
