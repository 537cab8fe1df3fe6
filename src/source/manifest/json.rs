//! JSON manifests: documents, and the items of lists, as stretches of the text.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What is looked at before the kind is known.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Peek<'t> {
    #[serde(borrow, default)]
    pub(super) api_version: Option<std::borrow::Cow<'t, str>>,
    #[serde(borrow, default)]
    pub(super) kind: Option<std::borrow::Cow<'t, str>>,
    #[serde(borrow, default)]
    pub(super) items: Option<Vec<&'t RawValue>>,
}

/// The JSON documents of a text, which may follow each other without separator; `None` if it is not JSON.
pub(super) fn documents(text: &str) -> Option<Vec<&str>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().map(|raw| raw.ok().map(RawValue::get)).collect()
}

/// The head of a JSON object; `None` if it is no object or its head has other types.
pub(super) fn peek(text: &str) -> Option<Peek<'_>> {
    serde_json::from_str(text).ok()
}

/// Where a part of a text starts in it, in bytes.
pub(super) fn offset(of: &str, within: &str) -> usize {
    (of.as_ptr() as usize).saturating_sub(within.as_ptr() as usize)
}
