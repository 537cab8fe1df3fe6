//! Lists objects page by page: the next page is requested as soon as its token is known.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use serde::Deserialize;

use super::{
    api::Api,
    limits::Exceeded,
    object_context::ObjectContext,
    page_reader::{ListSource, PageReader, PendingPage},
    path::Resource,
    progress::Progress,
    protobuf::{self, PodCache},
    request_error::RequestError,
    type_meta::TypeMeta,
};
use crate::{
    object::{Encoding, Id, Snapshot},
    source::manifest::decode::{self, Decoded},
};

/// The result of a list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Objects, defects and gaps.
    pub(super) read: Snapshot,
    /// Whether it was denied for lack of permissions.
    pub(super) is_denied: bool,
    /// Namespaces that were read completely after the list of all namespaces was denied.
    pub(super) read_namespaces: Vec<String>,
}

impl Listed {
    /// Adds the result for one namespace after the list of all was denied. A further denial adds no gap, because there is one
    /// already.
    fn add(&mut self, namespace: String, mut in_namespace: Self) {
        self.is_denied &= in_namespace.is_denied;
        if in_namespace.is_denied {
            in_namespace.read.gaps.clear();
        } else if in_namespace.read.gaps.is_empty() {
            self.read_namespaces.push(namespace);
        }
        self.read.append(in_namespace.read);
    }
}

/// A list request.
#[derive(Clone)]
pub(super) struct List {
    pub(super) api: Arc<Api>,
    pub(super) resource: Resource,
    /// The namespace; `None` means all.
    pub(super) namespace: Option<String>,
    /// Objects per page.
    pub(super) limit: usize,
    /// Whether probes and hooks are dropped.
    pub(super) drops_probes_and_hooks: bool,
    pub(super) progress: Progress,
}

impl List {
    /// Lists a kind; if that is denied, lists it in each of these namespaces.
    pub(super) async fn read_with_fallback(&self, namespaces: Vec<String>) -> Listed {
        let mut listed = self.read().await;
        if listed.is_denied {
            for namespace in namespaces {
                let in_namespace = Self { namespace: Some(namespace.clone()), ..self.clone() };
                listed.add(namespace, in_namespace.read().await);
            }
        }
        listed
    }

    /// Lists a kind. A page that fails is a gap; the pages before it are kept.
    ///
    /// An expired token (410) restarts the list, once.
    pub(super) async fn read(&self) -> Listed {
        let mut may_restart = true;
        loop {
            let mut read = Snapshot::default();
            match self.pages(&mut read).await {
                Ok(()) => return Listed { read, ..Listed::default() },
                Err(RequestError::Status { code: 410, .. }) if may_restart => may_restart = false,
                Err(RequestError::Status { code: 404, .. }) if self.resource.is_optional() => return Listed::default(),
                Err(error) => return self.partial(read, &error),
            }
        }
    }

    fn partial(&self, mut read: Snapshot, error: &RequestError) -> Listed {
        let Self { resource, namespace, .. } = self;
        let place = namespace.as_ref().map_or_else(|| "in all namespaces".to_owned(), |namespace| format!("in namespace {namespace}"));
        let place = if resource.kind.is_namespaced() { format!(" {place}") } else { String::new() };
        let some = if read.is_empty() { String::new() } else { format!(" after the first {}", read.len()) };
        read.gaps.push(error.gap(format!("{}{place}{some}", resource.resource_name()), "list", resource));
        let is_denied = matches!(error, RequestError::Status { code: 401 | 403, .. });
        Listed { read, is_denied, ..Listed::default() }
    }

    async fn pages(&self, read: &mut Snapshot) -> Result<(), RequestError> {
        let first = self.resource.list_path(self.namespace.as_deref(), self.limit);
        let mut cache = PodCache::new(self.drops_probes_and_hooks);
        let context = ObjectContext::new(&self.resource);
        let (mut tokens, mut empty_pages) = (BTreeSet::new(), 0);
        let source = ListSource {
            api: &self.api,
            resource: &self.resource,
            first: &first,
            context: &context,
            drops_probes_and_hooks: self.drops_probes_and_hooks,
        };
        let mut pending = Some((first.clone(), PendingPage::new(&self.api, &self.resource, &first)));
        while let Some((path, requested)) = pending.take() {
            let mut page = PageReader::new(&source, path, &mut cache);
            page.read(requested).await?;
            self.progress.report(self.resource.kind, page.objects.len());
            empty_pages += usize::from(page.objects.is_empty());
            page.objects.drain(..).for_each(|one| add_decoded(one, read));
            let Some(next) = page.next.take() else { return Ok(()) };
            if !tokens.insert(next.token) {
                return Err(RequestError::InvalidResponse(format!("the list does not end: a continue token of {first} came again")));
            }
            let limit = self.api.budget.limits.empty_pages;
            if empty_pages > limit {
                return Err(RequestError::Exceeded(Exceeded::EmptyPages(limit)));
            }
            pending = Some((next.path, next.page));
        }
        Ok(())
    }
}

/// Adds a decoded object, with its defects and gaps.
pub(super) fn add_decoded(decoded: Decoded, read: &mut Snapshot) {
    read.defects.extend(decoded.defects);
    read.gaps.extend(decoded.gaps);
    if let Some(object) = decoded.object {
        read.push(object);
    }
}

/// The name of an object.
#[derive(Deserialize)]
struct Named<'t> {
    #[serde(borrow)]
    metadata: NamedMeta<'t>,
}

#[derive(Deserialize)]
struct NamedMeta<'t> {
    #[serde(borrow)]
    name: Cow<'t, str>,
}

fn check_name(found: &str, id: &Id) -> Result<(), &'static str> {
    if *found == *id.name { Ok(()) } else { Err("the response is another object") }
}

/// Reads one object by name.
pub(super) async fn get(api: &Api, resource: &Resource, id: &Id) -> Result<Snapshot, RequestError> {
    let path = format!("{}/{}", resource.path(Some(&id.namespace)), id.name);
    let mut response = api.open(&path, resource.kind.encoding()).await?;
    let body = response.body(api.budget.limits.object_bytes).await?;
    let context = ObjectContext::new(resource);
    let invalid = |error: &dyn std::fmt::Display| RequestError::invalid_response(&path, error);
    let decoded = match response.encoding {
        Encoding::Json => {
            let text = std::str::from_utf8(&body).map_err(|error| invalid(&error))?;
            let types: TypeMeta<'_> = serde_json::from_str(text).map_err(|error| invalid(&error))?;
            types.check_object(resource).map_err(|error| invalid(&error))?;
            let named: Named<'_> = serde_json::from_str(text).map_err(|error| invalid(&error))?;
            check_name(&named.metadata.name, id).map_err(|error| invalid(&error))?;
            decode::json_object(&context.raw(text))
        }
        Encoding::Protobuf => {
            let types = protobuf::types(&body).map_err(|error| invalid(&error))?;
            types.check_object(resource).map_err(|error| invalid(&error))?;
            let read = |bytes| protobuf::object(resource.kind, bytes, &mut PodCache::default());
            let object = protobuf::enclosed(&body).and_then(read).map_err(|error| invalid(&error))?;
            check_name(&object.meta().name, id).map_err(|error| invalid(&error))?;
            decode::wire_object(&context.raw(""), object)
        }
    };
    let mut read = Snapshot::default();
    add_decoded(decoded, &mut read);
    Ok(read)
}
