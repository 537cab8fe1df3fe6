//! Lists objects page by page: the next page is requested as soon as its token is known.

use std::{borrow::Cow, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::JoinHandle;

use super::{
    api::{Answer, Api, Refusal},
    path::{self, Resource},
    progress::Progress,
    protobuf::{self, ListBody, Part, PodCache},
};
use crate::{
    object::{Encoding, Id, Kind, Object, Origin, Snapshot},
    source::manifest::decode::{self, Decoded, Written},
};

/// The result of a list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Objects, defects and gaps.
    pub(super) read: Snapshot,
    /// Whether it was denied for lack of permissions.
    pub(super) is_denied: bool,
    /// Namespaces that were read completely after the list of all namespaces was denied.
    pub(super) narrower: Vec<String>,
}

impl Listed {
    /// Adds the result for one namespace after the list of all was denied. A further denial adds no gap, because there is one
    /// already.
    fn add(&mut self, namespace: String, mut narrower: Self) {
        self.is_denied &= narrower.is_denied;
        if narrower.is_denied {
            narrower.read.gaps.clear();
        } else if narrower.read.gaps.is_empty() {
            self.narrower.push(namespace);
        }
        self.read.append(narrower.read);
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
    pub(super) drops_kubelet: bool,
    pub(super) progress: Progress,
}

/// A page that was requested.
struct Coming(JoinHandle<Result<Answer, Refusal>>);

impl Drop for Coming {
    fn drop(&mut self) {
        // A page that is no longer needed is not read.
        self.0.abort();
    }
}

impl List {
    /// Lists a kind; if that is denied, lists it in each of these namespaces.
    pub(super) async fn or_within(&self, namespaces: Vec<String>) -> Listed {
        let mut listed = self.read().await;
        if listed.is_denied {
            for namespace in namespaces {
                let narrower = Self { namespace: Some(namespace.clone()), ..self.clone() };
                listed.add(namespace, narrower.read().await);
            }
        }
        listed
    }

    /// Lists a kind. A page that fails is a gap; the pages before it are kept.
    ///
    /// An expired token (410) restarts the list, once.
    pub(super) async fn read(&self) -> Listed {
        let mut again = true;
        loop {
            let mut read = Snapshot::default();
            match self.pages(&mut read).await {
                Ok(()) => return Listed { read, ..Listed::default() },
                Err(Refusal::Status { code: 410, .. }) if again => again = false,
                Err(Refusal::Status { code: 404, .. }) if self.resource.is_optional() => return Listed::default(),
                Err(refusal) => return self.partly(read, &refusal),
            }
        }
    }

    fn partly(&self, mut read: Snapshot, refusal: &Refusal) -> Listed {
        let Self { resource, namespace, .. } = self;
        let place = namespace.as_ref().map_or_else(|| "in all namespaces".to_owned(), |namespace| format!("in namespace {namespace}"));
        let place = if resource.kind.is_namespaced() { format!(" {place}") } else { String::new() };
        let some = if read.is_empty() { String::new() } else { format!(" after the first {}", read.len()) };
        read.gaps.push(refusal.gap(format!("{}{place}{some}", resource.rights()), "list", resource));
        let is_denied = matches!(refusal, Refusal::Status { code: 401 | 403, .. });
        Listed { read, is_denied, ..Listed::default() }
    }

    async fn pages(&self, read: &mut Snapshot) -> Result<(), Refusal> {
        let first = self.resource.list_path(self.namespace.as_deref(), self.limit);
        let mut cache = PodCache::new(self.drops_kubelet);
        let head = Head::new(&self.resource);
        let mut path = first.clone();
        let mut coming = Some(self.ask(&path));
        while let Some(asked) = coming {
            let mut page = Page { list: self, first: &first, path, next: None, objects: Vec::new(), cache: &mut cache, head: &head };
            page.read(asked).await?;
            self.progress.tell(self.resource.kind, page.objects.len());
            page.objects.drain(..).for_each(|one| keep(one, read));
            (path, coming) = page.next.take().map_or((String::new(), None), |(path, coming)| (path, Some(coming)));
        }
        Ok(())
    }

    fn ask(&self, path: &str) -> Coming {
        let (api, path, encoding) = (Arc::clone(&self.api), path.to_owned(), self.resource.kind.encoding());
        Coming(tokio::spawn(async move { api.open(&path, encoding).await }))
    }
}

/// Adds a decoded object, with its defects and gaps.
pub(super) fn keep(decoded: Decoded, read: &mut Snapshot) {
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
    next: Option<(String, Coming)>,
    objects: Vec<Decoded>,
    /// Values shared with the pods of earlier pages.
    cache: &'l mut PodCache,
    head: &'l Head,
}

impl Page<'_> {
    /// Reads the page. If that fails midway, it is requested again, up to the number of tries of the error.
    async fn read(&mut self, asked: Coming) -> Result<(), Refusal> {
        let mut asked = asked;
        let mut tries = 1;
        loop {
            let answer = (&mut asked.0).await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
            let refusal = match answer.encoding {
                Encoding::Json => self.json(answer).await,
                Encoding::Protobuf => self.protobuf(answer).await,
            };
            match refusal {
                Ok(()) => return Ok(()),
                Err(refusal) if tries >= refusal.tries() => return Err(refusal),
                Err(_) => tries += 1,
            }
            self.objects.clear();
            self.next = None;
            asked = self.list.ask(&self.path);
        }
    }

    async fn protobuf(&mut self, mut answer: Answer) -> Result<(), Refusal> {
        let path = self.path.clone();
        let garbled = |broken| Refusal::garbled(&path, &broken);
        let mut body = ListBody::default();
        while let Some(piece) = answer.piece().await? {
            body.take(&piece, |part| self.part(part)).map_err(garbled)?;
        }
        body.finish().map_err(garbled)
    }

    fn part(&mut self, part: Part<'_>) -> Result<(), protobuf::Broken> {
        match part {
            Part::Next(token) => self.ask_for_next(&token),
            Part::Item(bytes) => {
                let object = protobuf::object(self.head.kind, bytes, self.cache)?;
                self.objects.push(decode::whole_object(&self.head.written(""), object));
            }
        }
        Ok(())
    }

    async fn json(&mut self, mut answer: Answer) -> Result<(), Refusal> {
        let body = answer.whole().await?;
        let page: JsonPage<'_> = serde_json::from_slice(&body).map_err(|error| Refusal::garbled(&self.path, &error))?;
        self.ask_for_next(&page.metadata.next);
        let drops_kubelet = self.list.drops_kubelet;
        let read = |item: &&RawValue| {
            let decoded = decode::json_object(&self.head.written(item.get()));
            if drops_kubelet { without_kubelet(decoded) } else { decoded }
        };
        let objects: Vec<Decoded> = page.items.iter().map(read).collect();
        self.objects.extend(objects);
        Ok(())
    }

    fn ask_for_next(&mut self, token: &str) {
        if !token.is_empty() {
            let path = path::next_page(self.first, token);
            self.next = Some((path.clone(), self.list.ask(&path)));
        }
    }
}

fn without_kubelet(mut decoded: Decoded) -> Decoded {
    match decoded.object.as_mut().map(|read| &mut read.body) {
        Some(Object::Pod(pod)) => pod.spec.make_mut().remove_kubelet_calls(),
        Some(Object::Controller(controller)) => controller.remove_kubelet_calls(),
        Some(_) | None => {}
    }
    decoded
}

/// Reads one object by name.
pub(super) async fn get(api: &Api, resource: &Resource, id: &Id) -> Result<Snapshot, Refusal> {
    let path = format!("{}/{}", resource.path(Some(&id.namespace)), id.name);
    let mut answer = api.open(&path, resource.kind.encoding()).await?;
    let body = answer.whole().await?;
    let head = Head::new(resource);
    let decoded = match answer.encoding {
        Encoding::Json => {
            let text = std::str::from_utf8(&body).map_err(|error| Refusal::garbled(&path, &error))?;
            decode::json_object(&head.written(text))
        }
        Encoding::Protobuf => {
            let read = |bytes| protobuf::object(resource.kind, bytes, &mut PodCache::default());
            let object = protobuf::enclosed(&body).and_then(read).map_err(|broken| Refusal::garbled(&path, &broken))?;
            decode::whole_object(&head.written(""), object)
        }
    };
    let mut read = Snapshot::default();
    keep(decoded, &mut read);
    Ok(read)
}

/// What the objects of one list have in common.
pub(super) struct Head {
    kind: Kind,
    api_version: String,
    named: String,
}

impl Head {
    pub(super) fn new(resource: &Resource) -> Self {
        Self { kind: resource.kind, api_version: resource.api_version(), named: format!("an object of {}", resource.rights()) }
    }

    pub(super) fn written<'t>(&'t self, text: &'t str) -> Written<'t> {
        let Self { kind, api_version, named } = self;
        Written { text, kind: *kind, api_version, origin: &Origin::Cluster, default_namespace: "", named }
    }
}
