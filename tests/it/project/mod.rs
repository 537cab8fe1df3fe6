//! What is around the program: workflows, forms, the release, the package, lists of exceptions and fuzz targets, held to the repository.

#[cfg(target_os = "linux")]
mod archives;
mod unix;
mod workflows;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Reads a file of the repository.
fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// The one document of a YAML file.
fn yaml(path: impl AsRef<Path>) -> Value {
    serde_saphyr::from_str(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// The files below a folder whose name ends so, in order.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_package_has_the_source_and_no_tests() {
    let output = Command::new(env!("CARGO")).args(["package", "--list", "--locked", "--offline", "--allow-dirty"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = String::from_utf8(output.stdout).unwrap().replace('\\', "/");
    let packed: BTreeSet<&str> = list.lines().collect();
    let made = ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
    let wanted = ["README.md", "LICENSE", "CHANGELOG.md"];
    let strays: Vec<&&str> = packed.iter().filter(|path| !["src/", "completions/"].iter().any(|folder| path.starts_with(folder))).collect();
    assert!(strays.iter().all(|path| made.contains(*path) || wanted.contains(*path)), "{strays:?}");
    for path in files("src", "").iter().chain(&files("completions", "")) {
        assert!(packed.contains(path.to_str().unwrap().replace('\\', "/").as_str()), "{}", path.display());
    }
    assert!(wanted.iter().all(|path| packed.contains(path)));
}

#[test]
fn texts_have_the_same_line_ends_on_every_system() {
    // What is included into the binary, and goldens, would differ by \r on Windows.
    let attributes = read(".gitattributes");
    let rules: Vec<&str> = attributes.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rules, ["* text=auto eol=lf", "testdata/** -text", "fuzz/seeds/** -text"]);
    let texts = ["src", "docs", "testdata/expected"].into_iter().flat_map(|folder| files(folder, ""));
    let with_returns: Vec<PathBuf> = texts.filter(|path| fs::read(path).unwrap().contains(&b'\r')).collect();
    assert!(with_returns.is_empty(), "{with_returns:?}");
}

#[test]
fn every_exception_is_listed_once_with_a_reason() {
    let lists = files("testdata", "-exceptions.txt");
    assert_eq!(lists.len(), 4, "{lists:?}");
    for path in lists {
        let text = read(&path);
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut keys = BTreeSet::new();
        for line in lines {
            let (key, reason) = line.split_once(": ").unwrap_or_else(|| panic!("{}: {line}", path.display()));
            assert!(keys.insert(key), "{}: {key} twice", path.display());
            assert!(reason.trim().len() >= 15, "{}: {line}", path.display());
        }
    }
}

#[test]
fn every_fuzz_target_is_declared_described_and_has_seeds() {
    let (manifest, readme) = (read("fuzz/Cargo.toml"), read("fuzz/README.md"));
    let targets: BTreeMap<String, PathBuf> = files("fuzz/fuzz_targets", ".rs")
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    assert!(targets.len() >= 5, "{targets:?}");
    assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
    for (name, path) in &targets {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(readme.contains(&format!("| `{name}` |")), "{name}");
        assert!(read(path).starts_with("//! "), "{name}");
        assert!(fs::read_dir(format!("fuzz/seeds/{name}")).is_ok_and(|mut seeds| seeds.next().is_some()), "{name} has no seeds");
    }
}
