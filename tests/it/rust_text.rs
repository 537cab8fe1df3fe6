//! Rust files as text: what stands in comments, literals and tests left out, `use` declarations taken apart.

/// A name brought into scope by `use`.
pub(crate) struct Import {
    /// The name in scope; `*` for a glob.
    pub(crate) name: String,
    /// What it stands for, name by name.
    pub(crate) path: Vec<String>,
    /// Whether it is re-exported.
    pub(crate) is_public: bool,
}

/// A file taken apart.
pub(crate) struct Parsed {
    /// Names brought into scope by `use`, also within functions.
    pub(crate) imports: Vec<Import>,
    /// The text without comments, literals, `use` declarations, `mod name;` and the scopes of `pub(…)`.
    pub(crate) code: String,
}

impl Parsed {
    /// Takes a text apart that [`bare`] gave.
    pub(crate) fn of(text: &str) -> Self {
        let mut parsed = Self { imports: Vec::new(), code: String::new() };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let end = if is_word(c) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { c.len_utf8() };
            let (token, after) = rest.split_at(end);
            rest = if token == "pub" { without_scope(after) } else { after };
            match declaration(token, after).filter(|_| begins_item(&parsed.code)) {
                Some(declared) => {
                    let is_public = take_visibility(&mut parsed.code);
                    if token == "use" {
                        leaves(&[], declared, is_public, &mut parsed.imports);
                    }
                    rest = &after[declared.len() + 1..];
                }
                None => parsed.code.push_str(token),
            }
        }
        parsed
    }

    /// Every path of the file, of imports and in code.
    pub(crate) fn paths(&self) -> impl Iterator<Item = Vec<String>> {
        self.imports.iter().map(|import| import.path.clone()).chain(paths(&self.code))
    }
}

/// What stands between `use` or `mod` and its semicolon; `None` for any other word, and for a module with a body.
fn declaration<'t>(token: &str, after: &'t str) -> Option<&'t str> {
    let (declared, _) = after.split_once(';')?;
    let is_spaced = after.starts_with(|c: char| c.is_whitespace() || c == '{' || c == ':');
    match token {
        "use" if is_spaced => Some(declared),
        "mod" if is_spaced && declared.trim().chars().all(is_word) => Some(declared),
        _ => None,
    }
}

/// Whether a new item can begin after this code.
fn begins_item(code: &str) -> bool {
    let code = code.trim_end();
    code.is_empty() || code.ends_with([';', '{', '}', ']']) || last_word(code) == "pub"
}

fn last_word(code: &str) -> &str {
    code.rsplit(|c| !is_word(c)).next().unwrap_or_default()
}

/// Takes `pub` from the end of some code.
fn take_visibility(code: &mut String) -> bool {
    let is_public = last_word(code.trim_end()) == "pub";
    if is_public {
        code.truncate(code.trim_end().len() - "pub".len());
    }
    is_public
}

/// What follows `pub(in …)`, `pub(crate)` and the like: where an item can be seen is no reference.
fn without_scope(after: &str) -> &str {
    let is_scope = ["(in ", "(crate)", "(super)", "(self)"].iter().any(|scope| after.starts_with(scope));
    if is_scope { &after[bracketed(after)..] } else { after }
}

/// What a `use` tree brings into scope: `a::{self, b::C, d as E}`.
fn leaves(above: &[String], tree: &str, is_public: bool, found: &mut Vec<Import>) {
    let names = |path: &str| -> Vec<String> {
        let own = path.split("::").map(str::trim).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        above.iter().cloned().chain(own).collect()
    };
    let tree = tree.trim();
    if let Some((path, group)) = tree.split_once('{') {
        let mut depth = 0;
        let apart = |c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        };
        let inner = group.strip_suffix('}').unwrap();
        inner.split(apart).filter(|one| !one.trim().is_empty()).for_each(|one| leaves(&names(path), one, is_public, found));
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
    let mut path = names(path);
    if path.len() > 1 && path.last().unwrap() == "self" {
        path.pop();
    }
    let name = alias.unwrap_or(path.last().unwrap()).trim().to_owned();
    found.push(Import { name, path, is_public });
}

/// The paths in some code: names with `::` between them.
pub(crate) fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for run in code.split(|c: char| !is_word(c) && c != ':') {
        let run = run.trim_start_matches(':').split("::");
        let names: Vec<String> = run.take_while(|name| !name.is_empty() && name.chars().all(is_word)).map(ToOwned::to_owned).collect();
        if names.len() > 1 {
            found.push(names);
        }
    }
    found
}

/// The words of some code, each with what stands before and after it.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + code[at..].find(is_word)?;
        let end = start + code[start..].find(|c| !is_word(c)).unwrap_or(code.len() - start);
        at = end;
        Some((code[..start].trim_end(), &code[start..end], code[end..].trim_start()))
    })
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A part of a Rust text.
pub(crate) enum Piece<'t> {
    Code(&'t str),
    /// A comment with its marks.
    Comment(&'t str),
    /// What is between the quotes of a string, escapes as they are written.
    String(&'t str),
    Character,
}

/// A Rust text in pieces, each with the offset at which it begins.
pub(crate) fn pieces(text: &str) -> Vec<(usize, Piece<'_>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let is_inside_word = text[..at].ends_with(|c| is_word(c) && c != 'b');
        let (length, piece) = if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            (length, Piece::Comment(&rest[..length]))
        } else if rest.starts_with("/*") {
            let length = rest.find("*/").unwrap() + 2;
            (length, Piece::Comment(&rest[..length]))
        } else if let Some(length) = raw_string(rest).filter(|_| !is_inside_word) {
            let mark = rest.find('"').unwrap();
            (length, Piece::String(&rest[mark + 1..length - mark]))
        } else if c == '"' {
            let length = 1 + unescaped_end(&rest[1..], '"');
            (length, Piece::String(&rest[1..length - 1]))
        } else if let Some(length) = character(rest) {
            (length, Piece::Character)
        } else {
            (c.len_utf8(), Piece::Code(&rest[..c.len_utf8()]))
        };
        found.push((at, piece));
        at += length;
    }
    found
}

/// A text without comments and literals. A string after `=` that is a path stays: attributes name functions so.
pub(crate) fn bare(text: &str) -> String {
    let mut kept = String::new();
    for (_, piece) in pieces(text) {
        match piece {
            Piece::Code(code) => kept.push_str(code),
            Piece::String(inner) => {
                let is_path = inner.contains("::") && inner.chars().all(|c| is_word(c) || c == ':');
                if is_path && kept.trim_end().ends_with('=') {
                    kept.push_str(inner);
                }
            }
            Piece::Comment(_) | Piece::Character => {}
        }
    }
    kept
}

/// The length of the raw string that a text begins with.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?;
    let opened = hashes.trim_start_matches('#');
    let count = hashes.len() - opened.len();
    let inner = opened.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(count));
    Some(1 + count + 1 + inner.find(&end).unwrap() + end.len())
}

/// The length of the character literal that a text begins with; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        return Some(1 + unescaped_end(inner, '\''));
    }
    inner[first.len_utf8()..].starts_with('\'').then_some(1 + first.len_utf8() + 1)
}

/// The length of what a mark without a backslash before it ends, the mark with it.
fn unescaped_end(text: &str, mark: char) -> usize {
    let mut is_escaped = false;
    let end = text.find(|c| {
        let ends = c == mark && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    end.unwrap() + 1
}

/// A bare text without the items under `#[cfg(test)]`, wherever they stand.
pub(crate) fn without_tests(bare: &str) -> String {
    let mut kept = String::new();
    let mut rest = bare;
    while let Some((before, after)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        let item = without_leading_attributes(after.trim_start());
        rest = &item[item_end(item)..];
    }
    kept + rest
}

fn without_leading_attributes(item: &str) -> &str {
    let mut item = item;
    while item.starts_with("#[") {
        item = item[1 + bracketed(&item[1..])..].trim_start();
    }
    item
}

/// Where an item ends: after a semicolon outside of brackets, or after its braces and the semicolon behind them.
fn item_end(item: &str) -> usize {
    let mut at = 0;
    while let Some(c) = item[at..].chars().next() {
        match c {
            ';' => return at + 1,
            '{' => {
                let end = at + bracketed(&item[at..]);
                return end + usize::from(item[end..].starts_with(';'));
            }
            '(' | '[' => at += bracketed(&item[at..]),
            _ => at += c.len_utf8(),
        }
    }
    at
}

/// The length of what stands in the brackets that a text begins with, the brackets with it.
fn bracketed(text: &str) -> usize {
    let mut depth = 0;
    let end = text.char_indices().find(|(_, c)| {
        depth += nesting(*c);
        depth == 0
    });
    end.unwrap().0 + 1
}

/// How a character changes the depth of brackets.
pub(crate) fn nesting(c: char) -> i32 {
    match c {
        '{' | '(' | '[' => 1,
        '}' | ')' | ']' => -1,
        _ => 0,
    }
}

/// Code without attributes.
pub(crate) fn without_attributes(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some((before, after)) = rest.split_once('#') {
        kept.push_str(before);
        let inner = after.trim_start_matches('!');
        rest = if inner.starts_with('[') { &inner[bracketed(inner)..] } else { after };
    }
    kept + rest
}

#[test]
fn comments_literals_and_tests_are_left_out_and_nothing_else() {
    let cases = [
        ("a // b\nc /* d */ e", "a c e"),
        ("a \"b \\\" c\" d", "a d"),
        ("a r\"b\\\" c r##\"d \"# e\"## f br#\"\"\"# g", "a c f b g"),
        ("fn f<'a>(c: char) { c == '\\'' || c == '{' || c == '\"' }", "fn f<'a>(c: char) { c == || c == || c == }"),
        ("#[serde(with = \"super::x\")] struct A;", "#[serde(with = super::x)] struct A;"),
        ("#[cfg(test)]\nmod tests { fn a() { b } }\nfn c() {}", "fn c() {}"),
        ("#[cfg(test)]\n#[allow(x)]\nfn a() -> [u8; 2] { b }\nc", "c"),
        ("#[cfg(test)]\nuse a::{b};\nc", "c"),
    ];
    for (text, wanted) in cases {
        let found = without_tests(&bare(text));
        assert_eq!(found.split_whitespace().collect::<Vec<_>>().join(" "), wanted, "{text}");
    }
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let cases: &[(&str, &[&str])] = &[
        ("use tokio as t;", &["t = tokio"]),
        ("use ::tokio::{self, a::*};", &["tokio = tokio", "* = tokio::a::*"]),
        ("pub(in crate::x) use a::{\n    b as c,\n    d::{e, f},\n};", &["pub c = a::b", "pub e = a::d::e", "pub f = a::d::f"]),
        ("fn f() { use crate as root; }", &["root = crate"]),
        ("fn f(x: &X) -> impl Iterator + use<'_> { y; }", &[]),
        ("#[allow(x)]\npub use a::b;", &["pub b = a::b"]),
    ];
    for (text, wanted) in cases {
        let shown = |it: &Import| format!("{}{} = {}", if it.is_public { "pub " } else { "" }, it.name, it.path.join("::"));
        assert_eq!(Parsed::of(text).imports.iter().map(shown).collect::<Vec<_>>(), *wanted, "{text}");
    }
}
