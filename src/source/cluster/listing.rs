//! Lists, page by page: the next page is asked for before the last one is decoded.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    api::{Api, Refusal},
    kinds::Resource,
};
use crate::{
    object::{Defect, Gap, Id, Object, Origin, Read, Snapshot},
    source::decode::{self, Written},
};

/// What a list gave.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) objects: Vec<Read<Object>>,
    pub(super) defects: Vec<Defect>,
    pub(super) gaps: Vec<Gap>,
    /// Whether it was refused for want of rights.
    pub(super) is_denied: bool,
}

impl Listed {
    /// Hands everything over to a snapshot.
    pub(super) fn add_to(self, snapshot: &mut Snapshot) {
        snapshot.defects.extend(self.defects);
        snapshot.gaps.extend(self.gaps);
        for object in self.objects {
            snapshot.push(object);
        }
    }

    /// Adds what a narrower list gave after this one was refused; its own refusals say nothing new.
    pub(super) fn add(&mut self, narrower: Self) {
        self.is_denied &= narrower.is_denied;
        self.objects.extend(narrower.objects);
        self.defects.extend(narrower.defects);
        if !narrower.is_denied {
            self.gaps.extend(narrower.gaps);
        }
    }
}

#[derive(Deserialize)]
struct Page<'t> {
    #[serde(default, borrow)]
    metadata: PageMeta<'t>,
    #[serde(default, borrow)]
    items: Vec<&'t RawValue>,
}

#[derive(Default, Deserialize)]
struct PageMeta<'t> {
    #[serde(default, rename = "continue", borrow)]
    next: Cow<'t, str>,
}

/// Lists a kind. A page that does not come is a gap; what came before it is kept.
///
/// A token that has grown too old (410) starts the list again, once.
pub(super) async fn list(api: &Api, resource: &Resource, namespace: Option<&str>, limit: usize) -> Listed {
    let mut again = true;
    loop {
        let (listed, refusal) = pages(api, resource, namespace, limit).await;
        match refusal {
            Some(Refusal::Status { code: 410, .. }) if again => again = false,
            None => return listed,
            Some(refusal) => return partly(listed, &refusal, resource, namespace),
        }
    }
}

fn partly(mut listed: Listed, refusal: &Refusal, resource: &Resource, namespace: Option<&str>) -> Listed {
    let place = namespace.map_or_else(|| "in all namespaces".to_owned(), |namespace| format!("in namespace {namespace}"));
    let place = if resource.kind.is_namespaced() { format!(" {place}") } else { String::new() };
    let some = if listed.objects.is_empty() { String::new() } else { format!(" after the first {}", listed.objects.len()) };
    listed.gaps.push(refusal.gap(format!("{}{place}{some}", resource.rights()), "list", resource));
    listed.is_denied = matches!(refusal, Refusal::Status { code: 401 | 403, .. });
    listed
}

async fn pages(api: &Api, resource: &Resource, namespace: Option<&str>, limit: usize) -> (Listed, Option<Refusal>) {
    let path = resource.path(namespace);
    let first = format!("{path}?limit={limit}");
    let mut listed = Listed::default();
    let mut text = match api.text(&first).await {
        Ok(text) => text,
        Err(refusal) => return (listed, Some(refusal)),
    };
    loop {
        let page: Page<'_> = match serde_json::from_str(&text) {
            Ok(page) => page,
            Err(error) => return (listed, Some(Refusal::garbled(&path, &error))),
        };
        if page.metadata.next.is_empty() {
            decode_all(&page, resource, &mut listed);
            return (listed, None);
        }
        let next = format!("{first}&continue={}", query(&page.metadata.next));
        let (came, ()) = tokio::join!(api.text(&next), async { decode_all(&page, resource, &mut listed) });
        text = match came {
            Ok(text) => text,
            Err(refusal) => return (listed, Some(refusal)),
        };
    }
}

/// Reads one object by name.
pub(super) async fn get(api: &Api, resource: &Resource, id: &Id) -> Result<Listed, Refusal> {
    let text = api.text(&format!("{}/{}", resource.path(Some(&id.namespace)), id.name)).await?;
    let mut listed = Listed::default();
    decode_one(&text, resource, &mut listed);
    Ok(listed)
}

fn decode_all(page: &Page<'_>, resource: &Resource, listed: &mut Listed) {
    for item in &page.items {
        decode_one(item.get(), resource, listed);
    }
}

fn decode_one(text: &str, resource: &Resource, listed: &mut Listed) {
    let named = format!("an object of {}", resource.rights());
    let api_version = resource.api_version();
    let written =
        Written { text, kind: resource.kind, api_version: &api_version, origin: &Origin::Cluster, default_namespace: "", named: &named };
    let decoded = decode::json_object(&written);
    listed.objects.extend(decoded.object);
    listed.defects.extend(decoded.defects);
    listed.gaps.extend(decoded.gaps);
}

/// A token as a part of a query: everything but letters, digits and a few marks is escaped.
fn query(token: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    token.bytes().map(escape).collect()
}
