//! Splits a file into independently parseable chunks and parses one chunk.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use super::{
    decode::{self, Decoded, RawObject},
    json, other_document,
    request::Request,
    split, unknown_kind,
    yaml::{self, Document, Node},
};
use crate::object::{FileOrigin, Kind, Origin};

/// A part of a file that one thread parses on its own.
#[derive(Clone)]
pub(super) struct Chunk<'t> {
    pub(super) path: &'t Arc<str>,
    /// Whether the file was given by name: then everything in it is meant to be an object.
    pub(super) is_explicit: bool,
    /// Number of the document in the file, from 1.
    pub(super) document: u32,
    /// Line on which it starts, from 1.
    pub(super) line: u32,
    /// The text of the whole document; of the one object, for JSON.
    pub(super) text: &'t str,
    /// Which part of the document to parse.
    pub(super) part: Part<'t>,
}

/// The part of a document that a chunk covers.
#[derive(Clone)]
pub(super) enum Part<'t> {
    /// The whole document, as YAML.
    Document,
    /// One item of a YAML list and its number, from 1. The items were found in the text: if one of them cannot be parsed on its own, the
    /// document is parsed as a whole.
    Item(split::Item, usize, TypeMeta<'t>),
    /// A JSON document, or one item of a JSON list.
    Json(TypeMeta<'t>),
    /// What follows the only object of a document that kubectl reads.
    Ignored,
}

/// `apiVersion` and `kind`; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TypeMeta<'t> {
    pub(super) api_version: Cow<'t, str>,
    pub(super) kind: Cow<'t, str>,
}

/// The result of parsing one chunk.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) decoded: Vec<Decoded>,
    pub(super) unused: BTreeMap<String, usize>,
    /// Number of documents that are no Kubernetes objects.
    pub(super) not_objects: usize,
    /// Whether the text could not be parsed.
    pub(super) is_unreadable: bool,
}

/// The number of line breaks in a text.
pub(super) fn count_lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&b| b == b'\n').count()).unwrap_or(u32::MAX)
}

/// Splits a document into independently parseable chunks. Only the document at the beginning of a file may be several JSON objects.
pub(super) fn split<'t>(document: Chunk<'t>, is_first: bool, chunks: &mut Vec<Chunk<'t>>) {
    if let Some(json::Stream { objects, ignored }) = json::objects(document.text, is_first) {
        let (mut line, mut counted) = (document.line, 0);
        for json::Object { text, api_version, kind } in objects {
            let start = json::offset(text, document.text);
            line += count_lines(&document.text[counted..start]);
            counted = start;
            chunks.push(Chunk { line, text, part: Part::Json(TypeMeta { api_version, kind }), ..document.clone() });
        }
        if let Some(text) = ignored {
            line += count_lines(&document.text[counted..json::offset(text, document.text)]);
            chunks.push(Chunk { line, text, part: Part::Ignored, ..document });
        }
        return;
    }
    let Some((items, list)) = items(document.text) else { return chunks.push(document) };
    let (mut line, mut counted) = (document.line, 0);
    for (at, item) in items.into_iter().enumerate() {
        line += count_lines(&document.text[counted..item.range.start]);
        counted = item.range.start;
        chunks.push(Chunk { line, part: Part::Item(item, at + 1, list.clone()), ..document.clone() });
    }
}

/// The items of a list as they are found in the text, where the parser confirms that the rest of the document is a mapping with
/// `items` in that place.
fn items(text: &str) -> Option<(Vec<split::Item>, TypeMeta<'static>)> {
    if yaml::has_unicode_breaks(text) {
        return None;
    }
    let items = split::items(text)?;
    let (first, last) = (items.first()?, items.last()?);
    let rest = [&text[..first.range.start], &text[last.range.end..]].concat();
    let Document { root, repeats_keys, ignored_from: None } = yaml::document(&rest).ok()? else { return None };
    let key = root.locate(["items"]).range().start;
    let is_items = root.get("items")?.is_null() && split::is_empty(text.get(key..first.range.start)?.strip_prefix("items:")?);
    let own = TypeMeta::of(&root).into_owned();
    (is_items && root.is_block_map() && !repeats_keys && !own.kind.is_empty()).then_some((items, own))
}

impl<'t> TypeMeta<'t> {
    pub(super) fn of(node: &'t Node<'_>) -> Self {
        let text = |key| Cow::Borrowed(node.get(key).and_then(Node::text).unwrap_or_default());
        Self { api_version: text("apiVersion"), kind: text("kind") }
    }

    fn into_owned(self) -> TypeMeta<'static> {
        TypeMeta { api_version: self.api_version.into_owned().into(), kind: self.kind.into_owned().into() }
    }

    /// Of an item of a list: its own, or that of the list if it has neither (`PodList` contains Pods).
    fn or_of_list(self, list: &'t TypeMeta<'_>) -> Self {
        match list.kind.strip_suffix("List").filter(|kind| !kind.is_empty()) {
            Some(kind) if self.kind.is_empty() && self.api_version.is_empty() => {
                Self { api_version: Cow::Borrowed(&list.api_version), kind: Cow::Borrowed(kind) }
            }
            _ => self,
        }
    }
}

impl Parsed {
    /// The result, if the text is YAML or JSON.
    pub(super) fn readable(self) -> Option<Self> {
        (!self.is_unreadable).then_some(self)
    }
}

impl Chunk<'_> {
    /// Whether two chunks are items of the same YAML list.
    pub(super) fn is_same_list(&self, other: &Self) -> bool {
        let is_item = |chunk: &Self| matches!(chunk.part, Part::Item(..));
        is_item(self) && is_item(other) && std::ptr::eq(self.text, other.text)
    }

    /// The whole list of an item.
    pub(super) fn whole_list(&self) -> Option<Self> {
        let Part::Item(item, ..) = &self.part else { return None };
        let line = self.line - count_lines(self.text.get(..item.range.start)?);
        Some(Chunk { line, part: Part::Document, ..self.clone() })
    }

    pub(super) fn read(&self, request: &Request<'_>) -> Parsed {
        let mut out = Parsed::default();
        let none = TypeMeta::default();
        match &self.part {
            Part::Document => self.parsed(yaml::document(self.text), self.text, &none, request, &mut out),
            Part::Item(item, _, list) => {
                let text = item.text(self.text);
                self.parsed(yaml::document(&text), &text, list, request, &mut out);
            }
            Part::Json(list) => self.parsed(yaml::json(self.text), self.text, list, request, &mut out),
            Part::Ignored => out.decoded.push(self.ignored()),
        }
        out
    }

    fn parsed(
        &self,
        document: Result<Document<'_>, yaml::ParseError>,
        text: &str,
        list: &TypeMeta<'_>,
        request: &Request<'_>,
        out: &mut Parsed,
    ) {
        match document {
            Ok(Document { root, repeats_keys, ignored_from }) => {
                self.node(root, repeats_keys, text, list, request, out);
                out.decoded.extend(ignored_from.map(|line| Chunk { line: self.line + line - 1, ..self.clone() }.ignored_after("`...`")));
            }
            Err(_) if !self.is_explicit && self.path.ends_with(".json") && other_document::is_commented_json(text) => out.not_objects += 1,
            Err(error) => {
                out.is_unreadable = true;
                let gap = decode::parse_gap(text, &self.origin(None), &self.description(), &error);
                out.decoded.push(Decoded { gaps: vec![gap], ..Decoded::default() });
            }
        }
    }

    /// Decodes an object, or the items of a list: as for kubectl, whatever has `items`.
    fn node(&self, node: Node<'_>, repeats_keys: bool, text: &str, list: &TypeMeta<'_>, request: &Request<'_>, out: &mut Parsed) {
        let TypeMeta { api_version, kind } = TypeMeta::of(&node).or_of_list(list).into_owned();
        if repeats_keys && node.repeats("items") {
            let reason = format!("line {}: `items` is repeated, and only the last one is effective", self.line);
            out.decoded.push(self.gap(reason, "make one list of them".into()));
        }
        if kind == "List" && node.get("items").is_none() && Kind::of(&api_version, &kind).is_none() {
            let reason = format!("line {}: a List without `items`", self.line);
            out.decoded.push(self.gap(reason, "correct the spelling of `items`, or leave the List out".into()));
        }
        let is_document = list.kind.is_empty();
        let is_other =
            || !self.is_explicit && (other_document::is_other(&node) || self.is_hidden_file() && !other_document::is_object(&node));
        if is_document && (is_other() || kind.is_empty() && node.is_map() && self.is_values_file()) {
            out.not_objects += 1;
            return;
        }
        if let Some(items) = node.get("items").filter(|items| kind.is_empty() && !items.is_null()) {
            return out.decoded.push(self.cut_list(items));
        }
        if let Some(items) = node.get("items").filter(|items| !items.is_null()) {
            out.decoded.extend(self.not_a_list(items, &api_version, &kind));
            let own = TypeMeta { api_version, kind };
            return self.items(items.items().unwrap_or_default(), repeats_keys, text, &own, request, out);
        }
        if !node.is_map() || kind.is_empty() || api_version.is_empty() && unknown_kind::meant(&api_version, &kind).is_none() {
            out.decoded.push(self.not_an_object(&node));
        } else if unknown_kind::is_old_definition(&api_version, &kind) {
            *out.unused.entry(format!("{api_version}/{kind}")).or_default() += 1;
        } else if let Some(known) = Kind::of(&api_version, &kind) {
            let origin = self.origin((known.keeps_text() && !text.is_empty()).then(|| text.into()));
            let default_namespace = if request.namespace.is_empty() { "default" } else { request.namespace };
            let description = self.description();
            let raw =
                RawObject { text, kind: known, api_version: &api_version, origin: &origin, default_namespace, description: &description };
            out.decoded.push(decode::node_object(&raw, node, repeats_keys));
        } else if let Some(meant) = unknown_kind::meant(&api_version, &kind) {
            out.decoded.push(self.unknown_kind(&node, text, &api_version, &kind, meant));
        } else if unknown_kind::is_unserved(&api_version, &kind) {
            let reason = format!("line {}: unknown kind {kind} with apiVersion {api_version}", self.line);
            out.decoded.push(self.gap(reason, "correct `kind` and `apiVersion`, or leave the object out".into()));
        } else {
            *out.unused.entry(format!("{api_version}/{kind}")).or_default() += 1;
        }
    }

    fn items(&self, items: &[Node<'_>], repeats_keys: bool, text: &str, own: &TypeMeta<'_>, request: &Request<'_>, out: &mut Parsed) {
        let (mut line, mut counted) = (self.line, 0);
        for item in items {
            let start = item.span().range().start;
            line += count_lines(text.get(counted..start).unwrap_or_default());
            counted = start;
            // Without its text: the places of its fields are those of the list.
            Chunk { line, ..self.clone() }.node(item.clone(), repeats_keys, "", own, request, out);
        }
    }

    /// Whether the name of the file begins with a dot, as those of settings of other programs do.
    fn is_hidden_file(&self) -> bool {
        let name = std::path::Path::new(&**self.path).file_name();
        name.is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    }

    /// Whether the file belongs to a chart or an overlay, and is not a manifest.
    fn is_values_file(&self) -> bool {
        const STEMS: [&str; 6] = ["values", "Chart", "kustomization", "Kustomization", "Kptfile", "helmfile"];
        let stem = std::path::Path::new(&**self.path).file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        STEMS.iter().any(|known| stem == *known || *known == "values" && stem.starts_with("values"))
    }

    pub(super) fn origin(&self, text: Option<Box<str>>) -> Origin {
        Origin::File(Arc::new(FileOrigin {
            path: Arc::clone(self.path),
            document: self.document,
            line: self.line,
            text,
            patches: Vec::new(),
        }))
    }

    pub(super) fn description(&self) -> String {
        let document = format!("document {} of {}", self.document, self.path);
        match &self.part {
            Part::Item(_, number, _) => format!("item {number} of {document}"),
            Part::Document | Part::Json(_) | Part::Ignored => document,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_plain_list_are_parsed_apart() {
        for (text, count) in [
            ("apiVersion: v1\nitems:\n- a: 1\n- a: 2\n", None),
            ("apiVersion: v1\nitems:\n- a: 1\n- a: 2\nkind: List\nmetadata: {}\n", Some(2)),
            ("# note\nkind: List\nitems: # note\n  # note\n  - a: 1\n", Some(1)),
            ("{\nitems:\n- a: 1\n}\n", None),
            ("!!map\nkind: List\nitems:\n- a: 1\n", Some(1)),
            ("items:\nnote: \"\nitems:\n- a: 1\nnote: \"\n", None),
            ("items:\n- a: 1\nitems:\n- a: 2\n", None),
            ("items:\n- a: 1\n\"items\": []\n", None),
            ("items:\n- a: &x 1\nb: *x\n", None),
        ] {
            assert_eq!(items(text).map(|(items, _)| items.len()), count, "{text}");
        }
    }
}
