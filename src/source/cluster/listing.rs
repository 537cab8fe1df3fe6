//! Lists objects page by page: the next page is requested as soon as its token is known.

use std::{borrow::Cow, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::JoinHandle;

use super::{
    api::{Api, RequestError, Response},
    path::{self, Resource},
    progress::Progress,
    protobuf::{self, ListBody, Part, PodCache},
};
use crate::{
    object::{Encoding, Id, Kind, Object, Origin, Snapshot},
    source::manifest::decode::{self, Decoded, RawObject},
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

#[derive(Deserialize)]
struct JsonPage<'t> {
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

/// A page that was requested.
struct PendingPage(JoinHandle<Result<Response, RequestError>>);

impl Drop for PendingPage {
    fn drop(&mut self) {
        // A page that is no longer needed is not read.
        self.0.abort();
    }
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
        let mut path = first.clone();
        let mut pending = Some(self.request(&path));
        while let Some(requested) = pending {
            let mut page = Page { list: self, first: &first, path, next: None, objects: Vec::new(), cache: &mut cache, context: &context };
            page.read(requested).await?;
            self.progress.report(self.resource.kind, page.objects.len());
            page.objects.drain(..).for_each(|one| add_decoded(one, read));
            (path, pending) = page.next.take().map_or((String::new(), None), |(path, pending)| (path, Some(pending)));
        }
        Ok(())
    }

    fn request(&self, path: &str) -> PendingPage {
        let (api, path, encoding) = (Arc::clone(&self.api), path.to_owned(), self.resource.kind.encoding());
        PendingPage(tokio::spawn(async move { api.open(&path, encoding).await }))
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

/// A page while it is read.
struct Page<'l> {
    list: &'l List,
    /// Path of the first page.
    first: &'l str,
    /// Path of this page.
    path: String,
    /// The next page, as soon as its token is known.
    next: Option<(String, PendingPage)>,
    objects: Vec<Decoded>,
    /// Values shared with the pods of earlier pages.
    cache: &'l mut PodCache,
    context: &'l ObjectContext,
}

impl Page<'_> {
    /// Reads the page. If that fails midway, it is requested again, up to the number of tries of the error.
    async fn read(&mut self, mut pending: PendingPage) -> Result<(), RequestError> {
        let mut attempts = 1;
        loop {
            let response = (&mut pending.0).await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
            let result = match response.encoding {
                Encoding::Json => self.json(response).await,
                Encoding::Protobuf => self.protobuf(response).await,
            };
            match result {
                Ok(()) => return Ok(()),
                Err(error) if attempts >= error.max_attempts() => return Err(error),
                Err(_) => attempts += 1,
            }
            self.objects.clear();
            self.next = None;
            pending = self.list.request(&self.path);
        }
    }

    async fn protobuf(&mut self, mut response: Response) -> Result<(), RequestError> {
        let path = self.path.clone();
        let invalid_response = |error| RequestError::invalid_response(&path, &error);
        let mut body = ListBody::default();
        while let Some(chunk) = response.chunk().await? {
            body.push(&chunk, |part| self.part(part)).map_err(invalid_response)?;
        }
        body.finish().map_err(invalid_response)
    }

    fn part(&mut self, part: Part<'_>) -> Result<(), protobuf::ProtobufError> {
        match part {
            Part::Next(token) => self.request_next(&token),
            Part::Item(bytes) => {
                let object = protobuf::object(self.context.kind, bytes, self.cache)?;
                self.objects.push(decode::wire_object(&self.context.raw(""), object));
            }
        }
        Ok(())
    }

    async fn json(&mut self, mut response: Response) -> Result<(), RequestError> {
        let body = response.body().await?;
        let page: JsonPage<'_> = serde_json::from_slice(&body).map_err(|error| RequestError::invalid_response(&self.path, &error))?;
        self.request_next(&page.metadata.next);
        let drops_probes_and_hooks = self.list.drops_probes_and_hooks;
        let read = |item: &&RawValue| {
            let decoded = decode::json_object(&self.context.raw(item.get()));
            if drops_probes_and_hooks { without_probes_and_hooks(decoded) } else { decoded }
        };
        let objects: Vec<Decoded> = page.items.iter().map(read).collect();
        self.objects.extend(objects);
        Ok(())
    }

    fn request_next(&mut self, token: &str) {
        if !token.is_empty() {
            let path = path::next_page_path(self.first, token);
            self.next = Some((path.clone(), self.list.request(&path)));
        }
    }
}

fn without_probes_and_hooks(mut decoded: Decoded) -> Decoded {
    match decoded.object.as_mut().map(|read| &mut read.body) {
        Some(Object::Pod(pod)) => pod.spec.make_mut().remove_probes_and_hooks(),
        Some(Object::Controller(controller)) => controller.remove_probes_and_hooks(),
        Some(_) | None => {}
    }
    decoded
}

/// Reads one object by name.
pub(super) async fn get(api: &Api, resource: &Resource, id: &Id) -> Result<Snapshot, RequestError> {
    let path = format!("{}/{}", resource.path(Some(&id.namespace)), id.name);
    let mut response = api.open(&path, resource.kind.encoding()).await?;
    let body = response.body().await?;
    let context = ObjectContext::new(resource);
    let decoded = match response.encoding {
        Encoding::Json => {
            let text = std::str::from_utf8(&body).map_err(|error| RequestError::invalid_response(&path, &error))?;
            decode::json_object(&context.raw(text))
        }
        Encoding::Protobuf => {
            let read = |bytes| protobuf::object(resource.kind, bytes, &mut PodCache::default());
            let object = protobuf::enclosed(&body).and_then(read).map_err(|error| RequestError::invalid_response(&path, &error))?;
            decode::wire_object(&context.raw(""), object)
        }
    };
    let mut read = Snapshot::default();
    add_decoded(decoded, &mut read);
    Ok(read)
}

/// What the objects of one list have in common.
pub(super) struct ObjectContext {
    kind: Kind,
    api_version: String,
    description: String,
}

impl ObjectContext {
    pub(super) fn new(resource: &Resource) -> Self {
        Self { kind: resource.kind, api_version: resource.api_version(), description: format!("an object of {}", resource.resource_name()) }
    }

    pub(super) fn raw<'t>(&'t self, text: &'t str) -> RawObject<'t> {
        let Self { kind, api_version, description } = self;
        RawObject { text, kind: *kind, api_version, origin: &Origin::Cluster, default_namespace: "", description }
    }
}
