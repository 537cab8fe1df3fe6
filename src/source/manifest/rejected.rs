//! What of a document is not read, although kubectl or the API server could have been meant to: gaps and unknown kinds.

use std::collections::BTreeSet;

use super::{
    chunk::{Chunk, TypeMeta},
    decode::Decoded,
    yaml::Node,
};
use crate::object::{Defect, DefectKind, FieldPath, Gap, Id, Kind};

impl Chunk<'_> {
    pub(super) fn ignored(&self) -> Decoded {
        self.ignored_after("the first JSON object of a document, unless a file begins with it")
    }

    pub(super) fn ignored_after(&self, what: &str) -> Decoded {
        self.gap(format!("line {}: kubectl ignores what follows {what}", self.line), "separate documents by a line `---`".into())
    }

    /// A gap for a list without `kind`, of which kubectl applies nothing. What was cut off could be of the kinds that it begins with.
    pub(super) fn cut_list(&self, items: &Node<'_>) -> Decoded {
        let reason = format!("line {}: a list without `kind`, so it may be cut off; kubectl rejects it", self.line);
        let kinds = items.items().unwrap_or_default().iter().filter_map(|item| {
            let TypeMeta { api_version, kind } = TypeMeta::of(item);
            Kind::of(&api_version, &kind)
        });
        let lost: BTreeSet<Kind> = kinds.collect();
        let gap = self.gap(reason, "pass the whole list".into());
        Decoded { lost: lost.into_iter().map(|kind| (kind, None)).collect(), ..gap }
    }

    /// A gap for `items` that are not those of a list. kubectl ignores the other fields of an object that has them.
    pub(super) fn not_a_list(&self, items: &Node<'_>, api_version: &str, kind: &str) -> Option<Decoded> {
        let reason = if items.items().is_none() {
            "`items` is not a list".to_owned()
        } else {
            format!("kubectl reads a {} with `items` as a list, and applies none of its other fields", Kind::of(api_version, kind)?)
        };
        Some(self.gap(format!("line {}: {reason}", self.line), "remove `items`, or make it a list of objects".into()))
    }

    /// An object that is not read, because no API server serves its kind.
    pub(super) fn unknown_kind(&self, node: &Node<'_>, text: &str, api_version: &str, kind: &str, meant: Kind) -> Decoded {
        let metadata = |key| node.get("metadata").and_then(|metadata| metadata.get(key)?.text()).unwrap_or_default();
        let namespace = if meant.is_namespaced() { metadata("namespace") } else { "" };
        let at = FieldPath::of(if Kind::of(api_version, meant.name()).is_some() { "kind" } else { "apiVersion" });
        let defect = Defect {
            id: Id::new(meant, namespace, metadata("name")),
            origin: self.origin((!text.is_empty()).then(|| text.into())),
            at,
            kind: DefectKind::UnknownKind { api_version: api_version.into(), kind: kind.into() },
        };
        Decoded { defects: vec![defect], ..Decoded::default() }
    }

    /// A gap for something that is not a Kubernetes object.
    pub(super) fn not_an_object(&self, node: &Node<'_>) -> Decoded {
        let what = match node.items() {
            _ if node.is_map() && node.get("kind").is_some_and(|kind| kind.text().is_some()) => "a mapping without `apiVersion`",
            _ if node.is_map() => "a mapping without `kind`",
            Some(_) => "a list",
            None => "plain text",
        };
        let reason = format!("line {}: {what}, not a Kubernetes object", self.line);
        self.gap(reason, "pass only objects with apiVersion and kind, and leave other files out".into())
    }

    pub(super) fn gap(&self, reason: String, hint: String) -> Decoded {
        Decoded { gaps: vec![Gap::new(self.description(), reason, hint)], ..Decoded::default() }
    }
}
