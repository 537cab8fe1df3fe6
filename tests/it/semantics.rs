//! Every number by which the code cites Istio's behaviour can be looked up in `docs/semantics.md`.

use std::{collections::BTreeSet, fs, path::Path};

/// The numbers cited in a text: S10, but not the end of a rule's id.
fn cited(text: &str) -> BTreeSet<u32> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter_map(|word| word.strip_prefix('S')?.parse().ok()).collect()
}

/// The numbers cited in the Rust files of a folder and of those below it.
fn cited_below(folder: &Path) -> BTreeSet<u32> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let cited_in = |path: &Path| if path.is_dir() { cited_below(path) } else { cited(&fs::read_to_string(path).unwrap()) };
    paths.filter(|path| path.is_dir() || path.extension().is_some_and(|it| it == "rs")).flat_map(|path| cited_in(&path)).collect()
}

#[test]
fn every_cited_number_has_one_entry() {
    let page = fs::read_to_string("docs/semantics.md").unwrap();
    let number = |line: &str| line.strip_prefix("- **S")?.split_once("**: ")?.0.parse::<u32>().ok();
    let entries: Vec<u32> = page.lines().filter(|line| line.starts_with("- ")).map(|line| number(line).expect(line)).collect();
    for pair in entries.windows(2) {
        assert!(pair[0] < pair[1], "docs/semantics.md has S{} before S{}", pair[0], pair[1]);
    }

    let entries = BTreeSet::from_iter(entries);
    let needed = cited_below(Path::new("src"));
    let missing: Vec<_> =
        needed.union(&cited(&page)).filter(|number| !entries.contains(number)).map(|number| format!("S{number}")).collect();
    assert!(missing.is_empty(), "cited, but not in docs/semantics.md: {missing:?}");
    let idle: Vec<_> = entries.difference(&needed).map(|number| format!("S{number}")).collect();
    assert!(idle.is_empty(), "in docs/semantics.md, but cited nowhere: {idle:?}");
}
