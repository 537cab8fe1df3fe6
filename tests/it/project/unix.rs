//! Windows builds the same sources: whatever is Unix alone stands behind `cfg(unix)`.

use std::{collections::BTreeSet, path::Path};

use super::{files, read};

/// What does not compile, or is not there to be run, outside Unix. Split, so that this file does not name them.
const UNIX_ALONE: &[&str] = &[
    concat!("os", "::unix"),
    concat!("os", "::fd"),
    concat!("Permissions", "Ext"),
    concat!("exec(", "\"sh\""),
    concat!("\"/bin", "/sh\""),
    concat!("Command::new(", "\"sh\")"),
    concat!("Command::new(", "\"bash\")"),
];

/// Attributes that keep an item from Windows.
const GUARDS: &[&str] = &["#[cfg(unix)]", "#[cfg(target_os = \"linux\")]"];

/// Lines (from 1) with something that is Unix alone, outside of any item or statement behind `cfg(unix)`.
///
/// Relies on the layout of rustfmt: an item ends at the first line of its own indentation that ends it, or before the next of less.
fn unguarded(text: &str) -> Vec<usize> {
    let (mut found, mut guard) = (Vec::new(), None);
    for (at, line) in text.lines().enumerate() {
        let (indent, line) = (line.len() - line.trim_start().len(), line.trim());
        if guard.is_none() && GUARDS.contains(&line) {
            guard = Some(indent);
            continue;
        }
        let is_code = !line.starts_with("//");
        if guard.is_none() && is_code && UNIX_ALONE.iter().any(|word| line.contains(word)) {
            found.push(at + 1);
        }
        let ends = [";", "}", ","].iter().any(|end| line.ends_with(end));
        if guard.is_some_and(|guarded| indent < guarded && !line.is_empty() || indent == guarded && is_code && ends) {
            guard = None;
        }
    }
    found
}

/// Modules that are declared behind `cfg(unix)`, by the name of their file.
fn guarded_modules(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let behind = lines.windows(2).filter(|pair| GUARDS.contains(&pair[0])).map(|pair| pair[1]);
    behind.filter_map(|line| Some(line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?.to_owned())).collect()
}

#[test]
fn what_is_unix_alone_is_behind_cfg_unix() {
    let sources: Vec<_> = ["src", "tests", "benches", "fuzz/fuzz_targets"].iter().flat_map(|folder| files(folder, ".rs")).collect();
    assert!(sources.len() > 100);
    let guarded: BTreeSet<String> = sources.iter().flat_map(|path| guarded_modules(&read(path))).collect();
    assert!(guarded.contains("deploy"), "{guarded:?}");
    let is_guarded = |path: &Path| path.file_stem().is_some_and(|stem| guarded.contains(&*stem.to_string_lossy()));
    for path in sources.iter().filter(|path| !is_guarded(path)) {
        assert_eq!(unguarded(&read(path)), [0; 0], "{} uses what Windows does not have", path.display());
    }
}

#[test]
fn what_is_not_behind_cfg_unix_is_found() {
    let link = concat!("std::os", "::unix::fs::symlink(a, b);");
    for (text, lines) in [
        (format!("fn a() {{\n    {link}\n}}\n"), vec![2]),
        (format!("#[cfg(unix)]\nfn a() {{\n    {link}\n}}\n"), vec![]),
        (format!("#[cfg(unix)]\n#[test]\nfn a() {{\n    {link}\n}}\n\nfn b() {{\n    {link}\n}}\n"), vec![8]),
        (format!("fn a() {{\n    #[cfg(unix)]\n    {link}\n    {link}\n}}\n"), vec![4]),
        (format!("fn a() {{\n    #[cfg(unix)]\n    if x {{\n        {link}\n    }}\n    {link}\n}}\n"), vec![6]),
        (
            format!("use std::{{\n    #[cfg(unix)]\n    {},\n    {},\n}};\n", concat!("os", "::unix::a"), concat!("os", "::unix::b")),
            vec![4],
        ),
        (format!("#[cfg(unix)]\nmod a;\nuse {};\n", concat!("std::os", "::unix::b")), vec![3]),
        (format!("#[cfg(windows)]\nfn a() {{\n    {link}\n}}\n"), vec![3]),
        (format!("// {link}\n"), vec![]),
    ] {
        assert_eq!(unguarded(&text), lines, "{text}");
    }
}
