//! JSON manifests: splits documents and items of lists into slices of the text.

use serde::Deserialize;
use serde_json::value::RawValue;

/// `apiVersion` and `kind` of an object, and its items if it is a list; decoded before the kind is known.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartialObject<'t> {
    #[serde(borrow, default)]
    pub(super) api_version: Option<std::borrow::Cow<'t, str>>,
    #[serde(borrow, default)]
    pub(super) kind: Option<std::borrow::Cow<'t, str>>,
    #[serde(borrow, default)]
    pub(super) items: Option<Vec<&'t RawValue>>,
}

/// The JSON documents of a text, which can follow each other without separator; `None` if it is not JSON.
pub(super) fn documents(text: &str) -> Option<Vec<&str>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().map(|raw| raw.ok().map(RawValue::get)).collect()
}

/// Decodes `apiVersion`, `kind` and `items` of a JSON object; `None` if it is not an object or a field has another type.
pub(super) fn partial(text: &str) -> Option<PartialObject<'_>> {
    serde_json::from_str(text).ok()
}

/// Offset in bytes of a slice of a text.
pub(super) fn offset(of: &str, within: &str) -> usize {
    (of.as_ptr() as usize).saturating_sub(within.as_ptr() as usize)
}
