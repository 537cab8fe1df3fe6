//! The drawing of the house, as a test: which room may use which, and which crate belongs where.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::module_graph::ModuleGraph;

/// The rooms, and what each may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("object", &[]),
    ("istio", &["object"]),
    ("mesh", &["istio", "object"]),
    ("queries", &["mesh", "istio", "object"]),
    ("checks", &["queries", "mesh", "istio", "object"]),
    ("source", &["object"]),
    ("report", &["object"]),
    ("cli", &["checks", "queries", "report", "source", "mesh", "istio", "object"]),
];

/// Crates that only some places may name.
const FENCED: &[(&str, &[&str])] = &[
    ("kube", &["source"]),
    ("k8s_openapi", &["source"]),
    ("hyper", &["source"]),
    ("indicatif", &["cli"]),
    ("ctrlc", &["cli"]),
    ("serde_saphyr", &["source"]),
    ("tokio", &["source", "cli"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("anyhow", &["cli", "main.rs"]),
    ("comfy_table", &["report"]),
    ("annotate_snippets", &["report"]),
    ("similar", &["checks/page.rs"]),
];

/// The rooms that see `object::wire`: what is read into it, and what is made of it. All others see meanings.
const SEE_WIRE: &[&str] = &["object", "source", "istio"];

/// Names that say nothing: what is in such a file has not found its room.
const NAMELESS: &[&str] = &["utils", "util", "common", "helpers", "helper", "types", "misc"];

#[test]
fn rooms_depend_only_as_drawn() {
    for (room, allowed) in MAY_USE {
        for (file, text) in sources(room) {
            for used in text.split("crate::").skip(1).flat_map(roots) {
                assert!(used == *room || allowed.contains(&used), "{} uses {used}", file.display());
            }
        }
    }
}

#[test]
fn every_room_is_in_the_drawing() {
    let rooms: Vec<String> = fs::read_dir("src").unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).map(|p| stem(&p)).collect();
    for room in rooms {
        assert!(MAY_USE.iter().any(|(name, _)| *name == room), "src/{room} is not in the drawing");
        let drawing = fs::read_to_string("ARCHITECTURE.md").unwrap();
        assert!(drawing.contains(&format!("{room}/")), "ARCHITECTURE.md does not speak of {room}/");
    }
}

#[test]
fn crates_stay_behind_their_fences() {
    for (file, text) in sources("") {
        for (name, allowed) in FENCED {
            let names_it = text.lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with("//")
                    && line
                        .match_indices(&format!("{name}::"))
                        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            let is_allowed = allowed.iter().any(|place| file.starts_with(Path::new("src").join(place)));
            assert!(!names_it || is_allowed, "{} names {name}", file.display());
        }
    }
}

/// Rooms, or folders of one, in which no file refers to one that refers back to it.
const WITHOUT_CIRCLES: &[&str] = &["mesh", "report", "cli", "source", "checks", "queries", "istio", "object"];

#[test]
fn no_circle_between_files() {
    let modules = ModuleGraph::read();
    for room in WITHOUT_CIRCLES {
        let circles = modules.circles(room);
        assert!(circles.is_empty(), "files that refer to each other, and what they name: {circles:#?}");
    }
}

#[test]
fn wire_structs_are_seen_only_by_source_and_istio() {
    for (file, text) in sources("") {
        if SEE_WIRE.iter().any(|room| file.starts_with(Path::new("src").join(room))) {
            continue;
        }
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        assert!(!has_word(&code, "wire", "::"), "{} names a wire struct", file.display());
        for import in code.split("use crate::").skip(1).filter_map(|rest| rest.split_once(';')) {
            assert!(!words(import.0).any(|word| word == "wire"), "{} imports object::wire", file.display());
        }
        // What is not named can still be reached through what was read: `Read::body` is a wire struct.
        let has_own_bodies = file.starts_with("src/report");
        assert!(has_own_bodies || !reaches_bodies(&code), "{} looks into the body of an object that was read", file.display());
    }
}

/// Whether a word stands before this mark, and is not the end of a longer one.
fn has_word(code: &str, word: &str, mark: &str) -> bool {
    let ends_word = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices(&format!("{word}{mark}")).any(|(at, _)| !ends_word(&code[..at]))
}

/// Whether a field `body` is looked at.
fn reaches_bodies(code: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '(');
    code.match_indices(".body").any(|(at, found)| !goes_on(&code[at + found.len()..]))
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn no_file_is_called_nothing() {
    for (file, _) in sources("") {
        assert!(!NAMELESS.contains(&stem(&file).as_str()), "{}", file.display());
    }
}

/// What a macro declares, or `#[path]`, is out of sight of `cargo fmt`.
#[test]
fn every_file_is_declared_by_a_plain_mod_line_of_its_parent() {
    for (file, _) in sources("") {
        let folder = file.parent().unwrap();
        let (name, parents) = match stem(&file).as_str() {
            "lib" | "main" => continue,
            "mod" => (stem(folder), ["mod.rs", "lib.rs", "main.rs"].map(|parent| folder.with_file_name(parent))),
            name => (name.to_owned(), ["mod.rs", "lib.rs", "main.rs"].map(|parent| folder.join(parent))),
        };
        let lines: Vec<String> = parents.iter().filter_map(|parent| fs::read_to_string(parent).ok()).collect();
        let declares = |line: &str| {
            let line = line.strip_suffix(';').and_then(|line| line.strip_suffix(&name)).and_then(|line| line.strip_suffix("mod "));
            line.is_some_and(|visibility| visibility.is_empty() || visibility.starts_with("pub"))
        };
        assert!(lines.iter().flat_map(|text| text.lines()).any(declares), "no plain `mod {name};` for {}", file.display());
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The Rust files of a room (of all, if empty) with their text.
fn sources(room: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new("src").join(room)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// The first segments of what follows `crate::`, be it `a::b` or `{a::b, c::{d, e}}`.
fn roots(rest: &str) -> Vec<&str> {
    let Some(group) = rest.strip_prefix('{') else { return vec![segment(rest)] };
    let (mut depth, mut found) = (0, vec![segment(group)]);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(segment(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn segment(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())]
}
