//! The drawing of the house, as a test: which room may use which, which crate belongs where, and what is pure.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    module_graph::ModuleGraph,
    rust_text::{Parsed, bare, nesting, without_tests, words},
};

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

/// Every dependency, and the only places that may name it; none for one that is there for its features alone.
const FENCED: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["report/human"]),
    ("anstream", &["cli"]),
    ("anyhow", &["cli"]),
    ("bytes", &["source/cluster", "source/http_body.rs"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("comfy_table", &["report/human"]),
    ("ctrlc", &["cli"]),
    ("flate2", &["source/http_body.rs"]),
    ("globset", &["checks/filter", "source/configuration.rs"]),
    ("http", &["source"]),
    ("http_body_util", &["source"]),
    ("indicatif", &["cli"]),
    ("ipnet", &["istio", "mesh/client", "queries/reach"]),
    ("jiff", &["checks/filter", "cli/duration.rs", "queries/evidence", "source/manifest"]),
    ("k8s_openapi", &["source/connection"]),
    ("kube", &["source"]),
    ("owo_colors", &["report/human"]),
    ("percent_encoding", &["source"]),
    ("schemars", &["report"]),
    ("serde", &["object", "source", "report", "mesh/pods/injection.rs"]),
    ("serde_json", &["source", "report", "cli", "mesh/pods/injection.rs"]),
    ("granit_parser", &["source/manifest"]),
    ("base64", &["source/manifest"]),
    ("similar", &["checks/page.rs"]),
    ("smol_str", &["object/text.rs"]),
    ("strsim", &["cli", "source/manifest/unknown_kind.rs"]),
    ("terminal_size", &["cli"]),
    ("thiserror", &["source"]),
    ("tokio", &["source"]),
];

/// The rooms without a clock, files, network or output of their own.
const PURE: &[&str] = &["object", "istio", "mesh", "queries", "checks"];

/// What pure rooms use of the standard library; nothing below these reaches out of the process.
const PURE_STD: &[&str] =
    &["borrow", "cell", "cmp", "collections", "fmt", "hash", "iter", "marker", "mem", "net::IpAddr", "ops", "ptr", "sync"];

/// Macros that write to the terminal.
const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

/// The rooms that see `object::wire`: what is read into it, and what is made of it. All others see meanings.
const SEE_WIRE: &[&str] = &["object", "source", "istio"];

/// Names that say nothing: what is in such a file has not found its room.
const NAMELESS: &[&str] = &["utils", "util", "common", "helpers", "helper", "types", "misc"];

#[test]
fn rooms_depend_only_as_drawn() {
    let mut seen = BTreeSet::new();
    for one in ModuleGraph::read().references() {
        let (from, room) = (one.from.join("::"), one.from[0].clone());
        let Some(used) = one.target.first() else { panic!("{from} names the root of the crate: {}", one.path) };
        let (_, allowed) = MAY_USE.iter().find(|(name, _)| *name == room).unwrap();
        assert!(*used == room || allowed.contains(&used.as_str()), "{from} uses {used}: {}", one.path);
        seen.insert((room, used.clone()));
    }
    // An arrow that no file follows is wrong in the drawing, and a room without any edge was not read.
    for (room, allowed) in MAY_USE {
        for used in allowed.iter().chain([room]) {
            assert!(seen.contains(&((*room).to_owned(), (*used).to_owned())), "no file of {room} uses {used}");
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
    let mut named = BTreeSet::new();
    for (file, text) in sources("") {
        let parsed = Parsed::of(&bare(&text));
        let has_extern = words(&parsed.code).any(|(_, word, after)| word == "extern" && after.starts_with("crate"));
        assert!(!has_extern, "{} has an extern crate", file.display());
        for path in parsed.paths() {
            let Some((name, allowed)) = FENCED.iter().find(|(name, _)| path[0] == *name) else { continue };
            let place = allowed.iter().find(|place| is_in(&file, place));
            assert!(place.is_some(), "{} names {name}", file.display());
            named.extend(place.map(|place| (*name, *place)));
        }
    }
    for (name, allowed) in FENCED {
        for place in *allowed {
            assert!(named.contains(&(*name, *place)), "{place} does not name {name}");
        }
    }
}

#[test]
fn every_dependency_has_a_fence() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap();
    let lines = dependencies.lines().take_while(|line| !line.starts_with('['));
    let names: BTreeSet<String> = lines.filter_map(|line| line.split_once(" =")).map(|(name, _)| name.replace('-', "_")).collect();
    assert_eq!(names, FENCED.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn pure_rooms_have_no_clock_no_files_no_network_and_no_output() {
    let is_allowed = |path: &[String]| {
        let below = path[1..].join("::");
        PURE_STD.iter().any(|one| below.strip_prefix(one).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
    };
    for (file, text) in PURE.iter().flat_map(|room| sources(room)) {
        let parsed = Parsed::of(&without_tests(&bare(&text)));
        for path in parsed.paths() {
            let is_std = matches!(path[0].as_str(), "std" | "core" | "alloc");
            assert!(!is_std || is_allowed(&path), "{} names {}", file.display(), path.join("::"));
        }
        for (before, word, after) in words(&parsed.code) {
            assert!(!(word == "now" && before.ends_with("::")), "{} looks at a clock", file.display());
            assert!(!(PRINTS.contains(&word) && after.starts_with('!')), "{} calls {word}!", file.display());
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

/// A glob hides what a file names, from this test and from its reader. Tests may name everything of their file.
#[test]
fn no_file_imports_with_a_glob() {
    assert_eq!(ModuleGraph::read().globs(), Vec::<String>::new());
}

#[test]
fn wire_structs_are_seen_only_by_source_and_istio() {
    let sees = |room: &str| SEE_WIRE.contains(&room);
    for one in ModuleGraph::read().references() {
        // An `Object` is a wire struct of any kind.
        let is_object = one.target == ["object", "snapshot"] && one.path.split("::").any(|name| name == "Object");
        let is_wire = is_object || one.target.starts_with(&["object", "wire"].map(ToOwned::to_owned));
        assert!(!is_wire || sees(&one.from[0]), "{} names a wire struct: {}", one.from.join("::"), one.path);
    }
    // What is not named can still be reached through what was read: `Read::body` and the owners in metadata are wire structs.
    for (file, text) in MAY_USE.iter().filter(|(room, _)| !sees(room) && *room != "report").flat_map(|(room, _)| sources(room)) {
        let code = bare(&text);
        assert!(!reaches_bodies(&code), "{} looks into the body of an object that was read", file.display());
        let has_owners = words(&code).any(|(_, word, _)| word == "owner_references");
        assert!(!has_owners, "{} looks at owners that are not decoded", file.display());
    }
}

/// Whether a field `body` is looked at, by its name or in a pattern.
fn reaches_bodies(code: &str) -> bool {
    words(code).filter(|(_, word, _)| *word == "body").any(|(before, _, after)| {
        let before = ["ref", "mut"].iter().fold(before, |before, mark| before.strip_suffix(mark).unwrap_or(before).trim_end());
        let is_called = after.starts_with('(');
        let begins_field = before.ends_with(['{', ',']) && innermost(before).is_some_and(|open| open.ends_with('{') && !is_document(open));
        let ends_field = after.starts_with([',', '}', ':']) && !after.starts_with("::");
        before.ends_with('.') && !before.ends_with("..") && !is_called || begins_field && ends_field
    })
}

/// Some code up to the bracket that it leaves open last.
fn innermost(code: &str) -> Option<&str> {
    let mut depth = 0;
    let open = code.char_indices().rev().find(|(_, c)| {
        depth += nesting(*c);
        depth > 0
    });
    open.map(|(at, c)| &code[..at + c.len_utf8()])
}

/// Whether a brace is that of a document, whose body is an answer and nothing that was read.
fn is_document(open: &str) -> bool {
    open.trim_end_matches('{').trim_end().ends_with("&Document")
}

#[test]
fn a_field_body_is_found_by_its_name_and_in_patterns() {
    let cases = [
        ("read.body.spec", true),
        ("read\n    .body", true),
        ("let Read { body, .. } = read;", true),
        ("let Read { id, ref body } = read;", true),
        ("let R { body: wire } = read;", true),
        ("match x { Read { id, body: Pod { spec }, .. } => spec }", true),
        ("response.body()", false),
        ("show(&Document { header, body: answer })", false),
        ("fn f(id: &Id, body: Service<'_>) { g(id, body); }", false),
        ("Source::Entry(body) => body.endpoints()", false),
    ];
    for (code, wanted) in cases {
        assert_eq!(reaches_bodies(code), wanted, "{code}");
    }
}

#[test]
fn no_file_is_called_nothing() {
    for (file, _) in sources("") {
        assert!(!NAMELESS.contains(&stem(&file).as_str()), "{}", file.display());
    }
}

/// What a macro declares, or `#[path]`, is out of sight of `cargo fmt`; a module within a file would be out of sight of these tests.
#[test]
fn every_file_is_declared_by_a_plain_mod_line_of_its_parent() {
    for (file, text) in sources("") {
        let text = without_tests(&bare(&text));
        assert!(!text.contains("#[path"), "{} moves a module", file.display());
        let has_inner = words(&text).any(|(_, word, rest)| {
            word == "mod" && rest.split_once(['{', ';']).is_some_and(|(name, _)| rest[name.len()..].starts_with('{'))
        });
        assert!(!has_inner, "{} has a module within", file.display());
        let folder = file.parent().unwrap();
        let (name, parents) = match stem(&file).as_str() {
            "lib" | "main" => continue,
            "mod" => (stem(folder), ["mod.rs", "lib.rs", "main.rs"].map(|parent| folder.with_file_name(parent))),
            name => (name.to_owned(), ["mod.rs", "lib.rs", "main.rs"].map(|parent| folder.join(parent))),
        };
        let mut lines = parents.iter().filter_map(|parent| fs::read_to_string(parent).ok()).flat_map(|text| plain_mods(&text));
        assert!(lines.any(|declared| declared == name), "no plain `mod {name};` for {}", file.display());
    }
}

/// The modules that unindented lines outside of all brackets declare.
fn plain_mods(text: &str) -> Vec<String> {
    let mut depth = 0;
    let mut found = Vec::new();
    for line in bare(text).lines() {
        let declared = line.strip_suffix(';').and_then(|line| line.rsplit_once("mod "));
        let is_plain = |visibility: &str| {
            visibility.is_empty() || visibility == "pub " || visibility.starts_with("pub(") && visibility.ends_with(") ")
        };
        found.extend(declared.filter(|(visibility, _)| depth == 0 && is_plain(visibility)).map(|(_, name)| name.to_owned()));
        depth += line.chars().map(nesting).sum::<i32>();
    }
    found
}

#[test]
fn a_module_that_a_macro_declares_is_not_declared_plainly() {
    let text = "mod a;\npub(crate) mod b;\nmacro! {\nmod c;\n}\nmacro! (\nmod d;\n);\n    mod e;\n// {\nmod f;\n";
    assert_eq!(plain_mods(text), ["a", "b", "f"]);
}

fn is_in(file: &Path, place: &str) -> bool {
    file.starts_with(Path::new("src").join(place))
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
