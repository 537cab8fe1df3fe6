//! Which file refers to which: read from `use` declarations and paths, re-exports followed to the file that defines the item.
//!
//! A call of a method names no path and makes no edge, nor does a field: only what is named is seen. Globs would hide names; the
//! architecture tests refuse them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::rust_text::{Import, Parsed, bare, is_word, paths, without_attributes, without_tests, words};

/// A module as its names from the root of the crate: `mesh`, `pods`, `ports`.
pub(crate) type Name = Vec<String>;

/// The modules of the crate.
pub(crate) struct ModuleGraph {
    modules: BTreeMap<Name, Module>,
}

struct Module {
    parsed: Parsed,
    /// Whether it only declares others and re-exports what is in them.
    is_facade: bool,
}

/// A path in a file, and the module that defines what it names.
pub(crate) struct Reference {
    /// The file that names it.
    pub(crate) from: Name,
    /// The module that defines it; empty for the root of the crate.
    pub(crate) target: Name,
    /// The path as it is written, without alias.
    pub(crate) path: String,
}

/// Files that refer to each other in a circle, each with what it names of the others.
pub(crate) type Circle = BTreeMap<String, BTreeSet<String>>;

impl ModuleGraph {
    /// Reads every file below `src`.
    pub(crate) fn read() -> Self {
        let mut files = Vec::new();
        let mut folders = vec![(Path::new("src").to_path_buf(), Name::new())];
        while let Some((folder, name)) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
                let below = |stem| name.iter().cloned().chain([stem]).collect::<Name>();
                if path.is_dir() {
                    folders.push((path, below(stem)));
                } else if path.extension().is_some_and(|it| it == "rs") && stem != "main" {
                    let own = if stem == "mod" || stem == "lib" { name.clone() } else { below(stem) };
                    files.push((own, fs::read_to_string(path).unwrap()));
                }
            }
        }
        Self::of(files)
    }

    /// The same of modules with their texts.
    fn of(files: impl IntoIterator<Item = (Name, String)>) -> Self {
        Self { modules: files.into_iter().map(|(name, text)| (name, Module::of(&text))).collect() }
    }

    /// The circles among the files of a room, given as a path below `src`.
    pub(crate) fn circles(&self, room: &str) -> Vec<Circle> {
        let room: Name = room.split('/').map(ToOwned::to_owned).collect();
        let inside: Vec<&Name> = self.modules.keys().filter(|name| name.starts_with(&room) && !self.is_facade(name)).collect();
        assert!(!inside.is_empty(), "no files in {room:?}");
        let uses: BTreeMap<&Name, BTreeMap<Name, BTreeSet<String>>> = inside.iter().map(|name| (*name, self.uses(name, &room))).collect();
        let reached: BTreeMap<&Name, BTreeSet<&Name>> = inside.iter().map(|name| (*name, reached(name, &uses))).collect();
        let mut found: Vec<Circle> = Vec::new();
        for name in inside.iter().filter(|name| reached[**name].contains(**name)) {
            let members: BTreeSet<&Name> = reached[*name].iter().copied().filter(|other| reached[*other].contains(*name)).collect();
            let circle = |member: &Name| {
                let inner = uses[member].iter().filter(|(other, _)| members.contains(other));
                (member.join("::"), inner.flat_map(|(other, items)| items.iter().map(move |item| format!("{}: {item}", other.join("::")))))
            };
            let circle: Circle = members.iter().map(|member| circle(member)).map(|(member, items)| (member, items.collect())).collect();
            if !found.contains(&circle) {
                found.push(circle);
            }
        }
        found
    }

    /// What a module names of other files of a room, by the module.
    fn uses(&self, from: &Name, room: &Name) -> BTreeMap<Name, BTreeSet<String>> {
        let module = &self.modules[from].parsed;
        let used: BTreeSet<&str> = words(&module.code).map(|(_, word, _)| word).collect();
        // A re-export is not a use, unless the file uses the item as well.
        let imported = module.imports.iter().filter(|import| !import.is_public || used.contains(import.name.as_str()));
        let paths = imported.map(|import| import.path.clone()).chain(paths(&module.code));
        let mut found: BTreeMap<Name, BTreeSet<String>> = BTreeMap::new();
        for path in paths {
            let target = self.resolve(from, &path).filter(|target| target != from && target.starts_with(room) && !self.is_facade(target));
            if let Some(target) = target {
                found.entry(target).or_default().insert(path.last().unwrap().clone());
            }
        }
        found
    }

    /// The module that defines what a path names; `None` for other crates and for names of the module itself.
    fn resolve(&self, from: &Name, path: &[String]) -> Option<Name> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Name::new(),
            "self" => from.clone(),
            _ => return self.member(from, first, rest),
        };
        self.descend(start, rest)
    }

    fn descend(&self, module: Name, path: &[String]) -> Option<Name> {
        let Some((first, rest)) = path.split_first() else { return Some(module) };
        self.member(&module, first, rest).or(Some(module))
    }

    /// What a path names that begins with a name of a module: its parent, a child, or something it brought into scope.
    fn member(&self, module: &Name, first: &str, rest: &[String]) -> Option<Name> {
        if first == "super" {
            return self.descend(module[..module.len().checked_sub(1)?].to_vec(), rest);
        }
        let child: Name = module.iter().cloned().chain([first.to_owned()]).collect();
        if self.modules.contains_key(&child) {
            return self.descend(child, rest);
        }
        let import = self.modules[module].parsed.imports.iter().find(|import| import.name == first && import.path[0] != first)?;
        let path: Vec<String> = import.path.iter().chain(rest).cloned().collect();
        self.resolve(module, &path)
    }

    fn is_facade(&self, name: &Name) -> bool {
        self.modules[name].is_facade
    }

    /// Every path below the root of the crate that names something of this crate; re-exports are among them.
    pub(crate) fn references(&self) -> Vec<Reference> {
        let of = |(from, module): (&Name, &Module)| -> Vec<Reference> {
            let resolved =
                |path: Vec<String>| Some(Reference { from: from.clone(), target: self.resolve(from, &path)?, path: path.join("::") });
            module.parsed.paths().filter_map(resolved).collect()
        };
        self.modules.iter().filter(|(from, _)| !from.is_empty()).flat_map(of).collect()
    }

    /// The files that import with a glob outside tests.
    pub(crate) fn globs(&self) -> Vec<String> {
        let has_glob = |module: &Module| module.parsed.imports.iter().any(|import: &Import| import.name == "*");
        self.modules.iter().filter(|(_, module)| has_glob(module)).map(|(name, _)| name.join("::")).collect()
    }
}

/// The files that a file leads to, over others too.
fn reached<'n>(from: &'n Name, uses: &'n BTreeMap<&'n Name, BTreeMap<Name, BTreeSet<String>>>) -> BTreeSet<&'n Name> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&Name> = vec![from];
    while let Some(one) = next.pop() {
        next.extend(uses[one].keys().filter(|other| found.insert(*other)));
    }
    found
}

impl Module {
    /// A file without its tests, which see more than it does.
    fn of(text: &str) -> Self {
        let parsed = Parsed::of(&without_tests(&bare(text)));
        let is_facade = !without_attributes(&parsed.code).contains(is_word);
        Self { parsed, is_facade }
    }
}

#[test]
fn circles_are_found_over_re_exports_and_paths_and_in_no_other_case() {
    let facade = "mod a;\nmod b;\npub(super) use a::A;\npub use b::{B, inner as other};";
    let cases: &[(&str, &str, &str, &str, usize)] = &[
        ("nothing", facade, "struct A;", "struct B;", 0),
        ("one way", facade, "use super::b::B;\nstruct A(B);", "struct B;", 0),
        ("both ways", facade, "use super::b::B;\nstruct A(B);", "use super::{a::{self, A}};\nstruct B;", 1),
        ("re-exports", facade, "use crate::room::{\n    B,\n    other as x,\n};\nstruct A;", "use super::A as Renamed;\nstruct B;", 1),
        ("paths in code", facade, "fn a() { super::b::inner::<u8>() }", "pub(in crate::room) fn b(a: crate::room::A) {}", 1),
        ("comments and strings", facade, "use super::B;\nstruct A;", "// use super::A;\nconst B: &str = \"super::A \\\" \";", 0),
        ("tests see more", facade, "use super::B;\nstruct A;", "struct B;\n#[cfg(test)]\nmod tests { use super::super::A; }", 0),
        ("after early tests", facade, "use super::B;\nstruct A;", "#[cfg(test)]\nmod tests { struct T; }\nstruct B(super::a::A);", 1),
        (
            "a module that only re-exports a child",
            "mod a;\nmod b;\npub use a::A;\nstruct C;",
            "use super::C;\nuse super::b::B;\nstruct A;",
            "struct B;",
            0,
        ),
        ("a module that uses a child too", "mod a;\nmod b;\npub use a::A;\nstruct C(A);", "use super::C;\nstruct A;", "struct B;", 1),
        ("another room", facade, "use crate::elsewhere::E;\nstruct A;", "struct B;", 0),
    ];
    for (name, room, a, b, wanted) in cases {
        let files = [("room", *room), ("room::a", *a), ("room::b", *b), ("elsewhere", "use crate::room::A;\nstruct E;")];
        let files = files.map(|(name, text)| (name.split("::").map(ToOwned::to_owned).collect(), text.to_owned()));
        assert_eq!(ModuleGraph::of(files).circles("room").len(), *wanted, "{name}");
    }
}

#[test]
fn references_are_resolved_over_super_and_aliases() {
    let cases: &[(&str, &[&str])] = &[
        ("use super::super::other::B;", &["other"]),
        ("use crate::other::{self, inner::C};", &["other", "other::inner"]),
        ("use crate as root;\nfn f() { root::other::f() }", &["", "other"]),
        ("use super::super as top;\nfn f() { top::other::f() }", &["", "other"]),
        ("use crate::*;", &[""]),
        ("#[serde(with = \"crate::other::inner\")]\nstruct A;", &["other::inner"]),
        ("use std::fmt;\nfn f(_: fmt::Error) -> serde::Error {}", &[]),
        ("#[cfg(test)]\nmod tests { use crate::other::B; }", &[]),
    ];
    for (text, wanted) in cases {
        let files = [("", ""), ("room", "mod a;"), ("room::a", *text), ("other", "mod inner;\nstruct B;"), ("other::inner", "struct C;")];
        let name = |name: &str| name.split("::").filter(|it| !it.is_empty()).map(ToOwned::to_owned).collect();
        let graph = ModuleGraph::of(files.map(|(path, text)| (name(path), text.to_owned())));
        let found: Vec<String> = graph.references().into_iter().map(|reference| reference.target.join("::")).collect();
        assert_eq!(found, *wanted, "{text}");
    }
}
