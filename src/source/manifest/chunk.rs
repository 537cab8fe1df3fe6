//! Splits a file into independently parseable chunks and parses one chunk.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::value::RawValue;

use super::{
    decode::{self, Decoded, Written},
    json,
    request::Request,
    split::{self, Head},
    yaml,
};
use crate::object::{FileOrigin, Gap, Kind, Origin};

/// A part of a file that one thread parses on its own.
pub(super) struct Chunk<'t> {
    pub(super) path: &'t Arc<str>,
    /// Number of the document in the file, from 1.
    pub(super) document: u32,
    /// Line on which it starts, from 1.
    pub(super) line: u32,
    /// The text of the whole document.
    pub(super) text: &'t str,
    /// Which part of the document to parse.
    pub(super) part: Part<'t>,
}

/// The part of a document that a chunk covers.
pub(super) enum Part<'t> {
    /// The whole document, as YAML.
    Document,
    /// One item of a list and its number, from 1, with the list's head: it gives the item's kind if the item sets none.
    Item(split::Item, usize, Head<'t>),
    /// A JSON object, with its head, completed from the list that contains it.
    Json(Head<'t>),
}

/// The result of parsing one chunk.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) decoded: Vec<Decoded>,
    pub(super) unused: BTreeMap<String, usize>,
}

/// The number of line breaks in a text.
pub(super) fn lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&b| b == b'\n').count()).unwrap_or(u32::MAX)
}

/// Splits a document into independently parseable chunks.
pub(super) fn cut<'t>(whole: Chunk<'t>, chunks: &mut Vec<Chunk<'t>>) {
    if let Some(documents) = json::documents(whole.text) {
        for text in documents {
            cut_json(&whole, text, Head::default(), chunks);
        }
        return;
    }
    let head = Head::of(whole.text, 0);
    // An alias can refer to an anchor in another item; the list is then parsed as a whole.
    let apart = head.kind.filter(|kind| kind.ends_with("List") && !split::has_aliases(whole.text));
    match apart.and_then(|_| split::items(whole.text)) {
        None => chunks.push(whole),
        Some(items) => {
            let (mut line, mut counted) = (whole.line, 0);
            for (at, item) in items.into_iter().enumerate() {
                line += lines(&whole.text[counted..item.range.start]);
                counted = item.range.start;
                chunks.push(Chunk { line, part: Part::Item(item, at + 1, head), ..whole });
            }
        }
    }
}

fn cut_json<'t>(whole: &Chunk<'t>, text: &'t str, list: Head<'t>, chunks: &mut Vec<Chunk<'t>>) {
    let line = whole.line + lines(&whole.text[..json::offset(text, whole.text)]);
    let (head, items) = json_head(text);
    let head = within(head, list);
    match items {
        Some(items) => {
            for item in items {
                cut_json(whole, item.get(), head, chunks);
            }
        }
        None => chunks.push(Chunk { path: whole.path, document: whole.document, line, text, part: Part::Json(head) }),
    }
}

/// The head of a JSON object, borrowed from its text (no known kind needs escapes), and its items, if it is a list.
fn json_head(text: &str) -> (Head<'_>, Option<Vec<&RawValue>>) {
    let borrowed = |word: Option<Cow<'_, str>>| {
        let word = word?;
        text.find(&format!("\"{word}\"")).map(|at| &text[at + 1..=at + word.len()])
    };
    json::peek(text)
        .map_or_else(Default::default, |peek| (Head { api_version: borrowed(peek.api_version), kind: borrowed(peek.kind) }, peek.items))
}

impl Chunk<'_> {
    pub(super) fn read(&self, request: &Request<'_>, out: &mut Outcome) {
        match &self.part {
            Part::Document => self.document(request, out),
            Part::Item(item, _, list) => {
                let text = item.text(self.text);
                let head = within(Head::of(&text, item.indent), *list);
                let decoded = self.object(&text, head, request, decode::yaml_object, out);
                out.decoded.extend(decoded);
            }
            Part::Json(head) => {
                let decoded = self.object(self.text, *head, request, decode::json_object, out);
                out.decoded.extend(decoded);
            }
        }
    }

    /// Parses a YAML document that is not a list, or a list that only the parser can split.
    fn document(&self, request: &Request<'_>, out: &mut Outcome) {
        let head = Head::of(self.text, 0);
        if head.kind.is_some_and(|kind| !kind.ends_with("List")) && head.api_version.is_some() {
            let decoded = self.object(self.text, head, request, decode::yaml_object, out);
            out.decoded.extend(decoded);
            return;
        }
        match yaml::tree(self.text) {
            Err(broken) => out.decoded.push(self.unread(&broken)),
            Ok(tree) => self.tree(&tree, request, out),
        }
    }

    /// Decodes a document whose head is only known after parsing it.
    fn tree(&self, tree: &yaml::Node, request: &Request<'_>, out: &mut Outcome) {
        let value = tree.json();
        let word = |value: &serde_json::Value, key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (word(&value, "apiVersion"), word(&value, "kind"));
        let head = Head { api_version: Some(&api_version), kind: Some(&kind) };
        match tree.items("items").filter(|_| kind.ends_with("List")) {
            Some(items) => {
                for (start, item) in items {
                    let value = item.json();
                    let (api_version, kind) = (word(&value, "apiVersion"), word(&value, "kind"));
                    let own = Head { api_version: Some(api_version.as_str()), kind: Some(kind.as_str()) };
                    let line = self.line + lines(self.text.get(..start).unwrap_or_default());
                    let chunk = Chunk { line, part: Part::Document, ..*self };
                    let decoded = chunk.object("", within(own, head), request, |text| decode::value_object(text, &value), out);
                    out.decoded.extend(decoded);
                }
            }
            None if kind.is_empty() && value.is_object() && self.is_values_file() => {
                *out.unused.entry("a mapping without kind".into()).or_default() += 1;
            }
            None if kind.is_empty() || !value.is_object() => out.decoded.push(self.no_object(&value)),
            None => {
                let decoded = self.object(self.text, head, request, decode::yaml_object, out);
                out.decoded.extend(decoded);
            }
        }
    }

    /// Decodes an object, if its kind is used.
    fn object(
        &self,
        text: &str,
        head: Head<'_>,
        request: &Request<'_>,
        read: impl Fn(&Written<'_>) -> Decoded,
        out: &mut Outcome,
    ) -> Option<Decoded> {
        let (api_version, kind) = (head.api_version.unwrap_or_default(), head.kind.unwrap_or_default());
        let Some(known) = Kind::of(api_version, kind) else {
            if kind.is_empty() && !text.is_empty() {
                // An item whose head is only known after parsing it.
                Chunk { text, part: Part::Document, ..*self }.document(request, out);
            } else if let Some(meant) = Kind::guess(kind) {
                out.decoded.push(self.misnamed(api_version, kind, meant));
            } else {
                *out.unused.entry(format!("{api_version}/{kind}")).or_default() += 1;
            }
            return None;
        };
        let origin = self.origin((known.keeps_text() && !text.is_empty()).then(|| text.into()));
        let default_namespace = if request.namespace.is_empty() { "default" } else { request.namespace };
        Some(read(&Written { text, kind: known, api_version, origin: &origin, default_namespace, named: &self.named() }))
    }

    /// A gap for an object of a used kind with an API group that does not have this kind.
    fn misnamed(&self, api_version: &str, kind: &str, meant: Kind) -> Decoded {
        let said = if api_version.is_empty() { "no apiVersion".to_owned() } else { format!("apiVersion {api_version}") };
        self.gap(
            format!("line {}: {kind} with {said} is no kind that anybody serves", self.line),
            format!("write `apiVersion: {}` and `kind: {meant}`", meant.api_version()),
        )
    }

    /// A gap for something that is not a Kubernetes object.
    fn no_object(&self, value: &serde_json::Value) -> Decoded {
        let what = match value {
            serde_json::Value::Object(_) => "a mapping without `kind`",
            serde_json::Value::Array(_) => "a list",
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::String(_) => {
                "plain text"
            }
        };
        let because = format!("line {}: {what}, not a Kubernetes object", self.line);
        self.gap(because, "give objects with apiVersion and kind, and nothing else; leave other files out".into())
    }

    /// Whether the file belongs to a chart or an overlay, and is not a manifest.
    fn is_values_file(&self) -> bool {
        const STEMS: [&str; 6] = ["values", "Chart", "kustomization", "Kustomization", "Kptfile", "helmfile"];
        let stem = std::path::Path::new(&**self.path).file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        STEMS.iter().any(|known| stem == *known || *known == "values" && stem.starts_with("values"))
    }

    fn gap(&self, because: String, hint: String) -> Decoded {
        Decoded { gaps: vec![Gap::new(self.named(), because, hint)], ..Decoded::default() }
    }

    fn unread(&self, broken: &yaml::Broken) -> Decoded {
        let gap = decode::unread(self.text, &self.origin(None), &self.named(), broken);
        Decoded { gaps: vec![gap], ..Decoded::default() }
    }

    fn origin(&self, text: Option<Box<str>>) -> Origin {
        Origin::File(Arc::new(FileOrigin { path: Arc::clone(self.path), document: self.document, line: self.line, text }))
    }

    fn named(&self) -> String {
        let document = format!("document {} of {}", self.document, self.path);
        match &self.part {
            Part::Item(_, number, _) => format!("item {number} of {document}"),
            Part::Document | Part::Json(_) => document,
        }
    }
}

/// The head of a list's item: its own, completed from the list's kind (`PodList` contains Pods).
fn within<'t>(own: Head<'t>, list: Head<'t>) -> Head<'t> {
    let of_list = list.kind.and_then(|kind| kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
    let given = |word: Option<&'t str>| word.filter(|word| !word.is_empty());
    Head { api_version: given(own.api_version).or(list.api_version), kind: given(own.kind).or(of_list) }
}
