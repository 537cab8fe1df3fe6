//! Who calls a workload from outside the mesh, as far as configuration shows (S182–S190, S195, S196).
//!
//! They never speak the mesh's mTLS: the kubelet, a Prometheus, the API server, and whoever comes through a node or a load
//! balancer. Calls that pass the proxy by, and so work whatever the mode is, are left out (S205).

mod kubelet;
mod prometheus_annotations;
mod prometheus_operator;
mod services;

pub(super) use services::Shown;

use super::{Dataplane, Instance, Mesh, Wire, Workload};
use crate::object::{
    FieldPath, Id,
    wire::{Container, ContainerPort, PodSpec},
};

/// Who calls from outside the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The kubelet, which probes a container or calls a hook of it (S182–S187).
    Probe,
    /// A Prometheus (S188–S190).
    Scraper,
    /// The API server: admission and conversion webhooks, and APIs behind it (S195).
    ApiServer,
    /// Somebody outside the cluster, or an ingress controller (S196).
    Outside,
}

/// Somebody who calls a workload's port from outside the mesh, as configuration shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Who calls.
    pub who: Who,
    /// The workload's port, as the call reaches the pod.
    pub port: u16,
    /// What the call is made of: [`Wire::Plaintext`] or [`Wire::AppTls`].
    pub wire: Wire,
    /// The object that shows it.
    pub shown_by: Id,
    /// The field of that object.
    pub at: FieldPath,
    /// Whether configuration leaves no doubt that somebody calls; otherwise somebody only can.
    pub is_certain: bool,
    /// Whether it only opens a connection, as a `tcpSocket` probe does: a sidecar accepts that whatever stands behind it, so the
    /// call passes in every mode and says nothing of the application (S186).
    pub is_blind: bool,
    /// What it is, in one clause: `readiness probe of container app: GET /healthz`.
    pub says: String,
}

impl Mesh<'_> {
    /// Whoever calls an instance's ports from outside the mesh, as far as configuration shows, in order of port.
    ///
    /// Of instances that no policy governs (without proxy, gateways, waypoints) nobody is named: they take what they took before
    /// (S35, S38, S40).
    #[must_use]
    pub fn strangers(&self, workload: &Workload<'_>, instance: &Instance<'_>) -> Vec<Stranger> {
        match instance.dataplane {
            Dataplane::Sidecar | Dataplane::Ambient | Dataplane::Proxyless => {}
            Dataplane::None | Dataplane::Gateway | Dataplane::Waypoint => return Vec::new(),
        }
        let mut found = Vec::new();
        if let Some(manifest) = self.manifest(workload, instance) {
            found.extend(self.probes(&manifest, instance));
            found.extend(self.annotated_scrapes(&manifest, instance));
            found.extend(services::host_ports(&manifest));
        }
        let namespace = &workload.subject.namespace;
        found.extend(self.service_callers(namespace, instance));
        found.extend(self.monitored(namespace, instance));
        found.retain(|stranger| instance.capture.takes(stranger.port));
        found.sort_by(|a, b| order(a).cmp(&order(b)));
        found.dedup_by(|later, kept| (order(later), later.wire) == (order(kept), kept.wire));
        found
    }

    /// Where the pods of an instance are written down; `None` for a machine.
    fn manifest<'m>(&'m self, workload: &Workload<'_>, instance: &Instance<'m>) -> Option<Manifest<'m>> {
        let spec = instance.spec?;
        let metadata = workload.metadata.clone();
        // A `ReplicaSet` whose owner is of a kind that nobody reads stands for it; only its place tells which one it is.
        let by_place = || self.snapshot().controllers.iter().find(|read| std::ptr::eq(&raw const read.origin, workload.origin));
        let pod = instance.pods.first();
        let controller = self.controller(&workload.subject).or_else(|| if pod.is_none() { by_place() } else { None });
        if let Some(read) = controller {
            return Some(Manifest { id: read.id.clone(), metadata, written: &read.body.template().spec, spec });
        }
        let id = Id::new(crate::object::Kind::Pod, workload.subject.namespace.clone(), (*pod?).clone());
        Some(Manifest { id, metadata, written: spec, spec })
    }
}

/// What sets strangers apart, apart from the field that shows them.
fn order(stranger: &Stranger) -> (u16, Who, &Id, &str) {
    (stranger.port, stranger.who, &stranger.shown_by, &stranger.says)
}

/// Where the pods of an instance are written down: their controller if that was read, else one of them.
struct Manifest<'m> {
    id: Id,
    /// The field of the pods' metadata.
    metadata: FieldPath,
    /// The spec that stands there.
    written: &'m PodSpec,
    /// The spec of the pods, which injection may have changed.
    spec: &'m PodSpec,
}

impl Manifest<'_> {
    /// The field of an annotation.
    fn annotation(&self, key: &str) -> FieldPath {
        self.metadata.clone().then("annotations").then(key)
    }

    /// The field of a container's port, by its number.
    fn port(&self, port: &ContainerPort) -> FieldPath {
        let same = |other: &&ContainerPort| other.container_port == port.container_port && other.host_port == port.host_port;
        let containers = self.written.containers.iter().chain(self.written.init_containers.iter());
        let holder = containers.into_iter().find(|container| container.ports.iter().any(|other| same(&other)));
        let Some(holder) = holder else { return self.container("") };
        let at = holder.ports.iter().position(|other| same(&other)).unwrap_or_default();
        self.container(&holder.name).then("ports").then(at.to_string()).then("hostPort")
    }

    /// The field of a container, by its name; the pods' spec if only injection put it there.
    fn container(&self, name: &str) -> FieldPath {
        let above = self.metadata.steps().len().saturating_sub(1);
        let spec: FieldPath = self.metadata.steps().take(above).chain(["spec"]).collect();
        let lists = [("containers", &self.written.containers), ("initContainers", &self.written.init_containers)];
        let place = |containers: &[Container]| containers.iter().position(|container| container.name == name);
        let found = lists.iter().find_map(|(list, containers)| Some((*list, place(containers)?)));
        match found {
            Some((list, at)) => spec.then(list).then(at.to_string()),
            None => spec,
        }
    }
}

/// A boolean as Go reads it, which is how Istio reads annotations.
fn parsed(word: &str) -> Option<bool> {
    match word {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
