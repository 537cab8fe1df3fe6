//! Manifests are read as kubectl reads them: its own answers are compared with the reader's.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, process::Command};

use kubectl_mtls::source::manifest::yaml;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::Value;

use crate::plugin::kubectl_is_there;

/// Scalars, each read as the value of a key.
const SCALARS: &[&str] = &[
    "on",
    "On",
    "oN",
    "ON",
    "off",
    "y",
    "Y",
    "n",
    "yes",
    "no",
    "NO",
    "nO",
    "true",
    "tRue",
    "~",
    "null",
    "NULL",
    "nuLL",
    "",
    "Null",
    "none",
    "0",
    "-0",
    "+0",
    "00",
    "08",
    "018",
    "0777",
    "-0777",
    "0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "-0x1f",
    "+0x1f",
    "0b11",
    "0b12",
    "-0b11",
    "0x",
    "0o",
    "0o8",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0_7",
    "0x_1f",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "1.e3",
    "1.0",
    "1.5",
    ".5",
    "5.",
    "+.5",
    ".9_2",
    "._5",
    ".5_",
    ".5__1",
    "+.5_1",
    "-.5_",
    "-.5",
    ".",
    "..",
    "1.2.3",
    "1e",
    "1e+",
    "e3",
    "+1",
    "++1",
    "-1",
    "--1",
    "+",
    "-x",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "1e400",
    "-1e400",
    "1e-400",
    ".inf",
    "-.inf",
    "+.inf",
    ".Inf",
    ".INF",
    ".iNf",
    ".nan",
    ".NaN",
    "nan",
    "inf",
    "Infinity",
    "0x10000000000000000",
    "12:30",
    "12:30:45",
    "190:20:30",
    "2001-12-14",
    "2001-12-14T21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    "0.1e1",
    "1_0.5",
    "=",
    "<<",
    "!!str 1",
    "!!int '1'",
    "!!float 1",
    "!!int 1.5",
    "!!bool yes",
    "!!bool 'on'",
    "!!null ''",
    "!!binary YWJj",
    "!!binary '%%'",
    "!!timestamp 2001-12-14",
    "!foo 1",
    "!!str",
    "'on'",
    "\"on\"",
    "'0777'",
    "\"a\\x41\\u00e9\\n\"",
    "a: b",
    "[2001:db8::]",
    "[2001:db8::1]",
    "[2001:db8::, '::1']",
    "[fe80::/10]",
    "[a: b]",
    "[a:]",
    "[::]",
    "[\"a\":b]",
    "{a: b}",
    "{a:}",
    "{a}",
    "{a, b: c}",
    "{'a':1}",
    "{2001:db8::: 1}",
    "[a,b]",
    "[a,,b]",
    "[a,]",
    "[,]",
    "{,}",
    "[[],{}]",
    "http://x:80",
    "a#b",
    "a #b",
    "@a",
    "`a",
    "%a",
    "*",
    "&",
    "? a",
    "- a",
    "|",
    ">",
    "!",
    "a\tb",
    "{? a : b}",
    "[? a : b]",
    "{on: 1, off: 2}",
    "{1: a, 1.5: b, 1e6: c, 1e5: d, 1e20: e}",
    "{0x10: a}",
    "{010: a}",
    "{~: a}",
    "{.inf: a}",
    "{[a]: b}",
    "{{a: b}: c}",
    "{null: a}",
    "{9223372036854775808: a}",
];

/// The lines below `spec:`, where it matters how they stand.
const BLOCKS: &[&str] = &[
    "  a: 1\n  a: 2\n",
    "  base: &b {x: 1, y: 2}\n  got: {<<: *b, x: 3}\n",
    "  base: &b {x: 1, y: 2}\n  got: {x: 3, <<: *b}\n",
    "  base: &b {x: 1}\n  more: &m {x: 2, z: 3}\n  got: {<<: [*b, *m], y: 1}\n",
    "  base: &b {x: 1}\n  more: &m {x: 2, z: 3}\n  got:\n    <<: *b\n    <<: *m\n",
    "  base: &b {x: 1}\n  got: {\"<<\": *b}\n",
    "  base: &b [1]\n  got: {<<: *b}\n",
    "  list: &l [{x: 1}]\n  got: {<<: *l}\n",
    "  got: {<<: 1}\n",
    "  got: {<<: &l [{x: 1}]}\n",
    "  got: {<<: {x: 1}, x: 2}\n",
    "  got: {<<: [{x: 1}, {x: 2}]}\n",
    "  a: &x 1\n  b: &x 2\n  c: *x\n",
    "  a: *x\n  b: &x 1\n",
    "  a: &x {b: *x}\n",
    "  &k a: 1\n  b: *k\n",
    "  *k : 1\n",
    "  a: &k v\n  *k : 1\n",
    "  a: |\n    kind: No\n   b: 1\n",
    "  a: |\n    one\n    two\n  b: >\n    one\n    two\n",
    "  a: |-\n    one\n\n  b: |+\n    one\n\n",
    "  a: |2\n      one\n",
    "  a: one\n    two\n    three: 3\n",
    "  a: one\n    two\n",
    "  a: \"one\n    two\"\n",
    "  a: 'one\n\n    two'\n",
    "  a:\n  - 1\n  - 2\n",
    "  a:\n    - 1\n   - 2\n",
    "  - 1\n  - 2\n",
    "  a: 1\n b: 2\n",
    "  a: 1\n   b: 2\n",
    "\ta: 1\n",
    "  a:\t1\n",
    "  a: [1,\n 2]\n",
    "  a: [1,\n2]\n",
    "  a: {b: 1\n  ,c: 2}\n",
    "  ? a\n  : b\n",
    "  ? [a]\n  : b\n",
    "  ? a\n",
    "  a: !!map {b: 1}\n",
    "  a: !!set {b, c}\n",
    "  a: !!seq [1]\n",
    "  a: !!str\n  b: 1\n",
    "  a: &x\n  b: *x\n",
    "  a: 1 # note\n  # note\n  b: 2\n",
    "  a: 1\r\n  b: 2\r\n",
    "  a: \"\u{2028}\"\n",
    "  a: b\u{2028}c: d\n",
    "  a: b\u{85}  c: d\n",
    "  a: 1 # note\u{2028}  b: 2\n",
    "  # note\u{85}  b: 2\n",
    "  a: {b: 1}\n\u{2028}c: 1\n",
    "  a: 1\n...\n",
    "  a: 1\n...\nkind: Other\n",
    "kind: Other\n",
    "  a: b: c\n",
    "  a: 'b' c\n",
    "  a: \"\\q\"\n",
    "  a: \"\\/\"\n",
    "  a: 'it''s'\n",
];

/// Whether kubectl rejects what is read here all the same: YAML 1.2 has the escape `\\/`, allows all characters in the name of an anchor, and
/// scalars in brackets that begin with a colon. Nothing is hidden by that.
fn is_read_here_alone(body: &str) -> bool {
    let is_unusual =
        |name: &str| name.split([' ', ',', ']', '}', '\n']).next().unwrap().contains(|c: char| !c.is_alphanumeric() && !"_-".contains(c));
    let begins_with_colon = |at: usize| body[..at].trim_end().ends_with(['[', '{', ',', ':']);
    body.contains("\\/")
        || body.contains("&&")
        || body.split('&').skip(1).any(is_unusual)
        || body.match_indices(':').any(|(at, _)| begins_with_colon(at))
}

/// What is reported here as an error and read by kubectl, by the reason given.
const REPORTED_HERE_ALONE: &[&str] = &["a `?` in brackets or braces begins a key", "plain scalar cannot start with '-'", "bracket"];

/// What kubectl makes of documents named `n0`, `n1` and so on: those that it reads.
fn kubectl(test: &str, documents: &[String]) -> Option<BTreeMap<usize, Value>> {
    if !kubectl_is_there("whether manifests are read as by kubectl") {
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubectl_yaml").join(test);
    // Left by another run, or not there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (at, document) in documents.iter().enumerate() {
        fs::write(folder.join(format!("{at:05}.yaml")), document).unwrap();
    }
    Some(labelled(&folder).into_iter().filter_map(numbered).collect())
}

fn labelled(folder: &Path) -> Vec<Value> {
    let run = Command::new("kubectl").args(["label", "--local", "-o", "json", "compared=", "-f"]).arg(folder).output().unwrap();
    let objects: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(&run.stdout).into_iter().collect();
    objects.unwrap()
}

fn numbered(mut object: Value) -> Option<(usize, Value)> {
    object["metadata"].as_object_mut()?.remove("labels");
    let at = object["metadata"]["name"].as_str()?.strip_prefix('n')?.parse().ok()?;
    Some((at, object))
}

fn document(at: usize, lines: &str) -> String {
    format!("apiVersion: compared.dev/v1\nkind: Compared\nmetadata: {{name: n{at}}}\nspec:\n{lines}")
}

/// Whether two values are equal, where whole numbers beyond 64 bits are compared as floats.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_equal(a, b)),
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| is_equal(value, other)))
        }
        _ => one == other,
    }
}

/// Whether two numbers could be the same key, as in `{1: a, 1.0: b}`: which one kubectl takes changes from run to run.
fn has_equal_numbers(body: &str) -> bool {
    let keys: Vec<f64> = body.split([',', '{', '\n']).filter_map(|part| part.split(':').next()?.trim().parse().ok()).collect();
    keys.iter().enumerate().any(|(at, key)| keys[..at].contains(key))
}

/// The differences between kubectl's and our own reading of documents; `None` without kubectl.
fn differences(test: &str, bodies: &[String]) -> Option<String> {
    let documents: Vec<String> = bodies.iter().enumerate().map(|(at, body)| document(at, body)).collect();
    let theirs = kubectl(test, &documents)?;
    let mut found = String::new();
    for (at, body) in bodies.iter().enumerate() {
        let ours = yaml::document(&documents[at]).map(|document| document.root.json());
        match (theirs.get(&at), ours) {
            (Some(theirs), Ok(ours)) if is_equal(theirs, &ours) => {}
            (None, Err(_)) => {}
            (Some(_), Err(error)) if REPORTED_HERE_ALONE.iter().any(|reason| error.reason.contains(reason)) => {}
            (None, Ok(_)) if is_read_here_alone(body) => {}
            (Some(_), Ok(_)) if has_equal_numbers(body) => {}
            (theirs, ours) => {
                let ours = ours.map_or_else(|error| format!("error {}", error.reason), |ours| ours.to_string());
                writeln!(
                    found,
                    "{}\n  kubectl: {}\n  read as: {ours}",
                    Value::from(body.as_str()),
                    theirs.map_or("error".into(), ToString::to_string)
                )
                .unwrap();
            }
        }
    }
    Some(found)
}

#[test]
fn scalars_are_read_as_by_kubectl() {
    let bodies: Vec<String> = SCALARS.iter().map(|scalar| format!("  value: {scalar}\n")).collect();
    if let Some(found) = differences("scalars", &bodies) {
        assert!(found.is_empty(), "{found}");
    }
}

#[test]
fn keys_are_read_as_by_kubectl() {
    let bodies: Vec<String> = SCALARS.iter().map(|scalar| format!("  {scalar}: value\n")).collect();
    if let Some(found) = differences("keys", &bodies) {
        assert!(found.is_empty(), "{found}");
    }
}

#[test]
fn blocks_are_read_as_by_kubectl() {
    let bodies: Vec<String> = BLOCKS.iter().map(|&lines| lines.to_owned()).collect();
    if let Some(found) = differences("blocks", &bodies) {
        assert!(found.is_empty(), "{found}");
    }
}

#[test]
fn generated_documents_are_read_as_by_kubectl() {
    let number = "[-+]?[0-9][0-9a-fA-FxXoObB_.eE+:-]{0,6}";
    let word = "[a-zA-Z.~<=][a-zA-Z0-9.:/_~-]{0,5}";
    let flow = r#"[\[{][a-c0-9:,'"\[\]{} *&<?-]{0,12}[\]}]"#;
    let any = r#"[ a-c0-9:,'"\[\]{}*&<?!|>#%@\n-]{0,24}"#;
    let value = prop_oneof![4 => number, 3 => word, 4 => flow, 1 => any];
    let line = (0..3usize, "[a-c]|<<|[0-9.]{1,3}|&[ab] [a-c]", prop::option::of("&[ab]"), prop_oneof![6 => value, 1 => "\\*[ab]"]);
    let lines = prop::collection::vec(line, 1..6).prop_map(|lines| {
        lines.into_iter().fold(String::new(), |mut text, (depth, key, anchor, value)| {
            let anchor = anchor.map(|anchor| anchor + " ").unwrap_or_default();
            writeln!(text, "  {}{key}: {anchor}{value}", "  ".repeat(depth)).unwrap();
            text
        })
    });
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let bodies: Vec<String> = (0..2000).map(|_| lines.new_tree(&mut runner).unwrap().current()).collect();
    if let Some(found) = differences("generated", &bodies) {
        assert!(found.is_empty(), "{found}");
    }
}
