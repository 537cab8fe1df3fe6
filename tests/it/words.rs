//! Comments use the words of Kubernetes, Istio and Rust: the list of `CONTRIBUTING.md`, from the other side.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words that need a reader who knows the authors. A better one stands beside each in `CONTRIBUTING.md`.
const AVOIDED: &[&str] = &[
    "alike",
    "comes of",
    "fares",
    "leads",
    "led",
    "lies",
    "mends",
    "nobody",
    "said",
    "says",
    "somebody",
    "speaks",
    "stands for",
    "stranger",
    "strangers",
    "tells",
    "told",
    "whoever",
];

/// The rooms whose comments are held to it. In `cli/` doc comments are help texts as well.
const ROOMS: &[&str] = &["object", "istio", "mesh", "queries", "checks", "source", "report"];

#[test]
fn comments_use_the_words_of_the_field() {
    let mut found = Vec::new();
    for file in ROOMS.iter().flat_map(|room| rust_files(&Path::new("src").join(room))) {
        let text = fs::read_to_string(&file).unwrap();
        let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
        found.extend(comments.flat_map(|(at, line)| {
            let place = format!("{}:{}", file.display(), at + 1);
            avoided(line).into_iter().map(move |word| format!("{place}: {word}"))
        }));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn contributing_has_a_better_word_for_each() {
    let text = fs::read_to_string("CONTRIBUTING.md").unwrap();
    let list = text.split("\n## Words\n").nth(1).unwrap().split("\n## ").next().unwrap().to_lowercase();
    for word in AVOIDED {
        assert!(!avoided_in(&list, word).is_empty(), "CONTRIBUTING.md does not list {word}");
    }
}

#[test]
fn a_word_is_found_whole_and_in_any_case() {
    assert_eq!(avoided("/// Nobody reads what it says."), ["nobody", "says"]);
    assert_eq!(avoided("// A sled, a lies_in, an essays: three names."), Vec::<&str>::new());
    assert_eq!(avoided("//! What comes of a call."), ["comes of"]);
}

fn avoided(line: &str) -> Vec<&'static str> {
    let line = line.to_lowercase();
    AVOIDED.iter().copied().filter(|word| !avoided_in(&line, word).is_empty()).collect()
}

/// Where a word stands by itself in lower-case text.
fn avoided_in(text: &str, word: &str) -> Vec<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_whole = |at: &usize| !text[..*at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part);
    text.match_indices(word).map(|(at, _)| at).filter(is_whole).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
