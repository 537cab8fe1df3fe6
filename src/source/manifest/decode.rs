//! Decodes the text of one object into its wire struct.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    diagnose::{self, Mended},
    embedded,
    yaml::{self, Broken},
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
    /// `apiVersion/kind` of an object that is not used, as decoding showed.
    pub(in crate::source) unused: Option<String>,
}

/// An object's text, with its kind, source and name for messages.
pub(in crate::source) struct Written<'t> {
    pub(in crate::source) text: &'t str,
    pub(in crate::source) kind: Kind,
    pub(in crate::source) api_version: &'t str,
    pub(in crate::source) origin: &'t Origin,
    /// Namespace of manifests that set none.
    pub(in crate::source) default_namespace: &'t str,
    /// The document as named in messages: `document 2 of shop.yaml`.
    pub(in crate::source) named: &'t str,
}

/// Calls a function with the wire type of a kind.
macro_rules! with_type {
    (($given:expr, $read:ident $args:tt) $($list:ident: $wire:ident { $($kind:ident $columns:tt)+ })+) => {
        match $given {
            $($(Kind::$kind)|+ => $read::<wire::$wire> $args.map(|mended| mended.map(|object| Object::$wire(Box::new(object)))),)+
        }
    };
}

/// Decodes an object from YAML.
pub(in crate::source) fn yaml_object(written: &Written<'_>) -> Decoded {
    object(written, for_each_kind!(with_type written.kind, from_yaml(written.text)))
}

/// Decodes an object from JSON.
pub(in crate::source) fn json_object(written: &Written<'_>) -> Decoded {
    object(written, for_each_kind!(with_type written.kind, from_json(written.text)))
}

/// Decodes an object from a parsed tree.
pub(in crate::source) fn value_object(written: &Written<'_>, value: &Value) -> Decoded {
    object(written, for_each_kind!(with_type written.kind, from_value(value.clone())))
}

/// Wraps an object that was decoded from another encoding.
pub(in crate::source) fn whole_object(written: &Written<'_>, whole: Object) -> Decoded {
    let meta = whole.meta();
    let namespace = if written.kind.is_namespaced() { meta.namespace.clone() } else { Text::default() };
    let id = Id::new(written.kind, namespace, meta.name.clone());
    complete(written, id, Some(whole), Decoded::default())
}

fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<Mended<T>, Broken> {
    yaml::typed(text).map(Mended::whole).or_else(|_| diagnose::yaml(text))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<Mended<T>, Broken> {
    serde_json::from_str(text).map(Mended::whole).or_else(|_| diagnose::yaml(text))
}

#[allow(clippy::unnecessary_wraps, reason = "the readers share one shape")]
fn from_value<T: DeserializeOwned>(value: Value) -> Result<Mended<T>, Broken> {
    Ok(diagnose::value(value, None))
}

fn object(written: &Written<'_>, read: Result<Mended<Object>, Broken>) -> Decoded {
    let mut out = Decoded::default();
    let mended = match read {
        Ok(mended) => mended,
        Err(broken) => {
            out.gaps.push(unread(written.text, written.origin, written.named, &broken).of(written.kind));
            return out;
        }
    };
    if is_template(&mended.name) || is_template(&mended.namespace) {
        out.gaps.push(template(written.text, written.origin, written.named, "its name or namespace is still a template").of(written.kind));
        return out;
    }
    let id = identity(written, &mended);
    let defect = |at, flaw| Defect { id: id.clone(), origin: written.origin.clone(), at, kind: flaw };
    out.defects.extend(mended.flaws.into_iter().map(|(at, flaw)| defect(at, flaw)));
    if id.name.is_empty() {
        out.defects.push(defect(FieldPath::of("metadata.name"), DefectKind::WrongType { error: "an object needs a name".into() }));
    }
    if let Some(at) = unserved_version(written) {
        out.defects.push(defect(at, DefectKind::UnknownVersion { api_version: written.api_version.into() }));
    }
    complete(written, id, mended.object, out)
}

/// Steps common to all objects: parses the creation time and the YAML embedded in it.
fn complete(written: &Written<'_>, id: Id, object: Option<Object>, mut out: Decoded) -> Decoded {
    let defect = |at, flaw| Defect { id: id.clone(), origin: written.origin.clone(), at, kind: flaw };
    let Some(mut object) = object.filter(|_| !id.name.is_empty()) else {
        out.gaps.push(
            Gap::new(
                format!("{id} in {}", written.named),
                "the API server would refuse it, so it was left out",
                "mend what MTLS001 or MTLS002 says of it",
            )
            .of(id.kind),
        );
        return out;
    };
    let created = created(&object, &mut |flaw| out.defects.push(defect(FieldPath::of("metadata.creationTimestamp"), flaw)));
    out.gaps.extend(embedded::unfold(&mut object, &id));
    if embedded::is_of_use(&object) {
        out.object = Some(Read { id, created, origin: written.origin.clone(), body: object });
    } else {
        out.unused = Some(format!("{}/{}", written.api_version, written.kind));
    }
    out
}

fn identity(written: &Written<'_>, mended: &Mended<Object>) -> Id {
    let namespace = match mended.namespace.as_str() {
        _ if !written.kind.is_namespaced() => "",
        "" => written.default_namespace,
        given => given,
    };
    Id::new(written.kind, namespace, mended.name.as_str())
}

fn unserved_version(written: &Written<'_>) -> Option<FieldPath> {
    let served = written.kind.served_versions()?;
    let version = written.api_version.split_once('/').map_or("", |(_, version)| version);
    (!served.contains(&version)).then(|| FieldPath::of("apiVersion"))
}

fn created(object: &Object, refuse: &mut dyn FnMut(DefectKind)) -> Option<i64> {
    let said = match &object.meta().creation_timestamp {
        Time::Absent => return None,
        Time::Seconds(seconds) => return Some(*seconds),
        Time::Text(said) => said,
    };
    let Ok(time) = said.parse::<Timestamp>() else {
        refuse(DefectKind::WrongType { error: format!("`{said}` is no RFC 3339 time; the object counts as not created yet") });
        return None;
    };
    Some(time.as_second())
}

/// A gap for a document that is not valid YAML.
pub(in crate::source) fn unread(text: &str, origin: &Origin, named: &str, broken: &Broken) -> Gap {
    if text.contains("{{") {
        return template(text, origin, named, &broken.because);
    }
    let offset = first_line(origin) - 1;
    let place = if broken.line == 0 { String::new() } else { format!("line {}, column {}: ", broken.line + offset, broken.column) };
    Gap::new(named.to_owned(), format!("{place}{}", broken.because), "mend the YAML there; everything else in the file was read")
}

fn template(text: &str, origin: &Origin, named: &str, because: &str) -> Gap {
    let line = first_line(origin) + line_of(text, "{{");
    Gap::new(
        named.to_owned(),
        format!("line {line}: an unrendered template ({because})"),
        "render it first, for example `helm template … | kubectl mtls audit -f -`",
    )
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

fn is_template(name: &str) -> bool {
    name.contains("{{")
}
