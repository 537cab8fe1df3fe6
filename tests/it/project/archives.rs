//! The scripts of a release, run on binaries that are none. They need the tools of GNU, as the job that publishes has them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use super::{read, yaml};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("project").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(script: impl AsRef<Path>, arguments: &[&Path]) -> Output {
    Command::new(script.as_ref()).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::str::from_utf8(&output.stdout).unwrap()
}

fn platforms() -> Vec<Value> {
    yaml("deploy/krew/mtls.yaml")["spec"]["platforms"].as_array().unwrap().clone()
}

fn archive(platform: &Value) -> &str {
    platform["uri"].as_str().unwrap().rsplit('/').next().unwrap()
}

/// Binaries of every platform as the jobs that build leave them, and the archives of them.
fn packed(name: &str) -> PathBuf {
    let folder = folder(name);
    for platform in platforms() {
        let labels = &platform["selector"]["matchLabels"];
        let place = folder.join("binaries").join(format!("{}-{}", labels["os"].as_str().unwrap(), labels["arch"].as_str().unwrap()));
        fs::create_dir_all(&place).unwrap();
        // An artifact of a workflow has lost that it can be executed.
        fs::write(place.join(platform["bin"].as_str().unwrap()), archive(&platform)).unwrap();
    }
    stdout(&run("deploy/krew/pack.sh", &[&folder.join("binaries"), &folder.join("archives")]));
    folder
}

/// The files in an archive with the modes that they are unpacked with, where it has them.
fn contents(path: &Path) -> BTreeSet<(String, Option<String>)> {
    let (program, flags) =
        if path.extension().is_some_and(|end| end == "zip") { ("python3", &["-m", "zipfile", "-l"][..]) } else { ("tar", &["-tvf"][..]) };
    let output = Command::new(program).args(flags).arg(path).output().unwrap();
    let lines = stdout(&output).lines();
    if program == "tar" {
        lines.map(|line| (line.rsplit(' ').next().unwrap().to_owned(), line.split(' ').next().map(str::to_owned))).collect()
    } else {
        lines.skip(1).map(|line| (line.split_whitespace().next().unwrap().to_owned(), None)).collect()
    }
}

#[test]
fn the_archives_have_what_the_manifest_takes_out_of_them_and_the_same_bytes_each_time() {
    let (once, again) = (packed("once").join("archives"), packed("again").join("archives"));
    assert_eq!(fs::read_dir(&once).unwrap().count(), platforms().len());
    for platform in platforms() {
        let path = once.join(archive(&platform));
        let inside = contents(&path);
        let names: BTreeSet<&str> = inside.iter().map(|(name, _)| name.as_str()).collect();
        let wanted = platform["files"].as_array().unwrap().iter().map(|file| file["from"].as_str().unwrap()).collect();
        assert_eq!(names, wanted, "{}", path.display());
        let executed = ["kubectl-mtls", "completions/kubectl_complete-mtls"];
        for (name, mode) in inside.iter().filter_map(|(name, mode)| Some((name, mode.as_ref()?))) {
            assert_eq!(mode, if executed.contains(&name.as_str()) { "-rwxr-xr-x" } else { "-rw-r--r--" }, "{name}");
        }
        assert_eq!(fs::read(&path).unwrap(), fs::read(again.join(archive(&platform))).unwrap(), "{}", path.display());
    }
}

#[test]
fn the_filled_manifest_differs_in_the_checksums_alone() {
    let archives = packed("filled").join("archives");
    let filled: Value = serde_saphyr::from_str(stdout(&run("deploy/krew/fill.sh", &[&archives]))).unwrap();
    let mut expected = yaml("deploy/krew/mtls.yaml");
    for platform in expected["spec"]["platforms"].as_array_mut().unwrap() {
        let output = Command::new("sha256sum").arg(archives.join(archive(platform))).output().unwrap();
        platform["sha256"] = stdout(&output).split(' ').next().unwrap().into();
    }
    assert_eq!(filled, expected);
    assert!(!filled.to_string().contains("00000000"));
}

#[test]
fn an_archive_more_or_less_than_the_manifest_names_is_a_mistake() {
    let folder = packed("wrong");
    let archives = folder.join("archives");
    fs::write(archives.join("kubectl-mtls-v9-plan9-mips.tar.gz"), "").unwrap();
    assert!(!run("deploy/krew/fill.sh", &[&archives]).status.success());
    fs::remove_file(archives.join("kubectl-mtls-v9-plan9-mips.tar.gz")).unwrap();
    fs::remove_file(archives.join(archive(&platforms()[0]))).unwrap();
    assert!(!run("deploy/krew/fill.sh", &[&archives]).status.success());
    fs::remove_dir_all(folder.join("binaries/linux-arm64")).unwrap();
    assert!(!run("deploy/krew/pack.sh", &[&folder.join("binaries"), &folder.join("anew")]).status.success());
}

#[test]
fn a_tag_is_released_only_where_every_file_has_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = format!("# Changelog\n\n## Unreleased\n\n## {version} - 2026-12-01\n\n- All of it.\n\n## 0.0.1\n\n- Nothing.\n");
    let texts = [("Cargo.toml", read("Cargo.toml")), ("deploy/krew/mtls.yaml", read("deploy/krew/mtls.yaml")), ("CHANGELOG.md", changelog)];
    let check = |name: &str, tag: &str, edit: &dyn Fn(&str, &str) -> String| {
        let folder = folder(&format!("check-{name}"));
        fs::create_dir_all(folder.join("deploy/krew")).unwrap();
        fs::copy("deploy/krew/check.sh", folder.join("deploy/krew/check.sh")).unwrap();
        for (path, text) in &texts {
            fs::write(folder.join(path), edit(path, text)).unwrap();
        }
        run(folder.join("deploy/krew/check.sh"), &[Path::new(tag)])
    };
    let tag = format!("v{version}");
    let right = check("right", &tag, &|_, text| text.to_owned());
    assert_eq!(stdout(&right).trim(), "- All of it.");
    for tag in ["v9.9.9", version, "v", "v0.1"] {
        assert!(!check("tag", tag, &|_, text| text.to_owned()).status.success(), "{tag}");
    }
    for (path, from, to) in [
        ("Cargo.toml", format!("version = \"{version}\""), "version = \"9.9.9\"".to_owned()),
        ("deploy/krew/mtls.yaml", format!("version: {tag}"), "version: v9.9.9".to_owned()),
        ("deploy/krew/mtls.yaml", format!("{tag}-linux-arm64"), "v9.9.9-linux-arm64".to_owned()),
        ("deploy/krew/mtls.yaml", format!("/mtls/{tag}/"), "/mtls/v9.9.9/".to_owned()),
        ("CHANGELOG.md", format!("## {version}"), "## 9.9.9".to_owned()),
    ] {
        let edit = |file: &str, text: &str| if file == path { text.replacen(&from, &to, 1) } else { text.to_owned() };
        assert!(!check("wrong", &tag, &edit).status.success(), "{path}: {from}");
    }
}
