//! `apiVersion`, `kind` and the items of a list come from the parsed document, never from its lines.

use kubectl_mtls::{
    object::Snapshot,
    source::manifest::{self, yaml},
};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::snapshot;

fn policies(snapshot: &Snapshot) -> Vec<String> {
    snapshot.peer_authentications.iter().map(|read| read.id.path()).collect()
}

const POLICY: &str = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: ns}\n";

#[test]
fn the_kind_is_that_of_the_parsed_document() {
    let cases: &[(&str, &[&str])] = &[
        ("note: \"\nkind: Pod\n\"\n", &["ns/a"]),
        ("note: '\nkind: Pod\napiVersion: v1\n'\n", &["ns/a"]),
        ("note: |\n kind: Pod\n", &["ns/a"]),
        ("spec: {}\nkind: PeerAuthentication\n", &["ns/a"]),
        ("kind: Other\n", &[]),
        ("\"kind\": Other\n", &[]),
        ("'kind': Other\n", &[]),
        ("? kind\n: Other\n", &[]),
        ("!!str kind: Other\n", &[]),
        ("kind : Other\n", &[]),
        ("&x kind: Other\n", &[]),
        ("x: &b {kind: Other}\n<<: *b\n", &[]),
        ("# kind: Other\n", &["ns/a"]),
        ("...\nkind: Other\n", &["ns/a"]),
    ];
    for (lines, expected) in cases {
        assert_eq!(policies(&snapshot(&format!("{POLICY}{lines}"))), *expected, "{lines}");
    }
}

#[test]
fn one_object_is_read_in_every_style() {
    for text in [
        "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a, namespace: ns}}",
        "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"PeerAuthentication\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"}}",
        "{\"kind\":\"Pod\",\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"PeerAuthentication\",\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"}}",
        "x: &b {kind: PeerAuthentication, apiVersion: v1}\n<<: *b\napiVersion: security.istio.io/v1\nmetadata: {name: a, namespace: ns}\n",
        "kind: Pod\nx: &b {kind: PeerAuthentication}\n<<: *b\napiVersion: security.istio.io/v1\nmetadata: {name: a, namespace: ns}\n",
        "? kind\n: PeerAuthentication\n? apiVersion\n: security.istio.io/v1\nmetadata: {name: a, namespace: ns}\n",
        "---\r\napiVersion: security.istio.io/v1\r\nkind: PeerAuthentication\r\nmetadata:\r\n  name: a\r\n  namespace: ns\r\n",
        "# note\u{2028}kind: PeerAuthentication\napiVersion: security.istio.io/v1\nmetadata: {name: a, namespace: ns}\n",
        "!!map {apiVersion: !!str security.istio.io/v1, kind: 'PeerAuthentication', metadata: {name: a, namespace: ns}}",
        "--- # first\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: ns}\n--- # second\n",
    ] {
        assert_eq!(policies(&snapshot(text)), ["ns/a"], "{text}");
    }
}

fn item(name: &str) -> String {
    format!("{{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {{name: {name}, namespace: ns}}}}")
}

#[test]
fn a_list_has_the_items_of_the_parsed_document() {
    let (a, b) = (item("a"), item("b"));
    for (text, expected) in [
        (format!("kind: List\napiVersion: v1\nitems:\n- {a}\n- {b}\n"), &["ns/a", "ns/b"][..]),
        (format!("kind: List\napiVersion: v1\nitems: [{a}, {b}]\n"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\n- {a}\nitems:\n- {b}\n"), &["ns/b"]),
        (format!("kind: List\nitems:\n- {a}\n\"items\":\n- {b}\n"), &["ns/b"]),
        (format!("kind: List\nitems:\n- {a}\nx: &l\n- {b}\n<<: {{items: *l}}\n"), &["ns/b"]),
        (format!("kind: List\nx: &l\n- {a}\nitems: *l\n"), &["ns/a"]),
        (format!("kind: List\nx: &a {a}\nitems:\n- *a\n- {b}\n"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\n- &a {a}\n- {b}\nother: *a\n"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\n- {{kind: List, items: [{a}]}}\n- {b}\n"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\n-\n  - {a}\n- {b}\n"), &["ns/b"]),
        (format!("kind: List\nnote: \"\nitems:\n- {a}\n\"\nitems: [{b}]\n"), &["ns/b"]),
        (format!("kind: List\nnote: \"\nitems:\n- {a}\n\"\n"), &[]),
        (format!("kind: List\nitems: # note\n# note\n- {a}\n\n# note\n- {b}"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\r\n- {a}\r\n- {b}\r\n"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\n- {a}\n- x: \"\n- {b}\n  \"\n"), &["ns/a"]),
        (format!("kind: List\nitems:\n- {a}\n-\t{b}\n"), &["ns/a", "ns/b"]),
        (format!("kind: List\nitems:\n- {a}\n...\nitems:\n- {b}\n"), &["ns/a"]),
    ] {
        assert_eq!(policies(&snapshot(&text)), expected, "{text}");
    }
}

#[test]
fn items_without_kind_and_api_version_have_those_of_their_list() {
    let list =
        |item: &str| policies(&snapshot(&format!("apiVersion: security.istio.io/v1\nkind: PeerAuthenticationList\nitems:\n- {item}\n")));
    assert_eq!(list("metadata: {name: a, namespace: ns}"), ["ns/a"]);
    assert!(list("{apiVersion: v1, metadata: {name: a, namespace: ns}}").is_empty());
    assert!(list("{kind: Pod, metadata: {name: a, namespace: ns}}").is_empty());
}

#[test]
fn what_is_not_a_list_in_items_is_a_gap() {
    for (text, reason) in [
        ("kind: List\napiVersion: v1\nitems: abc\n".to_owned(), "`items` is not a list"),
        ("kind: List\napiVersion: v1\nitems: {a: 1}\n".to_owned(), "`items` is not a list"),
        ("kind: List\napiVersion: v1\nitems: [1]\n".to_owned(), "plain text, not a Kubernetes object"),
        (format!("kind: List\nitems:\n- {}\nitems: []\n", item("a")), "`items` is repeated"),
        (format!("apiVersion: v1\nitems:\n- {}\n", item("a")), "line 1: a list without `kind`, so it may be cut off"),
        (format!("{{\"apiVersion\": \"v1\", \"items\": [{}]}}", item("a")), "line 1: a list without `kind`, so it may be cut off"),
        ("kind: List\napiVersion: v1\nItems: []\n".to_owned(), "a List without `items`"),
        (format!("{POLICY}items: []\n"), "kubectl reads a PeerAuthentication with `items` as a list"),
        (format!("{POLICY}...\nkind: Pod\n"), "line 5: kubectl ignores what follows `...`"),
        ("{\"kind\":\"List\",\"items\":1}".to_owned(), "`items` is not a list"),
    ] {
        let gaps: Vec<String> = snapshot(&text).gaps.into_iter().map(|gap| gap.reason).collect();
        assert!(gaps.iter().any(|gap| gap.contains(reason)), "{text}: {gaps:?}");
    }
}

/// The policies of a text according to one parse of each of its documents, and whether each could be parsed.
fn of_whole_documents(text: &str) -> (Vec<String>, bool) {
    let documents: Vec<_> = text.split("---\n").map(yaml::document).collect();
    let is_readable = documents.iter().all(Result::is_ok);
    let mut names: Vec<String> = documents
        .into_iter()
        .flatten()
        .flat_map(|document| objects(document.root.json()))
        .filter(|object| object["kind"] == "PeerAuthentication" && object["apiVersion"] == "security.istio.io/v1")
        .filter_map(|object| Some(format!("{}/{}", object["metadata"]["namespace"].as_str()?, object["metadata"]["name"].as_str()?)))
        .collect();
    names.sort();
    // Of an object that is there twice, one is effective.
    names.dedup();
    (names, is_readable)
}

fn objects(value: Value) -> Vec<Value> {
    match value.get("items") {
        // kubectl rejects a list without kind.
        Some(Value::Array(_)) if value["kind"].as_str().is_none_or(str::is_empty) => Vec::new(),
        Some(Value::Array(items)) => items.iter().cloned().flat_map(objects).collect(),
        Some(Value::Null) | None => vec![value],
        Some(_) => Vec::new(),
    }
}

/// Lines that could mislead a reader of lines.
fn line() -> impl Strategy<Value = String> {
    let lines = [
        "items:",
        "items: []",
        "\"items\":",
        "items: # note",
        "- &a ",
        "-",
        "  - x: 1",
        "kind: List",
        "kind: Pod",
        "note: \"",
        "\"",
        "note: |",
        "  text",
        "note: >-",
        "# note",
        "",
        "x: &a",
        "<<: *a",
        "- *a",
        "items: *a",
        "  kind: Pod",
        "  note: '",
        "'",
        "}",
        "{",
        "...",
        "---",
        "\u{2028}kind: Pod",
        "  # note\u{85}kind: Pod",
    ];
    let item = prop::sample::select(vec!["a", "b", "c"]).prop_map(|name| format!("- {}", item(name)));
    let block = prop::sample::select(vec!["d", "e"]).prop_map(|name| {
        format!("- apiVersion: security.istio.io/v1\n  kind: PeerAuthentication\n  metadata:\n    name: {name}\n    namespace: ns")
    });
    let object = prop::sample::select(vec!["f", "g"])
        .prop_map(|name| format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: ns}}"));
    prop_oneof![
        6 => prop::sample::select(lines.to_vec()).prop_map(str::to_owned),
        3 => item,
        3 => block,
        2 => object,
        1 => Just("items:".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// What is found in the text first, to read faster, never changes what is read.
    #[test]
    fn mutated_lists_are_read_as_the_parser_reads_them_whole(is_list: bool, lines in prop::collection::vec(line(), 1..12)) {
        let text = [if is_list { "kind: List\n" } else { "" }, &lines.join("\n"), "\n"].concat();
        let read = manifest::read(
            &manifest::Request { paths: &["-".into()], ..manifest::Request::default() },
            &mut std::io::Cursor::new(text.as_bytes().to_vec()),
        );
        let (expected, is_readable) = of_whole_documents(&text);
        let (names, gaps) = read.map(|snapshot| (policies(&snapshot), snapshot.gaps.len())).unwrap_or_default();
        if is_readable {
            prop_assert_eq!(names, expected, "{}", text);
        } else {
            // Items of a broken list may be read one by one.
            prop_assert!(gaps > 0 && expected.iter().all(|name| names.contains(name)), "{}: {:?}", text, names);
        }
    }
}
