//! JSON manifests: splits documents and items of lists into slices of the text.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON object that is not a list, with the `apiVersion` and `kind` of the list that contains it; empty outside a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object<'t> {
    pub(super) text: &'t str,
    pub(super) api_version: Cow<'t, str>,
    pub(super) kind: Cow<'t, str>,
}

/// The fields that make a list of an object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List<'t> {
    #[serde(borrow, default)]
    api_version: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    kind: Option<Cow<'t, str>>,
    #[serde(borrow)]
    items: Vec<&'t RawValue>,
}

/// The objects of a JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stream<'t> {
    pub(super) objects: Vec<Object<'t>>,
    /// The text from the second object on, if only the first one is read.
    pub(super) ignored: Option<&'t str>,
}

/// The JSON objects of a text; `None` if it is not JSON. If it is a stream, they can follow each other without separator; else kubectl reads
/// the first one alone.
///
/// The items of a list are objects of their own. A list in a list, and one that repeats a key, is one object for the caller to take apart.
pub(super) fn objects(text: &str, is_stream: bool) -> Option<Stream<'_>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let (mut found, mut ignored) = (Vec::new(), None);
    for (at, document) in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().enumerate() {
        let own = document.ok()?.get();
        if at > 0 && !is_stream {
            ignored = ignored.or_else(|| text.get(offset(own, text)..));
            continue;
        }
        match serde_json::from_str::<List<'_>>(own) {
            Ok(List { api_version, kind: Some(kind), items }) if !kind.is_empty() => {
                let api_version = api_version.unwrap_or_default();
                found.extend(items.into_iter().map(|item| Object {
                    text: item.get(),
                    api_version: api_version.clone(),
                    kind: kind.clone(),
                }));
            }
            // A list without kind is an object for the caller to reject.
            Ok(_) | Err(_) => found.push(Object { text: own, api_version: Cow::default(), kind: Cow::default() }),
        }
    }
    Some(Stream { objects: found, ignored })
}

/// Offset in bytes of a slice of a text.
pub(super) fn offset(of: &str, within: &str) -> usize {
    (of.as_ptr() as usize).saturating_sub(within.as_ptr() as usize)
}
