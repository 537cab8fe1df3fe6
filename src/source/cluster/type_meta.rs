//! Whether a response is what was requested, by its `kind` and `apiVersion`.

use std::borrow::Cow;

use serde::Deserialize;

use super::path::Resource;

/// What an object or a list declares to be.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub(super) struct TypeMeta<'t> {
    #[serde(default, borrow)]
    pub(super) kind: Option<Cow<'t, str>>,
    #[serde(default, borrow, rename = "apiVersion")]
    pub(super) api_version: Option<Cow<'t, str>>,
}

impl TypeMeta<'_> {
    /// Checks that it is a list of this resource. `List` is accepted for those that convert responses, such as proxies; its items
    /// are checked one by one.
    pub(super) fn check_list(&self, resource: &Resource) -> Result<(), String> {
        let wanted = format!("{}List", resource.kind.name());
        match self.kind.as_deref() {
            Some("List") if self.api_version.as_deref().is_none_or(|version| version == "v1") => Ok(()),
            _ => self.check(&wanted, resource),
        }
    }

    /// Checks that it is an object of this resource.
    pub(super) fn check_object(&self, resource: &Resource) -> Result<(), String> {
        self.check(resource.kind.name(), resource)
    }

    /// Checks an item of a list, which need not declare anything.
    pub(super) fn check_item(&self, resource: &Resource) -> Result<(), String> {
        if self.kind.is_none() { self.check_group(resource) } else { self.check_object(resource) }
    }

    fn check(&self, wanted: &str, resource: &Resource) -> Result<(), String> {
        match self.kind.as_deref().filter(|kind| !kind.is_empty()) {
            Some(kind) if kind == wanted => self.check_group(resource),
            Some(kind) => Err(format!("the response is a {}, not a {wanted}", shortened(kind))),
            None => Err(format!("the response has no kind; a {wanted} was requested")),
        }
    }

    fn check_group(&self, resource: &Resource) -> Result<(), String> {
        let Some(found) = self.api_version.as_deref().filter(|version| !version.is_empty()) else { return Ok(()) };
        let group = found.split_once('/').map_or("", |(group, _)| group);
        if group == resource.kind.group() {
            return Ok(());
        }
        Err(format!("the response is of {}, not of {}", shortened(found), resource.api_version()))
    }
}

/// The start of a text from a server, for messages.
pub(super) fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 500;
    let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}
