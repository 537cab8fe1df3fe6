//! A live cluster, read with `get` and `list` only.

mod api;
mod json_list;
mod kinds;
mod limits;
mod listing;
mod names;
mod object_context;
mod page;
mod page_reader;
mod path;
mod progress;
mod protobuf;
mod rbac;
mod request_error;
mod response;
mod served;
mod services;
mod type_meta;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{runtime, sync::Semaphore, task::JoinSet};

use self::{
    api::Api,
    listing::{List, Listed},
    path::Resource,
    request_error::RequestError,
    served::{ApiGroups, Version},
    type_meta::shortened,
};
use super::{connection::Connection, error::SourceError, manifest::yaml};
use crate::object::{ClusterInfo, Coverage, Id, Kind, Snapshot, Text, wire::Template};

pub use kinds::Kinds;
pub use limits::Limits;
pub use names::ids;
pub use page::page;
pub use progress::Progress;
pub use rbac::cluster_role;
pub(super) use services::services_with_labels;

/// What to read from a cluster.
#[derive(Clone, Debug)]
pub struct Request {
    /// The cluster and the user.
    pub connection: Connection,
    /// Namespaces whose workloads are read; empty means all. Policies are read in all namespaces, because those of other namespaces
    /// can apply too, and so are workloads if `kinds` are those of calls.
    pub namespaces: Vec<String>,
    /// Which kinds to list.
    pub kinds: Kinds,
    /// Namespace of istiod, whose `ConfigMaps` are read by name.
    pub istio_namespace: String,
    /// Timeout of one request.
    pub timeout: Duration,
    /// Objects per page.
    pub page: usize,
    /// The time of reading, in seconds since 1970.
    pub now: i64,
    /// Reports the number of objects read.
    pub progress: Progress,
    /// How much is read at most.
    pub limits: Limits,
}

/// Maximum number of concurrent requests: API servers limit them.
const MAX_CONCURRENT_REQUESTS: usize = 8;

/// Reads a cluster. What is denied, or missing although it is expected, is in the snapshot's gaps.
///
/// # Errors
/// If the cluster cannot be reached, everything is denied, or the cluster has no Istio.
pub fn read(request: &Request) -> Result<Snapshot, SourceError> {
    // Decoding recurses, so these threads need a large stack.
    let runtime = runtime::Builder::new_multi_thread().thread_stack_size(yaml::STACK_SIZE).enable_all().build();
    runtime.map_err(SourceError::NoThread)?.block_on(Box::pin(read_cluster(request)))
}

async fn read_cluster(request: &Request) -> Result<Snapshot, SourceError> {
    let connected = request.connection.connect().await?;
    let place = connected.place.clone();
    let api = Arc::new(Api::new(connected, request.timeout, request.limits));
    let server = place.server.clone();
    let unreachable = |error: RequestError| SourceError::Unreachable { server: server.clone(), reason: error.to_string() };
    let version: Version = api.json("/version").await.map_err(unreachable)?;
    let kinds = ApiGroups::discover(&api).await.map_err(unreachable)?;
    if !kinds.has_istio() {
        return Err(SourceError::NoIstio { server: place.server });
    }
    let mut snapshot = Snapshot {
        taken_at: request.now,
        cluster: Some(ClusterInfo { version: shortened(&version.git_version), ..place }),
        ..Snapshot::default()
    };
    let is_everything_denied = list_all(&api, request, &kinds, &mut snapshot).await;
    if is_everything_denied {
        return Err(SourceError::Denied { server, user: request.connection.user_description() });
    }
    config_maps(&api, request, &mut snapshot).await;
    snapshot.normalize();
    Ok(snapshot)
}

/// Drops the templates of `ReplicaSets` whose Deployment was read: the Deployment's is equivalent, and there is one `ReplicaSet`
/// per release.
fn drop_redundant_templates(snapshot: &mut Snapshot) {
    let deployments = snapshot.controllers.iter().filter(|read| read.id.kind == Kind::Deployment);
    let deployments: BTreeSet<(Text, Text)> = deployments.map(|read| (read.id.namespace.clone(), read.id.name.clone())).collect();
    for read in snapshot.controllers.iter_mut().filter(|read| read.id.kind == Kind::ReplicaSet) {
        let mut owners = read.body.metadata.owner_references.iter().filter(|owner| owner.controller.0 && owner.kind == "Deployment");
        if owners.any(|owner| deployments.contains(&(read.id.namespace.clone(), owner.name.clone()))) {
            read.body.spec.template = Template::default();
        }
    }
}

/// Lists every served kind, concurrently. Returns whether every single list was denied.
async fn list_all(api: &Arc<Api>, request: &Request, served: &ApiGroups, snapshot: &mut Snapshot) -> bool {
    let semaphore = Arc::new(Semaphore::new(MAX_CONCURRENT_REQUESTS));
    let mut tasks = JoinSet::new();
    let (wanted, not_requested) = served.resources(request.kinds);
    snapshot.coverage.extend(not_requested.into_iter().map(|kind| (kind, Coverage::Nothing)));
    for resource in wanted {
        for namespace in namespaces_to_list(&resource, request) {
            let fallback = if namespace.is_none() { fallback_namespaces(&resource, request) } else { Vec::new() };
            let (api, progress) = (Arc::clone(api), request.progress.clone());
            let list = List {
                api,
                resource: resource.clone(),
                namespace,
                limit: request.page,
                drops_probes_and_hooks: !request.kinds.keeps_probes_and_hooks(),
                progress,
            };
            let semaphore = Arc::clone(&semaphore);
            tasks.spawn(async move {
                // The semaphore is never closed, so acquiring a permit does not fail.
                let _permit = semaphore.acquire_owned().await;
                (list.resource.kind, list.namespace.clone(), list.read_with_fallback(fallback).await)
            });
        }
    }
    let mut is_everything_denied = !tasks.is_empty();
    while let Some(result) = tasks.join_next().await {
        let (kind, namespace, listed) = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        is_everything_denied &= listed.is_denied;
        record_coverage(&mut snapshot.coverage, kind, namespace, &listed);
        snapshot.append(listed.read);
        if matches!(kind, Kind::Deployment | Kind::ReplicaSet) {
            // Right away: most pods are read later, and reuse the memory.
            drop_redundant_templates(snapshot);
        }
    }
    is_everything_denied
}

/// Records how much of a kind was read, if not all of it.
fn record_coverage(coverage: &mut BTreeMap<Kind, Coverage>, kind: Kind, namespace: Option<String>, listed: &Listed) {
    let is_whole = listed.read.gaps.iter().all(|gap| gap.kind != Some(kind));
    let namespaces: Vec<String> = match namespace {
        None if is_whole => return,
        None => listed.read_namespaces.clone(),
        Some(namespace) => is_whole.then_some(namespace).into_iter().collect(),
    };
    let known = coverage.entry(kind).or_insert(Coverage::Nothing);
    for namespace in namespaces {
        match known {
            Coverage::Within(all) => _ = all.insert(namespace.as_str().into()),
            Coverage::Nothing | Coverage::Except(_) => *known = Coverage::Within([namespace.as_str().into()].into()),
        }
    }
}

/// Where to list a kind: in all namespaces, or in the requested ones if the answer depends on no others. Deployments are also listed in istiod's.
fn namespaces_to_list(resource: &Resource, request: &Request) -> Vec<Option<String>> {
    if request.namespaces.is_empty() || !resource.is_filtered_by_namespace() || request.kinds.are_of_all_namespaces() {
        return vec![None];
    }
    let mut namespaces = request.namespaces.clone();
    // The control plane's Deployments contain the revisions.
    if resource.kind == Kind::Deployment && !namespaces.contains(&request.istio_namespace) {
        namespaces.push(request.istio_namespace.clone());
    }
    namespaces.into_iter().map(Some).collect()
}

/// Where to list a kind if listing it in all namespaces is denied: in the requested ones and in istiod's, whose policies apply to
/// the mesh. The gap stays, because policies elsewhere may still apply.
fn fallback_namespaces(resource: &Resource, request: &Request) -> Vec<String> {
    if request.namespaces.is_empty() || !resource.kind.is_namespaced() {
        return Vec::new();
    }
    let is_new = !request.namespaces.contains(&request.istio_namespace);
    request.namespaces.iter().cloned().chain(is_new.then(|| request.istio_namespace.clone())).collect()
}

/// Reads the `ConfigMaps` of every running revision, by name (S18).
async fn config_maps(api: &Api, request: &Request, snapshot: &mut Snapshot) {
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
                Ok(read) => snapshot.append(read),
                // Without the `ConfigMap` istiod uses its defaults, which apply here too.
                Err(RequestError::Status { code: 404, .. }) => {}
                Err(error) => {
                    snapshot.gaps.push(error.gap(format!("{id} (mesh configuration; the defaults were assumed)"), "get", &resource));
                }
            }
        }
    }
}
