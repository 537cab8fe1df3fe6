//! Reads one page of a list: splits it into objects while it arrives, and requests the next page as soon as its token is known.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{
    api::Api,
    json_list::JsonList,
    limits::Spent,
    object_context::ObjectContext,
    path::{self, Resource},
    protobuf::{self, ListBody, Part, PodCache, ProtobufError},
    request_error::RequestError,
    response::Response,
    type_meta::TypeMeta,
};
use crate::{
    object::{Encoding, Kind, Object},
    source::manifest::decode::{self, Decoded},
};

/// Longer than any continue token of an API server, which contains a key and a revision.
const MAX_TOKEN: usize = 16 << 10;

/// A page that was requested.
pub(super) struct PendingPage(JoinHandle<Result<Response, RequestError>>);

impl PendingPage {
    pub(super) fn new(api: &Arc<Api>, resource: &Resource, path: &str) -> Self {
        let (api, path, encoding) = (Arc::clone(api), path.to_owned(), resource.kind.encoding());
        Self(tokio::spawn(async move { api.open(&path, encoding).await }))
    }
}

impl Drop for PendingPage {
    fn drop(&mut self) {
        // A page that is no longer needed is not read.
        self.0.abort();
    }
}

/// The next page, which was requested.
pub(super) struct NextPage {
    pub(super) token: String,
    pub(super) path: String,
    pub(super) page: PendingPage,
}

/// The list whose pages are read.
pub(super) struct ListSource<'l> {
    pub(super) api: &'l Arc<Api>,
    pub(super) resource: &'l Resource,
    /// Path of the first page.
    pub(super) first: &'l str,
    pub(super) context: &'l ObjectContext,
    /// Whether probes and hooks are dropped.
    pub(super) drops_probes_and_hooks: bool,
}

/// A page while it is read.
pub(super) struct PageReader<'l> {
    list: &'l ListSource<'l>,
    /// Path of this page.
    path: String,
    /// The next page, as soon as its token is known.
    pub(super) next: Option<NextPage>,
    pub(super) objects: Vec<Decoded>,
    /// What the objects took of the limits.
    spent: Spent,
    /// Why the objects are not accepted.
    rejected: Option<RequestError>,
    /// Values shared with the pods of earlier pages.
    cache: &'l mut PodCache,
}

impl<'l> PageReader<'l> {
    pub(super) fn new(list: &'l ListSource<'l>, path: String, cache: &'l mut PodCache) -> Self {
        Self { list, path, next: None, objects: Vec::new(), spent: Spent::default(), rejected: None, cache }
    }

    /// Reads the page. If that fails midway, it is requested again, up to the number of tries of the error.
    pub(super) async fn read(&mut self, mut pending: PendingPage) -> Result<(), RequestError> {
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
            self.list.api.budget.give_back(&mut self.spent);
            self.next = None;
            pending = PendingPage::new(self.list.api, self.list.resource, &self.path);
        }
    }

    async fn protobuf(&mut self, mut response: Response) -> Result<(), RequestError> {
        let mut body = ListBody::default();
        while let Some(chunk) = response.chunk().await? {
            body.push(&chunk, |part| self.part(part)).map_err(|error| self.failure(error))?;
        }
        body.finish().map_err(|error| self.failure(error))
    }

    fn failure(&mut self, error: ProtobufError) -> RequestError {
        self.rejected.take().unwrap_or_else(|| RequestError::invalid_response(&self.path, &error))
    }

    fn part(&mut self, part: Part<'_>) -> Result<(), ProtobufError> {
        let result = match part {
            Part::Types(types) => {
                types.check_list(self.list.resource).map_err(|reason| RequestError::invalid_response(&self.path, &reason))
            }
            Part::Next(token) => self.request_next(token),
            Part::Item(bytes) => {
                let kind = self.list.context.kind;
                let object = protobuf::object(kind, bytes, self.cache)?;
                let size = if kind == Kind::Pod { self.cache.take_pod_size() } else { bytes.len() };
                self.objects.push(decode::wire_object(&self.list.context.raw(""), object));
                self.spend(size)
            }
        };
        result.map_err(|error| {
            self.rejected = Some(error);
            ProtobufError::Stopped
        })
    }

    fn spend(&mut self, size: usize) -> Result<(), RequestError> {
        self.list.api.budget.spend(size as u64, &mut self.spent).map_err(RequestError::Exceeded)
    }

    async fn json(&mut self, mut response: Response) -> Result<(), RequestError> {
        let limit = usize::try_from(self.list.api.budget.limits.object_bytes).unwrap_or(usize::MAX);
        let mut body = JsonList::new(limit);
        while let Some(chunk) = response.chunk().await? {
            body.push(&chunk, |item| self.json_item(item)).map_err(|error| error.at(&self.path))?;
        }
        let next = body.finish(|types| types.check_list(self.list.resource));
        let next = next.map_err(|reason| RequestError::invalid_response(&self.path, &reason))?;
        self.request_next(next)
    }

    fn json_item(&mut self, item: &[u8]) -> Result<(), RequestError> {
        let text = std::str::from_utf8(item).map_err(|error| error.to_string())?;
        let types: TypeMeta<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        types.check_item(self.list.resource)?;
        let decoded = decode::json_object(&self.list.context.raw(text));
        self.objects.push(if self.list.drops_probes_and_hooks { without_probes_and_hooks(decoded) } else { decoded });
        self.spend(item.len())
    }

    fn request_next(&mut self, token: String) -> Result<(), RequestError> {
        if token.len() > MAX_TOKEN {
            return Err(RequestError::invalid_response(&self.path, &format!("the continue token is longer than {MAX_TOKEN} bytes")));
        }
        if !token.is_empty() {
            let path = path::next_page_path(self.list.first, &token);
            let page = PendingPage::new(self.list.api, self.list.resource, &path);
            self.next = Some(NextPage { token, path, page });
        }
        Ok(())
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
