//! Comments, messages, help and pages use the words of Kubernetes, Istio and Rust: the table of `CONTRIBUTING.md`, as a test.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::rust_text::{Piece, pieces};

/// Words and phrases to avoid; `CONTRIBUTING.md` has a better one for each.
///
/// They are compared in lower case, with any white space between words, and only as whole words.
const AVOIDED: &[&str] = &[
    "alike",
    "anybody",
    "beyond all measure",
    "come of",
    "comes of",
    "count for",
    "counts for",
    "everybody",
    "fares",
    "heed",
    "heeds",
    "in the way",
    "judge",
    "judged",
    "judges",
    "lead",
    "leads",
    "led",
    "lies",
    "mean nothing",
    "means nothing",
    "mend",
    "mended",
    "mending",
    "mends",
    "no rule answers",
    "nobody",
    "obey",
    "obeys",
    "own word",
    "passed over",
    "said",
    "say",
    "saying",
    "says",
    "somebody",
    "speak",
    "speaks",
    "spoken",
    "stand for",
    "stands for",
    "stranger",
    "strangers",
    "take plaintext",
    "takes plaintext",
    "tell",
    "telling",
    "tells",
    "that is none",
    "told",
    "whoever",
    "whom",
    "wins whole",
    // "`x` is no port" and "{x} is no port".
    "` is no",
    "} is no",
];

/// Where they are avoided.
const PLACES: &[Place] = &[
    Place::Comments("src"),
    Place::Messages("src"),
    Place::Pages { folder: "testdata/expected", prefix: "help", suffix: ".txt" },
    Place::Pages { folder: ".", prefix: "", suffix: ".md" },
    Place::Pages { folder: "docs", prefix: "", suffix: ".md" },
    Place::Pages { folder: "docs/rules", prefix: "", suffix: ".md" },
    Place::Pages { folder: "fuzz", prefix: "README", suffix: ".md" },
    Place::Pages { folder: ".github/ISSUE_TEMPLATE", prefix: "", suffix: ".yml" },
    Place::Pages { folder: "deploy", prefix: "", suffix: ".yaml" },
    Place::Pages { folder: "deploy/action", prefix: "", suffix: "" },
    Place::Pages { folder: "deploy/krew", prefix: "", suffix: ".yaml" },
];

/// Phrases with an avoided word that are allowed in files whose path begins like this, and why.
const ALLOWED: &[(&str, &str, Reason)] = &[
    ("", "` is no longer", Reason("an ordinary phrase of time")),
    ("", "} is no longer", Reason("an ordinary phrase of time")),
    ("CONTRIBUTING.md", WORDS, Reason("the section that lists them")),
];

/// In `ALLOWED`: the section of `CONTRIBUTING.md` with the table.
const WORDS: &str = "## Words";

/// Why a phrase is allowed: read by people only.
struct Reason(#[allow(dead_code, reason = "written for the reader of the list")] &'static str);

/// Texts that people read.
enum Place {
    /// The comments of all Rust files below a folder; doc comments of the command line are its help.
    Comments(&'static str),
    /// The string literals of all Rust files below a folder.
    Messages(&'static str),
    /// The whole files of a folder whose names begin and end so.
    Pages { folder: &'static str, prefix: &'static str, suffix: &'static str },
}

/// Some text of a file.
struct Passage {
    file: PathBuf,
    /// The number of its first line.
    line: usize,
    text: String,
}

impl Place {
    fn passages(&self) -> Vec<Passage> {
        match *self {
            Self::Comments(folder) => in_rust_files(folder, comments),
            Self::Messages(folder) => in_rust_files(folder, messages),
            Self::Pages { folder, prefix, suffix } => {
                let is_meant = |name: &str| name.starts_with(prefix) && name.ends_with(suffix);
                let files = entries(Path::new(folder)).into_iter().filter(|path| path.is_file() && is_meant(&name(path)));
                files.map(|file| Passage { text: fs::read_to_string(&file).unwrap(), line: 1, file }).collect()
            }
        }
    }
}

#[test]
fn texts_use_the_words_of_the_field() {
    let mut found = Vec::new();
    for place in PLACES {
        let passages = place.passages();
        assert!(!passages.is_empty(), "a place without texts");
        for passage in passages {
            let file = passage.file.to_string_lossy().replace('\\', "/");
            let file = file.trim_start_matches("./");
            let found_here = avoided(file, &passage.text).into_iter();
            found.extend(found_here.map(|(line, word)| format!("{file}:{}: {word}", passage.line + line)));
        }
    }
    assert!(found.is_empty(), "{} places with words to avoid (CONTRIBUTING.md has better ones):\n{}", found.len(), found.join("\n"));
}

#[test]
fn contributing_has_a_better_word_for_each() {
    let text = fs::read_to_string("CONTRIBUTING.md").unwrap();
    let list = Flat::of(section(&text, WORDS));
    for word in AVOIDED {
        assert!(!list.find(word).is_empty(), "CONTRIBUTING.md does not list {word}");
    }
}

#[test]
fn words_are_found_whole_in_any_case_and_across_lines() {
    let cases: &[(&str, &[(usize, &str)])] = &[
        ("Nobody reads\nwhat it says.", &[(0, "nobody"), (1, "says")]),
        ("A sled, a lies_in, an essays: three names.", &[]),
        ("what comes\n    of a call", &[(0, "comes of")]),
        ("`80` is no port, {} is no kind, and `80` is no longer open", &[(0, "` is no"), (0, "} is no")]),
        ("it is no port", &[]),
    ];
    for (text, wanted) in cases {
        assert_eq!(avoided("README.md", text), *wanted, "{text}");
    }
    assert_eq!(avoided("CONTRIBUTING.md", "# A\nnobody\n## Words\nnobody\n## B\nnobody"), [(1, "nobody"), (5, "nobody")]);
}

#[test]
fn comments_and_messages_are_found_with_their_lines() {
    let text = "//! One\n//! two.\nfn f() { // Three.\n    let says = g(\"four {says} \\\n        five\\n\", r#\"s\"ix\"#, '\"');\n}\n/// Seven.\n";
    let shown = |passages: Vec<(usize, String)>| passages.into_iter().map(|(line, text)| format!("{line}: {text}")).collect::<Vec<_>>();
    assert_eq!(shown(comments(text)), ["1: One\ntwo.", "3: Three.", "7: Seven."]);
    assert_eq!(shown(messages(text)), ["4: four {}  \n        five  ", "5: s\"ix"]);
}

/// The avoided words of a text, each with the number of lines before it.
fn avoided(file: &str, text: &str) -> Vec<(usize, &'static str)> {
    let mut text = text.to_owned();
    for (path, phrase, _) in ALLOWED.iter().filter(|(path, ..)| file.starts_with(path)) {
        let allowed = if *phrase == WORDS { section(&text, WORDS).to_owned() } else { (*phrase).to_owned() };
        assert!(path.is_empty() || text.contains(&allowed), "{file} needs no exception for {phrase}");
        // The lines stay, so that what follows keeps its number.
        text = text.replace(&allowed, &"\n".repeat(allowed.matches('\n').count()));
    }
    let flat = Flat::of(&text);
    let mut found: Vec<(usize, &str)> =
        AVOIDED.iter().flat_map(|word| flat.find(word).into_iter().map(move |line| (line, *word))).collect();
    found.sort_unstable();
    found
}

/// A section of a page, from its heading to the next of the same depth.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let start = text.find(heading).unwrap();
    let length = text[start..].find("\n## ").unwrap_or(text.len() - start);
    &text[start..start + length]
}

/// A text in lower case on one line, with one space between words.
struct Flat {
    text: String,
    /// Where each line of the original begins.
    starts: Vec<usize>,
}

impl Flat {
    fn of(text: &str) -> Self {
        let mut flat = Self { text: String::new(), starts: Vec::new() };
        for line in text.lines() {
            flat.starts.push(flat.text.len());
            for word in line.split_whitespace() {
                flat.text.push_str(&word.to_lowercase());
                flat.text.push(' ');
            }
        }
        flat
    }

    /// The lines, counted from 0, on which a phrase begins that is no part of other words.
    fn find(&self, phrase: &str) -> Vec<usize> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let is_whole = |at: usize| {
            let (before, after) = (&self.text[..at], &self.text[at + phrase.len()..]);
            let is_part_before = phrase.starts_with(is_part) && before.ends_with(is_part);
            let is_part_after = phrase.ends_with(is_part) && after.starts_with(is_part);
            !is_part_before && !is_part_after
        };
        let found = self.text.match_indices(phrase).map(|(at, _)| at).filter(|at| is_whole(*at));
        found.map(|at| self.starts.partition_point(|start| *start <= at) - 1).collect()
    }
}

/// The comments of a Rust text, each with its line; comments on consecutive lines are one.
fn comments(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut end = 0;
    for (at, piece) in pieces(text) {
        let Piece::Comment(comment) = piece else { continue };
        let words = comment.trim_start_matches(['/', '*', '!']).trim_end_matches(['/', '*']).trim();
        let is_next_line = !found.is_empty() && text[end..at].trim().is_empty() && text[end..at].matches('\n').count() == 1;
        if let Some((_, block)) = found.last_mut().filter(|_| is_next_line) {
            block.push('\n');
            block.push_str(words);
        } else {
            found.push((line_of(text, at), words.to_owned()));
        }
        end = at + comment.len();
    }
    found
}

/// The string literals of a Rust text, each with its line: escapes are white space, and placeholders have no names.
fn messages(text: &str) -> Vec<(usize, String)> {
    let found = pieces(text).into_iter().filter_map(|(at, piece)| match piece {
        Piece::String(inner) => Some((line_of(text, at), without_names(&without_escapes(inner)))),
        Piece::Code(_) | Piece::Comment(_) | Piece::Character => None,
    });
    found.collect()
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

fn without_escapes(text: &str) -> String {
    text.replace("\\n", "  ").replace("\\t", "  ").replace('\\', " ")
}

/// A format string without what is in its placeholders.
fn without_names(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        kept.push_str(before);
        kept.push('{');
        let length = after.find(|c: char| c.is_whitespace() || c == '{' || c == '}').unwrap_or(after.len());
        rest = if after[length..].starts_with('}') { &after[length..] } else { after };
    }
    kept + rest
}

fn in_rust_files(folder: &str, texts: fn(&str) -> Vec<(usize, String)>) -> Vec<Passage> {
    let passages = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        texts(&text).into_iter().map(move |(line, text)| Passage { file: file.clone(), line, text })
    };
    rust_files(Path::new(folder)).into_iter().flat_map(passages).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
