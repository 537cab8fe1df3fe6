//! Splits a file into independently parseable chunks and parses one chunk.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::value::RawValue;

use super::{
    decode::{self, Decoded, RawObject},
    json,
    request::Request,
    split::{self, TypeMeta},
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
    /// One item of a list and its number, from 1, with the list's type: it gives the item's kind if the item sets none.
    Item(split::Item, usize, TypeMeta<'t>),
    /// A JSON object with its type, completed from the list that contains it.
    Json(TypeMeta<'t>),
}

/// The result of parsing one chunk.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) decoded: Vec<Decoded>,
    pub(super) unused: BTreeMap<String, usize>,
}

/// The number of line breaks in a text.
pub(super) fn count_lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&b| b == b'\n').count()).unwrap_or(u32::MAX)
}

/// Splits a document into independently parseable chunks.
pub(super) fn split<'t>(document: Chunk<'t>, chunks: &mut Vec<Chunk<'t>>) {
    if let Some(documents) = json::documents(document.text) {
        for text in documents {
            split_json(&document, text, TypeMeta::default(), chunks);
        }
        return;
    }
    let type_meta = TypeMeta::of(document.text, 0);
    // An alias can refer to an anchor in another item; the list is then parsed as a whole.
    let list_kind = type_meta.kind.filter(|kind| kind.ends_with("List") && !split::has_aliases(document.text));
    match list_kind.and_then(|_| split::items(document.text)) {
        None => chunks.push(document),
        Some(items) => {
            let (mut line, mut counted) = (document.line, 0);
            for (at, item) in items.into_iter().enumerate() {
                line += count_lines(&document.text[counted..item.range.start]);
                counted = item.range.start;
                chunks.push(Chunk { line, part: Part::Item(item, at + 1, type_meta), ..document });
            }
        }
    }
}

fn split_json<'t>(document: &Chunk<'t>, text: &'t str, list: TypeMeta<'t>, chunks: &mut Vec<Chunk<'t>>) {
    let line = document.line + count_lines(&document.text[..json::offset(text, document.text)]);
    let (type_meta, items) = json_type_meta(text);
    let type_meta = completed_from(type_meta, list);
    match items {
        Some(items) => {
            for item in items {
                split_json(document, item.get(), type_meta, chunks);
            }
        }
        None => chunks.push(Chunk { path: document.path, document: document.document, line, text, part: Part::Json(type_meta) }),
    }
}

/// The type of a JSON object, borrowed from its text (no known kind needs escapes), and its items, if it is a list.
fn json_type_meta(text: &str) -> (TypeMeta<'_>, Option<Vec<&RawValue>>) {
    let borrowed = |word: Option<Cow<'_, str>>| {
        let word = word?;
        text.find(&format!("\"{word}\"")).map(|at| &text[at + 1..=at + word.len()])
    };
    json::partial(text).map_or_else(Default::default, |partial| {
        (TypeMeta { api_version: borrowed(partial.api_version), kind: borrowed(partial.kind) }, partial.items)
    })
}

impl Chunk<'_> {
    pub(super) fn read(&self, request: &Request<'_>, out: &mut Parsed) {
        match &self.part {
            Part::Document => self.document(request, out),
            Part::Item(item, _, list) => {
                let text = item.text(self.text);
                let type_meta = completed_from(TypeMeta::of(&text, item.indent), *list);
                let decoded = self.object(&text, type_meta, request, decode::yaml_object, out);
                out.decoded.extend(decoded);
            }
            Part::Json(type_meta) => {
                let decoded = self.object(self.text, *type_meta, request, decode::json_object, out);
                out.decoded.extend(decoded);
            }
        }
    }

    /// Parses a YAML document that is not a list, or a list that only the parser can split.
    fn document(&self, request: &Request<'_>, out: &mut Parsed) {
        let type_meta = TypeMeta::of(self.text, 0);
        if type_meta.kind.is_some_and(|kind| !kind.ends_with("List")) && type_meta.api_version.is_some() {
            let decoded = self.object(self.text, type_meta, request, decode::yaml_object, out);
            out.decoded.extend(decoded);
            return;
        }
        match yaml::tree(self.text) {
            Err(error) => out.decoded.push(self.parse_failure(&error)),
            Ok(tree) => self.tree(&tree, request, out),
        }
    }

    /// Decodes a document whose type is only known after parsing it.
    fn tree(&self, tree: &yaml::Node, request: &Request<'_>, out: &mut Parsed) {
        let value = tree.json();
        let word = |value: &serde_json::Value, key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (word(&value, "apiVersion"), word(&value, "kind"));
        let type_meta = TypeMeta { api_version: Some(&api_version), kind: Some(&kind) };
        match tree.items("items").filter(|_| kind.ends_with("List")) {
            Some(items) => {
                for (start, item) in items {
                    let value = item.json();
                    let (api_version, kind) = (word(&value, "apiVersion"), word(&value, "kind"));
                    let own = TypeMeta { api_version: Some(api_version.as_str()), kind: Some(kind.as_str()) };
                    let line = self.line + count_lines(self.text.get(..start).unwrap_or_default());
                    let chunk = Chunk { line, part: Part::Document, ..*self };
                    let decoded = chunk.object("", completed_from(own, type_meta), request, |text| decode::value_object(text, &value), out);
                    out.decoded.extend(decoded);
                }
            }
            None if kind.is_empty() && value.is_object() && self.is_values_file() => {
                *out.unused.entry("a mapping without kind".into()).or_default() += 1;
            }
            None if kind.is_empty() || !value.is_object() => out.decoded.push(self.not_an_object(&value)),
            None => {
                let decoded = self.object(self.text, type_meta, request, decode::yaml_object, out);
                out.decoded.extend(decoded);
            }
        }
    }

    /// Decodes an object, if its kind is used.
    fn object(
        &self,
        text: &str,
        type_meta: TypeMeta<'_>,
        request: &Request<'_>,
        read: impl Fn(&RawObject<'_>) -> Decoded,
        out: &mut Parsed,
    ) -> Option<Decoded> {
        let (api_version, kind) = (type_meta.api_version.unwrap_or_default(), type_meta.kind.unwrap_or_default());
        let Some(known) = Kind::of(api_version, kind) else {
            if kind.is_empty() && !text.is_empty() {
                // An item whose type is only known after parsing it.
                Chunk { text, part: Part::Document, ..*self }.document(request, out);
            } else if let Some(meant) = Kind::guess(kind) {
                out.decoded.push(self.wrong_api_version(api_version, kind, meant));
            } else {
                *out.unused.entry(format!("{api_version}/{kind}")).or_default() += 1;
            }
            return None;
        };
        let origin = self.origin((known.keeps_text() && !text.is_empty()).then(|| text.into()));
        let default_namespace = if request.namespace.is_empty() { "default" } else { request.namespace };
        Some(read(&RawObject { text, kind: known, api_version, origin: &origin, default_namespace, description: &self.description() }))
    }

    /// A gap for an object of a used kind with an API group that does not have this kind.
    fn wrong_api_version(&self, api_version: &str, kind: &str, meant: Kind) -> Decoded {
        let found = if api_version.is_empty() { "no apiVersion".to_owned() } else { format!("apiVersion {api_version}") };
        self.gap(
            format!("line {}: unknown kind {kind} with {found}", self.line),
            format!("use `apiVersion: {}` and `kind: {meant}`", meant.api_version()),
        )
    }

    /// A gap for something that is not a Kubernetes object.
    fn not_an_object(&self, value: &serde_json::Value) -> Decoded {
        let what = match value {
            serde_json::Value::Object(_) => "a mapping without `kind`",
            serde_json::Value::Array(_) => "a list",
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::String(_) => {
                "plain text"
            }
        };
        let reason = format!("line {}: {what}, not a Kubernetes object", self.line);
        self.gap(reason, "pass only objects with apiVersion and kind, and leave other files out".into())
    }

    /// Whether the file belongs to a chart or an overlay, and is not a manifest.
    fn is_values_file(&self) -> bool {
        const STEMS: [&str; 6] = ["values", "Chart", "kustomization", "Kustomization", "Kptfile", "helmfile"];
        let stem = std::path::Path::new(&**self.path).file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        STEMS.iter().any(|known| stem == *known || *known == "values" && stem.starts_with("values"))
    }

    fn gap(&self, reason: String, hint: String) -> Decoded {
        Decoded { gaps: vec![Gap::new(self.description(), reason, hint)], ..Decoded::default() }
    }

    fn parse_failure(&self, error: &yaml::ParseError) -> Decoded {
        let gap = decode::parse_gap(self.text, &self.origin(None), &self.description(), error);
        Decoded { gaps: vec![gap], ..Decoded::default() }
    }

    fn origin(&self, text: Option<Box<str>>) -> Origin {
        Origin::File(Arc::new(FileOrigin { path: Arc::clone(self.path), document: self.document, line: self.line, text }))
    }

    fn description(&self) -> String {
        let document = format!("document {} of {}", self.document, self.path);
        match &self.part {
            Part::Item(_, number, _) => format!("item {number} of {document}"),
            Part::Document | Part::Json(_) => document,
        }
    }
}

/// The type of a list's item: its own, completed from the list's kind (`PodList` contains Pods).
fn completed_from<'t>(own: TypeMeta<'t>, list: TypeMeta<'t>) -> TypeMeta<'t> {
    let of_list = list.kind.and_then(|kind| kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
    let given = |word: Option<&'t str>| word.filter(|word| !word.is_empty());
    TypeMeta { api_version: given(own.api_version).or(list.api_version), kind: given(own.kind).or(of_list) }
}
