//! Decodes the text of one object into its wire struct.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    diagnose::{self, Diagnosed},
    embedded, validation,
    yaml::{self, Node, ParseError},
};
use crate::object::{
    Defect, DefectKind, FieldPath, Gap, Id, Kind, Object, Origin, Read, Text, for_each_kind,
    wire::{self, Time},
};

/// The result of decoding one object.
#[derive(Debug, Default)]
pub(in crate::source) struct Decoded {
    pub(in crate::source) object: Option<Read<Object>>,
    pub(in crate::source) defects: Vec<Defect>,
    pub(in crate::source) gaps: Vec<Gap>,
    /// The kind of an object that exists and could not be read, and its namespace if that is known.
    pub(in crate::source) lost: Vec<(Kind, Option<Text>)>,
    /// `apiVersion/kind` of an object that is not used, as decoding showed.
    pub(in crate::source) unused: Option<String>,
}

/// An object's text, with its kind, source and name for messages.
pub(in crate::source) struct RawObject<'t> {
    pub(in crate::source) text: &'t str,
    pub(in crate::source) kind: Kind,
    pub(in crate::source) api_version: &'t str,
    pub(in crate::source) origin: &'t Origin,
    /// Namespace of manifests that set none.
    pub(in crate::source) default_namespace: &'t str,
    /// The document as named in messages: `document 2 of shop.yaml`.
    pub(in crate::source) description: &'t str,
}

/// Calls a function with the wire type of a kind.
macro_rules! with_type {
    (($given:expr, $read:ident $args:tt) $($list:ident: $wire:ident { $($kind:ident $columns:tt)+ })+) => {
        match $given {
            $($(Kind::$kind)|+ => $read::<wire::$wire> $args.map(|diagnosed| diagnosed.map(|object| Object::$wire(Box::new(object)))),)+
        }
    };
}

/// Decodes an object from JSON of an API server.
pub(in crate::source) fn json_object(raw: &RawObject<'_>) -> Decoded {
    object(raw, for_each_kind!(with_type raw.kind, from_json(raw.text)))
}

/// Decodes an object from a parsed document, or from an item of one.
pub(in crate::source) fn node_object(raw: &RawObject<'_>, node: Node<'_>, repeats_keys: bool) -> Decoded {
    let violations = validation::violations(raw.kind, &node);
    object(raw, for_each_kind!(with_type raw.kind, from_node(node, repeats_keys, raw.text, violations)))
}

/// Completes an object that was decoded from protobuf.
pub(in crate::source) fn wire_object(raw: &RawObject<'_>, object: Object) -> Decoded {
    let meta = object.meta();
    let namespace = if raw.kind.is_namespaced() { meta.namespace.clone() } else { Text::default() };
    let id = Id::new(raw.kind, namespace, meta.name.clone());
    finish(raw, id, Some(object), Decoded::default())
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<Diagnosed<T>, ParseError> {
    serde_json::from_str(text).map(Diagnosed::without_flaws).or_else(|_| {
        let document = yaml::json(text)?;
        Ok(diagnose::decode(document.root, document.repeats_keys, text))
    })
}

#[allow(clippy::unnecessary_wraps, reason = "the readers share one shape")]
fn from_node<T: DeserializeOwned>(
    node: Node<'_>,
    repeats_keys: bool,
    text: &str,
    violations: Vec<(FieldPath, String)>,
) -> Result<Diagnosed<T>, ParseError> {
    let mut diagnosed = diagnose::decode(node, repeats_keys, text);
    if !violations.is_empty() {
        diagnosed.object = None;
        diagnosed.flaws.extend(violations.into_iter().map(|(at, error)| (at, DefectKind::WrongType { error })));
    }
    Ok(diagnosed)
}

fn object(raw: &RawObject<'_>, read: Result<Diagnosed<Object>, ParseError>) -> Decoded {
    let mut out = Decoded::default();
    let mut diagnosed = match read {
        Ok(diagnosed) => diagnosed,
        Err(error) => {
            out.gaps.push(parse_gap(raw.text, raw.origin, raw.description, &error).of(raw.kind));
            return out;
        }
    };
    if let Some(marker) = template_marker(&diagnosed) {
        let reason = "its name, its namespace or a label is still a template";
        let is_known = !TEMPLATE_MARKERS.iter().any(|marker| has_marker(&diagnosed.namespace, marker));
        out.lost.push((raw.kind, is_known.then(|| identity(raw, &diagnosed).namespace)));
        out.gaps.push(template_gap(raw.text, raw.origin, raw.description, marker, reason).of(raw.kind));
        return out;
    }
    let id = identity(raw, &diagnosed);
    let defect = |at, flaw| Defect { id: id.clone(), origin: raw.origin.clone(), at, kind: flaw };
    out.defects.extend(std::mem::take(&mut diagnosed.flaws).into_iter().map(|(at, flaw)| defect(at, flaw)));
    let name = FieldPath::of("metadata.name");
    if id.name.is_empty() && !out.defects.iter().any(|defect| defect.at == name) {
        out.defects.push(defect(name, DefectKind::WrongType { error: "an object needs a name".into() }));
    }
    if let Some(at) = unserved_version(raw) {
        out.defects.push(defect(at, DefectKind::UnknownVersion { api_version: raw.api_version.into() }));
        diagnosed.object = None;
    }
    finish(raw, id, diagnosed.object, out)
}

/// Parses the creation time, and the YAML in fields of the object.
fn finish(raw: &RawObject<'_>, id: Id, object: Option<Object>, mut out: Decoded) -> Decoded {
    let defect = |at, flaw| Defect { id: id.clone(), origin: raw.origin.clone(), at, kind: flaw };
    let Some(mut object) = object.filter(|_| !id.name.is_empty()) else {
        out.gaps.push(
            Gap::new(
                format!("{id} in {}", raw.description),
                "the API server would reject it, so it was skipped",
                "fix what MTLS001 or MTLS002 reports for it",
            )
            .of(id.kind),
        );
        return out;
    };
    let created = created(&object, &mut |flaw| out.defects.push(defect(FieldPath::of("metadata.creationTimestamp"), flaw)));
    if let Some(gap) = embedded::expand(&mut object, &id) {
        out.lost.extend(gap.kind.map(|kind| (kind, Some(id.namespace.clone()))));
        out.gaps.push(gap);
    }
    if embedded::is_used(&object) {
        out.object = Some(Read { id, created, origin: raw.origin.clone(), body: object });
    } else {
        out.unused = Some(format!("{}/{}", raw.api_version, raw.kind));
    }
    out
}

fn identity(raw: &RawObject<'_>, diagnosed: &Diagnosed<Object>) -> Id {
    let namespace = match diagnosed.namespace.as_str() {
        _ if !raw.kind.is_namespaced() => "",
        "" => raw.default_namespace,
        given => given,
    };
    Id::new(raw.kind, namespace, diagnosed.name.as_str())
}

fn unserved_version(raw: &RawObject<'_>) -> Option<FieldPath> {
    let served = raw.kind.served_versions()?;
    let version = raw.api_version.split_once('/').map_or(raw.api_version, |(_, version)| version);
    (!served.contains(&version)).then(|| FieldPath::of("apiVersion"))
}

fn created(object: &Object, report: &mut dyn FnMut(DefectKind)) -> Option<i64> {
    let text = match &object.meta().creation_timestamp {
        Time::Absent => return None,
        Time::Seconds(seconds) => return Some(*seconds),
        Time::Text(text) => text,
    };
    let Ok(time) = text.parse::<Timestamp>() else {
        report(DefectKind::WrongType { error: format!("invalid RFC 3339 time `{text}`; the object is treated as not created yet") });
        return None;
    };
    Some(time.as_second())
}

/// A gap for a document that is not valid YAML.
pub(in crate::source) fn parse_gap(text: &str, origin: &Origin, description: &str, error: &ParseError) -> Gap {
    if text.contains("{{") {
        return template_gap(text, origin, description, "{{", &error.reason);
    }
    let offset = first_line(origin) - 1;
    let place = if error.line == 0 { String::new() } else { format!("line {}, column {}: ", error.line + offset, error.column) };
    Gap::new(description.to_owned(), format!("{place}{}", error.reason), "fix the YAML there; everything else in the file was read")
}

fn template_gap(text: &str, origin: &Origin, description: &str, marker: &str, reason: &str) -> Gap {
    let line = first_line(origin) + line_of(text, marker);
    let hint = match marker {
        "{{" => "render it first, for example `helm template … | kubectl mtls audit -f -`",
        _ => "substitute its variables first, for example `envsubst < FILE | kubectl mtls audit -f -`",
    };
    Gap::new(description.to_owned(), format!("line {line}: an unrendered template ({reason})"), hint)
}

fn first_line(origin: &Origin) -> u32 {
    match origin {
        Origin::File(place) => place.line,
        Origin::Cluster => 1,
    }
}

fn line_of(text: &str, needle: &str) -> u32 {
    let at = text.find(needle).unwrap_or_default();
    u32::try_from(text[..at].matches('\n').count()).unwrap_or(u32::MAX)
}

/// How a template begins: of Helm, of shells and Flux, of kustomize, of `envsubst`.
const TEMPLATE_MARKERS: [&str; 4] = ["{{", "${", "$(", VARIABLE];

/// Followed by the name of a variable.
const VARIABLE: &str = "$";

fn has_marker(text: &str, marker: &str) -> bool {
    let is_variable = |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
    if marker == VARIABLE { text.split(VARIABLE).skip(1).any(is_variable) } else { text.contains(marker) }
}

/// The beginning of a template in the name or namespace of an object, or in what the API server would reject.
fn template_marker(diagnosed: &Diagnosed<Object>) -> Option<&'static str> {
    let rejected =
        diagnosed.flaws.iter().filter_map(|(_, flaw)| if let DefectKind::WrongType { error } = flaw { Some(error) } else { None });
    let mut texts = [&diagnosed.name, &diagnosed.namespace].into_iter().chain(rejected);
    texts.find_map(|text| TEMPLATE_MARKERS.into_iter().find(|marker| has_marker(text, marker)))
}
