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

/// The JSON objects of a text, which can follow each other without separator; `None` if it is not JSON.
///
/// The items of a list are objects of their own. A list in a list, and one that repeats a key, is one object for the caller to take apart.
pub(super) fn objects(text: &str) -> Option<Vec<Object<'_>>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let text = document.ok()?.get();
        match serde_json::from_str::<List<'_>>(text) {
            Ok(List { api_version, kind, items }) => {
                let (api_version, kind) = (api_version.unwrap_or_default(), kind.unwrap_or_default());
                found.extend(items.into_iter().map(|item| Object {
                    text: item.get(),
                    api_version: api_version.clone(),
                    kind: kind.clone(),
                }));
            }
            Err(_) => found.push(Object { text, api_version: Cow::default(), kind: Cow::default() }),
        }
    }
    Some(found)
}

/// Offset in bytes of a slice of a text.
pub(super) fn offset(of: &str, within: &str) -> usize {
    (of.as_ptr() as usize).saturating_sub(within.as_ptr() as usize)
}
