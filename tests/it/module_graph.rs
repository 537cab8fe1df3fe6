//! Which file refers to which: read from `use` declarations and paths, re-exports followed to the file that defines the item.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A module as its names from the root of the crate: `mesh`, `pods`, `ports`.
type Name = Vec<String>;

/// The modules of the crate.
pub(crate) struct ModuleGraph {
    modules: BTreeMap<Name, Module>,
}

struct Module {
    /// Names brought into scope by `use`.
    imports: Vec<Import>,
    /// The text without comments, strings, `use` and `mod` declarations.
    code: String,
}

struct Import {
    name: String,
    path: Vec<String>,
    is_public: bool,
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
        let module = &self.modules[from];
        let words: BTreeSet<&str> = module.code.split(|c: char| !is_word(c)).collect();
        // A re-export is not a use, unless the file uses the item as well.
        let imported = module.imports.iter().filter(|import| !import.is_public || words.contains(import.name.as_str()));
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
        let import = self.modules[module].imports.iter().find(|import| import.name == first && import.path[0] != first)?;
        let path: Vec<String> = import.path.iter().chain(rest).cloned().collect();
        self.resolve(module, &path)
    }

    /// Whether a module only declares others and re-exports what is in them.
    fn is_facade(&self, name: &Name) -> bool {
        !self.modules[name].code.contains(is_word)
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
    fn of(text: &str) -> Self {
        // Tests at the end of a file see more than the file does.
        let text = bare(text.split("#[cfg(test)]").next().unwrap());
        let mut module = Self { imports: Vec::new(), code: String::new() };
        let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        while let Some(line) = lines.next() {
            let declared = without_visibility(line);
            if let Some(tree) = declared.strip_prefix("use ") {
                let rest = lines.by_ref().take(if tree.contains(';') { 0 } else { usize::MAX });
                let mut tree = tree.to_owned();
                for line in rest {
                    tree.push_str(line);
                    if line.contains(';') {
                        break;
                    }
                }
                leaves(&[], tree.trim_end_matches(';'), declared != line, &mut module.imports);
            } else if !(declared.starts_with("mod ") && declared.ends_with(';')) {
                module.code.push_str(declared);
                module.code.push('\n');
            }
        }
        module
    }
}

/// A declaration without `pub` or `pub(in …)` before it.
fn without_visibility(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("pub") else { return line };
    let rest = if rest.starts_with('(') { rest.split_once(')').unwrap().1 } else { rest };
    rest.strip_prefix(' ').unwrap_or(line)
}

/// What a `use` tree brings into scope: `a::{self, b::C, d as E}`.
fn leaves(above: &[String], tree: &str, is_public: bool, found: &mut Vec<Import>) {
    let tree = tree.trim();
    if let Some((path, group)) = tree.split_once('{') {
        let above: Vec<String> = above.iter().cloned().chain(path.split("::").filter(|it| !it.is_empty()).map(ToOwned::to_owned)).collect();
        let mut depth = 0;
        let apart = |c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        };
        let inner = group.strip_suffix('}').unwrap();
        inner.split(apart).filter(|one| !one.trim().is_empty()).for_each(|one| leaves(&above, one, is_public, found));
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
    let mut path: Vec<String> = above.iter().cloned().chain(path.split("::").map(ToOwned::to_owned)).collect();
    if path.len() > 1 && path.last().unwrap() == "self" {
        path.pop();
    }
    let name = alias.unwrap_or(path.last().unwrap()).trim().to_owned();
    found.push(Import { name, path, is_public });
}

/// The paths in some code: names with `::` between them.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for run in code.split(|c: char| !is_word(c) && c != ':') {
        let names: Vec<String> =
            run.split("::").take_while(|name| !name.is_empty() && name.chars().all(is_word)).map(ToOwned::to_owned).collect();
        if names.len() > 1 {
            found.push(names);
        }
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A text without what is in comments and between quotation marks.
fn bare(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            3 + raw.find("\"#").unwrap() + 2
        } else if c == '"' {
            quoted(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            kept.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    kept
}

/// The length of a string with its quotation marks.
fn quoted(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    1 + end.unwrap() + 1
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
