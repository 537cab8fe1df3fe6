//! A live cluster: everything an answer needs, by `get` and `list` alone.

mod api;
mod kinds;
mod listing;
mod names;
mod page;
mod path;
mod progress;
mod protobuf;
mod rights;
mod served;
mod services;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{runtime, sync::Semaphore, task::JoinSet};

use self::{
    api::{Api, Refusal},
    listing::{List, Listed},
    path::Resource,
    served::{Served, Version},
};
use super::{connection::Connection, error::SourceError, manifest::yaml};
use crate::object::{ClusterPlace, Id, Kind, Seen, Snapshot, Text, wire::Template};

pub use kinds::Kinds;
pub use names::ids;
pub use page::page;
pub use progress::Progress;
pub use rights::cluster_role;
pub(super) use services::labelled;

/// What to read of a cluster.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which cluster, and as whom.
    pub connection: Connection,
    /// Namespaces whose workloads are wanted; none means all. Policies are read everywhere, because they govern from afar.
    pub namespaces: Vec<String>,
    /// What the answer depends on; other kinds are not asked for.
    pub kinds: Kinds,
    /// Namespace of istiod, whose configuration is read by name.
    pub istio_namespace: String,
    /// Longest time one request may take.
    pub timeout: Duration,
    /// Objects asked for at a time.
    pub page: usize,
    /// The moment of reading, in seconds since 1970.
    pub now: i64,
    /// Whom to tell how far it is.
    pub progress: Progress,
}

/// Requests under way at a time: an API server counts them.
const AT_ONCE: usize = 8;

/// Reads a cluster. What may not be read, or is not there although it should be, is in the snapshot's gaps.
///
/// # Errors
/// When there is no way to the cluster, nothing of it may be read, or it has no Istio.
pub fn read(request: &Request) -> Result<Snapshot, SourceError> {
    // Decoding recurses, so whatever runs on these threads must have the stack for it.
    let runtime = runtime::Builder::new_multi_thread().thread_stack_size(yaml::STACK).enable_all().build();
    runtime.map_err(SourceError::NoThread)?.block_on(Box::pin(all(request)))
}

async fn all(request: &Request) -> Result<Snapshot, SourceError> {
    let (client, place) = request.connection.open().await?;
    let api = Arc::new(Api::new(client, request.timeout));
    let server = place.server.clone();
    let lost = |refusal: Refusal| SourceError::Unreachable { server: server.clone(), because: refusal.to_string() };
    let version: Version = api.json("/version").await.map_err(lost)?;
    let kinds = Served::discover(&api).await.map_err(lost)?;
    if !kinds.has_istio() {
        return Err(SourceError::NoIstio { server: place.server });
    }
    let mut snapshot =
        Snapshot { taken_at: request.now, cluster: Some(ClusterPlace { version: version.git_version, ..place }), ..Snapshot::default() };
    let is_everything_denied = lists(&api, request, &kinds, &mut snapshot).await;
    if is_everything_denied {
        return Err(SourceError::Denied { server, as_whom: request.connection.whom() });
    }
    configuration(&api, request, &mut snapshot).await;
    snapshot.settle();
    Ok(snapshot)
}

/// Lets go of the templates of `ReplicaSets` whose Deployment was read: it says the same, and there is one for every release.
fn spare(snapshot: &mut Snapshot) {
    let deployments = snapshot.controllers.iter().filter(|read| read.id.kind == Kind::Deployment);
    let deployments: BTreeSet<(Text, Text)> = deployments.map(|read| (read.id.namespace.clone(), read.id.name.clone())).collect();
    for read in snapshot.controllers.iter_mut().filter(|read| read.id.kind == Kind::ReplicaSet) {
        let mut owners = read.body.metadata.owner_references.iter().filter(|owner| owner.controller.0 && owner.kind == "Deployment");
        if owners.any(|owner| deployments.contains(&(read.id.namespace.clone(), owner.name.clone()))) {
            read.body.spec.template = Template::default();
        }
    }
}

/// Lists every kind that is served, all of them at once. The result says whether every single list was denied.
async fn lists(api: &Arc<Api>, request: &Request, served: &Served, snapshot: &mut Snapshot) -> bool {
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    let (wanted, unasked) = served.resources(request.kinds);
    snapshot.seen.extend(unasked.into_iter().map(|kind| (kind, Seen::Nothing)));
    for resource in wanted {
        for namespace in confines(&resource, request) {
            let within = if namespace.is_none() { fallback(&resource, request) } else { Vec::new() };
            let (api, progress) = (Arc::clone(api), request.progress.clone());
            let list = List {
                api,
                resource: resource.clone(),
                namespace,
                limit: request.page,
                drops_kubelet: !request.kinds.wants_kubelet(),
                progress,
            };
            let at_once = Arc::clone(&at_once);
            tasks.spawn(async move {
                // The semaphore is never closed, so a place in it always comes.
                let _place = at_once.acquire_owned().await;
                (list.resource.kind, list.namespace.clone(), list.or_within(within).await)
            });
        }
    }
    let mut is_everything_denied = !tasks.is_empty();
    while let Some(done) = tasks.join_next().await {
        let (kind, namespace, listed) = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        is_everything_denied &= listed.is_denied;
        note(&mut snapshot.seen, kind, namespace, &listed);
        snapshot.absorb(listed.read);
        if matches!(kind, Kind::Deployment | Kind::ReplicaSet) {
            // At once: most of the pods are still to come, and take the place.
            spare(snapshot);
        }
    }
    is_everything_denied
}

/// Notes how much of a kind was looked at, where that is not all.
fn note(seen: &mut BTreeMap<Kind, Seen>, kind: Kind, namespace: Option<String>, listed: &Listed) {
    let is_whole = listed.read.gaps.iter().all(|gap| gap.kind != Some(kind));
    let namespaces: Vec<String> = match namespace {
        None if is_whole => return,
        None => listed.narrower.clone(),
        Some(namespace) => is_whole.then_some(namespace).into_iter().collect(),
    };
    let known = seen.entry(kind).or_insert(Seen::Nothing);
    for namespace in namespaces {
        match known {
            Seen::Within(all) => _ = all.insert(namespace.as_str().into()),
            Seen::Nothing => *known = Seen::Within([namespace.as_str().into()].into()),
        }
    }
}

/// Where to list a kind: everywhere, or in the namespaces that were asked for and in istiod's.
fn confines(resource: &Resource, request: &Request) -> Vec<Option<String>> {
    if request.namespaces.is_empty() || !resource.is_confined() {
        return vec![None];
    }
    let mut namespaces = request.namespaces.clone();
    // The control plane's Deployments say which revisions there are.
    if resource.kind == Kind::Deployment && !namespaces.contains(&request.istio_namespace) {
        namespaces.push(request.istio_namespace.clone());
    }
    namespaces.into_iter().map(Some).collect()
}

/// Where to list a kind that may not be listed everywhere: in the namespaces that were asked for, and in istiod's,
/// whose policies govern the mesh. The gap stays, because what lies elsewhere may still have a say.
fn fallback(resource: &Resource, request: &Request) -> Vec<String> {
    if request.namespaces.is_empty() || !resource.kind.is_namespaced() {
        return Vec::new();
    }
    let is_new = !request.namespaces.contains(&request.istio_namespace);
    request.namespaces.iter().cloned().chain(is_new.then(|| request.istio_namespace.clone())).collect()
}

/// Reads the `ConfigMaps` of every revision that runs, by name (S18).
async fn configuration(api: &Api, request: &Request, snapshot: &mut Snapshot) {
    let mut wanted = vec![(request.istio_namespace.clone(), String::new())];
    for read in snapshot.controllers.iter().filter(|read| read.id.kind == Kind::Deployment) {
        let labels = &read.body.template().metadata.labels;
        if labels.has("app", "istiod") {
            let revision = labels.get("istio.io/rev").filter(|revision| *revision != "default").unwrap_or_default();
            wanted.push((read.id.namespace.to_string(), revision.to_owned()));
        }
    }
    wanted.sort();
    wanted.dedup();
    let resource = Resource::of(Kind::ConfigMap, "v1");
    for (namespace, revision) in &wanted {
        for prefix in ["istio", "istio-sidecar-injector"] {
            let name = if revision.is_empty() { prefix.to_owned() } else { format!("{prefix}-{revision}") };
            let id = Id::new(Kind::ConfigMap, namespace.as_str(), name.as_str());
            match listing::get(api, &resource, &id).await {
                Ok(read) => snapshot.absorb(read),
                // Where there is no map istiod uses its defaults, and so does the mesh.
                Err(Refusal::Status { code: 404, .. }) => {}
                Err(refusal) => {
                    snapshot.gaps.push(refusal.gap(format!("{id} (mesh configuration; the defaults were assumed)"), "get", &resource));
                }
            }
        }
    }
}
