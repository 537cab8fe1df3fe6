//! Pods and what they belong to; a manifest stands for the pods it would become.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    Mesh,
    capture::{Capture, Hole, Wiring},
    dataplane::{self, Dataplane},
    injection::{Candidate, Injection},
    policies::Decision,
};
use crate::object::{
    FieldPath, Id, Kind, Labels, Origin, Read, Text,
    wire::{self, Int, Meta, Pairs, PodSpec, ProxyConfig},
};

/// Who a workload or any other subject is. Its kind may be one that this tool never reads, such as a Rollout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Where it lies; empty outside namespaces.
    pub namespace: Text,
    /// What it is.
    pub kind: Text,
    /// What it is called.
    pub name: Text,
}

/// A workload: everything one controller runs, or a bare pod.
#[derive(Clone, Debug)]
pub struct Workload<'s> {
    /// Who it is.
    pub subject: Subject,
    /// Where findings about it point.
    pub origin: &'s Origin,
    /// The field of that object under which the pods' metadata stands.
    pub metadata: FieldPath,
    /// Its pods, those alike taken together; a manifest has one.
    pub instances: Vec<Instance<'s>>,
}

/// Pods of one workload that do not differ in anything that matters to mTLS.
#[derive(Clone, Debug)]
pub struct Instance<'s> {
    /// Names of the pods; none for a manifest or a machine.
    pub pods: Vec<&'s Text>,
    /// Labels, with those that injection would add (S8, S150).
    pub labels: Labels,
    /// Annotations that matter.
    pub annotations: &'s Labels,
    /// What takes its traffic.
    pub dataplane: Dataplane,
    /// The revision it takes its settings from.
    pub revision: Text,
    /// Inbound ports that are captured.
    pub capture: Capture,
    /// Ways past the proxy that somebody opened.
    pub holes: Vec<Hole>,
    /// Whether the proxy runs, or would if the manifest were applied.
    pub is_running: bool,
    /// Whether nobody knows which proxy it would get, because the Namespace was not read (S145).
    pub is_assumed: bool,
    /// The pod's spec; `None` for a machine.
    pub spec: Option<&'s PodSpec>,
    /// Ports of a machine.
    pub(super) entry_ports: Option<&'s Pairs<Int>>,
    namespace: Text,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, kind, name } = self;
        if namespace.is_empty() { write!(f, "{kind} {name}") } else { write!(f, "{kind} {namespace}/{name}") }
    }
}

impl From<&Id> for Subject {
    fn from(id: &Id) -> Self {
        Self { namespace: id.namespace.clone(), kind: id.kind.name().into(), name: id.name.clone() }
    }
}

impl Workload<'_> {
    /// How many Pod objects it has.
    #[must_use]
    pub fn pods(&self) -> usize {
        self.instances.iter().map(|instance| instance.pods.len()).sum()
    }

    /// A field of the pods' metadata, as a field of the object that findings point at.
    #[must_use]
    pub fn metadata_field(&self, map: &str, key: &str) -> FieldPath {
        self.metadata.clone().then(map).then(key)
    }
}

impl<'s> Instance<'s> {
    /// The ports that the Sidecar resource in force listens on; none for other data planes.
    pub(super) fn listeners(&self, mesh: &Mesh<'s>) -> Vec<u16> {
        if self.dataplane != Dataplane::Sidecar {
            return Vec::new();
        }
        ingress(mesh, &self.namespace, &self.revision, &self.labels)
    }
}

impl Mesh<'_> {
    /// Who decides on the mode of an instance (S13), by the root namespace of its revision (S20).
    #[must_use]
    pub fn decision(&self, namespace: &str, instance: &Instance<'_>) -> Decision<'_> {
        let root = &self.control_planes().of_revision(&instance.revision).root_namespace;
        self.policies().decide(root, namespace, &instance.labels)
    }
}

fn ingress(mesh: &Mesh<'_>, namespace: &str, revision: &str, labels: &Labels) -> Vec<u16> {
    let root = &mesh.control_planes().of_revision(revision).root_namespace;
    let sidecar = mesh.services().sidecar(root, namespace, labels);
    let ports = sidecar.into_iter().flat_map(|read| read.body.spec.ingress.iter());
    ports.filter_map(|listener| u16::try_from(listener.port.number.0).ok().filter(|&port| port != 0)).collect()
}

/// Pods gathered under their workloads.
#[derive(Default)]
struct Gathered<'s> {
    workloads: BTreeMap<Subject, Workload<'s>>,
    /// Workloads of which every pod has ended.
    ended: BTreeSet<Subject>,
}

/// Every workload of a snapshot.
pub(super) fn all<'s>(mesh: &Mesh<'s>) -> Vec<Workload<'s>> {
    let snapshot = mesh.snapshot();
    let owners = Owners::new(&snapshot.controllers);
    let mut gathered = Gathered::default();
    for read in &snapshot.pods {
        let subject = owners.of_pod(read);
        if matches!(read.body.status.phase.as_str(), "Succeeded" | "Failed") {
            // Pods that have ended do not exist (S105).
            gathered.ended.insert(subject);
            continue;
        }
        let (origin, metadata) = owners.blamed(&subject, read);
        let instance = pod(mesh, read, &subject.name);
        gathered.add(subject, origin, metadata, instance, Some(&read.id.name));
    }
    for read in &snapshot.controllers {
        let Some(subject) = owners.of_controller(read) else { continue };
        let is_done = gathered.ended.contains(&subject) || is_complete(&read.body);
        if gathered.workloads.contains_key(&subject) || read.id.kind == Kind::Job && is_done {
            continue;
        }
        let instance = template(mesh, read);
        gathered.add(subject, &read.origin, template_metadata(read.id.kind), instance, None);
    }
    machines(mesh, &mut gathered);
    gathered.workloads.into_values().collect()
}

impl<'s> Gathered<'s> {
    fn add(&mut self, subject: Subject, origin: &'s Origin, metadata: FieldPath, instance: Instance<'s>, pod: Option<&'s Text>) {
        let workload =
            self.workloads.entry(subject.clone()).or_insert_with(|| Workload { subject, origin, metadata, instances: Vec::new() });
        let same = workload.instances.iter_mut().rev().take(LOOK_BACK).find(|other| other.is_like(&instance));
        match same {
            Some(same) => same.pods.extend(pod),
            None => workload.instances.push(Instance { pods: pod.into_iter().collect(), ..instance }),
        }
    }
}

/// Pods of a `StatefulSet` differ in a label each; looking back over a few keeps that linear, and loses only brevity.
const LOOK_BACK: usize = 8;

impl Instance<'_> {
    fn is_like(&self, other: &Self) -> bool {
        let of = |i: &Self| (i.dataplane, i.is_running, i.is_assumed);
        of(self) == of(other)
            && self.labels == other.labels
            && self.revision == other.revision
            && self.capture == other.capture
            && self.holes == other.holes
            && self.annotations == other.annotations
            && self.spec.map(comparable) == other.spec.map(comparable)
    }
}

/// What of a pod's spec may set it apart from its siblings.
fn comparable(spec: &PodSpec) -> impl PartialEq + use<'_> {
    (&spec.containers, spec.init_containers.len(), spec.host_network, &spec.service_account_name, spec.security_context)
}

/// The pod of a pod.
fn pod<'s>(mesh: &Mesh<'s>, read: &'s Read<wire::Pod>, workload: &str) -> Instance<'s> {
    let body = &read.body;
    let status = &body.status;
    let is_manifest = status.phase.is_empty() && status.pod_ip.is_empty() && status.conditions.is_empty();
    let plan = Plan {
        namespace: &read.id.namespace,
        meta: &body.metadata,
        spec: &body.spec,
        proxy_config: body.proxy_config.0.as_deref(),
        workload,
    };
    if is_manifest { plan.planned(mesh) } else { plan.running(mesh) }
}

fn template<'s>(mesh: &Mesh<'s>, read: &'s Read<wire::Controller>) -> Instance<'s> {
    let template = read.body.template();
    let plan = Plan {
        namespace: &read.id.namespace,
        meta: &template.metadata,
        spec: &template.spec,
        proxy_config: read.body.proxy_config.0.as_deref(),
        workload: &read.id.name,
    };
    plan.planned(mesh)
}

/// A pod that runs, or that a manifest would become.
struct Plan<'s, 'w> {
    namespace: &'s Text,
    meta: &'s Meta,
    spec: &'s PodSpec,
    proxy_config: Option<&'s ProxyConfig>,
    workload: &'w str,
}

impl<'s> Plan<'s, '_> {
    fn running(&self, mesh: &Mesh<'s>) -> Instance<'s> {
        let dataplane = dataplane::running(self.spec, &self.meta.annotations);
        let revision = self.running_revision(mesh);
        self.instance(mesh, dataplane, revision, self.meta.labels.clone(), true, false)
    }

    fn planned(&self, mesh: &Mesh<'s>) -> Instance<'s> {
        let candidate = Candidate {
            namespace: self.namespace,
            labels: &self.meta.labels,
            annotations: &self.meta.annotations,
            host_network: self.spec.host_network.0,
        };
        let (dataplane, revision, injection) = mesh.planned(self.spec, &candidate);
        let revision = revision.unwrap_or_else(|| self.running_revision(mesh));
        let mut labels = self.meta.labels.clone();
        if dataplane == Dataplane::Sidecar && matches!(injection, Injection::Injected { .. }) {
            self.add_injected_labels(mesh, &revision, &mut labels);
        }
        let is_assumed = mesh.is_unknown(self.spec, &candidate);
        self.instance(mesh, dataplane, revision, labels, false, is_assumed)
    }

    fn instance(
        &self,
        mesh: &Mesh<'s>,
        dataplane: Dataplane,
        revision: Text,
        labels: Labels,
        is_running: bool,
        is_assumed: bool,
    ) -> Instance<'s> {
        let annotations = &self.meta.annotations;
        let (capture, holes) = match dataplane {
            Dataplane::Sidecar => {
                let proxy = self.proxy_settings(mesh, &revision);
                let wiring = Wiring { spec: self.spec, annotations, proxy: &proxy, revision: &revision, is_running };
                mesh.capture(&wiring, || ingress(mesh, self.namespace, &revision, &labels).into_iter().collect())
            }
            Dataplane::Ambient if annotations.has("ambient.istio.io/bypass-inbound-capture", "true") => (Capture::Nothing, Vec::new()),
            Dataplane::Ambient | Dataplane::None | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => {
                (Capture::Everything, Vec::new())
            }
        };
        Instance {
            pods: Vec::new(),
            labels,
            annotations,
            dataplane,
            revision,
            capture,
            holes,
            is_running,
            is_assumed,
            spec: Some(self.spec),
            entry_ports: None,
            namespace: self.namespace.clone(),
        }
    }

    /// The revision that injected a pod, else the one its namespace asks for (S20, S149).
    fn running_revision(&self, mesh: &Mesh<'s>) -> Text {
        let annotations = &self.meta.annotations;
        let stamped = annotations.get("istio.io/rev").filter(|revision| !revision.is_empty()).map(Text::from);
        let stamped = stamped.or_else(|| annotations.get("sidecar.istio.io/status").and_then(status_revision));
        let labels = mesh.namespace_labels(self.namespace);
        let asked = || labels.filter(|l| l.get("istio-injection").is_none())?.get("istio.io/rev").map(Text::from);
        let revision = stamped.or_else(asked).unwrap_or_else(|| super::control_plane::DEFAULT.into());
        mesh.control_planes().revision(&revision).into()
    }

    /// What the sidecar template adds that policies can select by (S150).
    fn add_injected_labels(&self, mesh: &Mesh<'s>, revision: &str, labels: &mut Labels) {
        let mut add = |key: &str, value: Text| {
            if labels.get(key).is_none() {
                labels.set(key, value);
            }
        };
        let own = |keys: [&str; 2], default: &str| keys.iter().find_map(|key| self.meta.labels.get(key)).unwrap_or(default).into();
        add("security.istio.io/tlsMode", "istio".into());
        add("service.istio.io/canonical-name", own(["app.kubernetes.io/name", "app"], self.workload));
        add("service.istio.io/canonical-revision", own(["app.kubernetes.io/version", "version"], "latest"));
        let proxy = self.proxy_settings(mesh, revision);
        if proxy.proxy_metadata.iter().any(|(key, value)| key == "ISTIO_META_ENABLE_HBONE" && value == "true") {
            add("networking.istio.io/tunnel", "http".into());
        }
    }

    /// The pod's own proxy settings over those of the mesh.
    fn proxy_settings(&self, mesh: &Mesh<'_>, revision: &str) -> ProxyConfig {
        let own = self.proxy_config.cloned().unwrap_or_default();
        own.over(&mesh.control_planes().of_revision(revision).proxy)
    }
}

#[derive(serde::Deserialize)]
struct InjectionStatus {
    revision: Option<Text>,
}

fn status_revision(status: &str) -> Option<Text> {
    serde_json::from_str::<InjectionStatus>(status).ok()?.revision.filter(|revision| !revision.is_empty())
}

fn template_metadata(kind: Kind) -> FieldPath {
    FieldPath::of(if kind == Kind::CronJob { "spec.jobTemplate.spec.template.metadata" } else { "spec.template.metadata" })
}

fn is_complete(job: &wire::Controller) -> bool {
    job.status.conditions.iter().any(|c| c.status == "True" && matches!(c.of.as_str(), "Complete" | "Failed"))
}

/// Machines: `WorkloadEntries`, and the `WorkloadGroups` that stand for those to come (S8, S74, S82).
fn machines<'s>(mesh: &Mesh<'s>, gathered: &mut Gathered<'s>) {
    for read in &mesh.snapshot().workload_entries {
        let spec = &read.body.spec;
        let group = read.body.metadata.owner_references.iter().find(|owner| owner.kind == "WorkloadGroup");
        let subject = group.map_or_else(
            || Subject::from(&read.id),
            |owner| Subject { namespace: read.id.namespace.clone(), kind: owner.kind.clone(), name: owner.name.clone() },
        );
        let labels = merged(&spec.labels, &read.body.metadata.labels);
        let instance = machine(mesh, read, spec, &read.body.metadata, labels, true);
        gathered.add(subject, &read.origin, FieldPath::of("spec"), instance, None);
    }
    for read in &mesh.snapshot().workload_groups {
        let subject = Subject::from(&read.id);
        if !gathered.workloads.contains_key(&subject) {
            let spec = &read.body.spec;
            let labels = merged(&spec.template.labels, &spec.metadata.labels);
            let instance = machine(mesh, read, &spec.template, &read.body.metadata, labels, false);
            gathered.add(subject, &read.origin, FieldPath::of("spec.metadata"), instance, None);
        }
    }
}

fn merged(base: &Labels, over: &Labels) -> Labels {
    base.iter().chain(over.iter()).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn machine<'s, T>(
    mesh: &Mesh<'s>,
    read: &'s Read<T>,
    spec: &'s wire::WorkloadEntrySpec,
    meta: &'s Meta,
    labels: Labels,
    is_running: bool,
) -> Instance<'s> {
    let mode = labels.get("security.istio.io/tlsMode");
    let has_account = !spec.service_account.is_empty() || read.id.kind == Kind::WorkloadGroup;
    let is_member = mode.map_or(has_account, |mode| mode == "istio");
    let revision = mesh.namespace_labels(&read.id.namespace).and_then(|l| l.get("istio.io/rev")).unwrap_or(super::control_plane::DEFAULT);
    Instance {
        pods: Vec::new(),
        labels,
        annotations: &meta.annotations,
        dataplane: if is_member { Dataplane::Sidecar } else { Dataplane::None },
        revision: mesh.control_planes().revision(revision).into(),
        capture: Capture::Everything,
        holes: Vec::new(),
        is_running,
        is_assumed: false,
        spec: None,
        entry_ports: Some(&spec.ports),
        namespace: read.id.namespace.clone(),
    }
}

/// Which controllers there are, and whom they belong to.
struct Owners<'s> {
    by_id: BTreeMap<(&'s str, &'s str, &'s str), &'s Read<wire::Controller>>,
}

impl<'s> Owners<'s> {
    fn new(controllers: &'s [Read<wire::Controller>]) -> Self {
        let key = |read: &'s Read<wire::Controller>| (read.id.namespace.as_str(), read.id.kind.name(), read.id.name.as_str());
        Self { by_id: controllers.iter().map(|read| (key(read), read)).collect() }
    }

    fn get(&self, subject: &Subject) -> Option<&'s Read<wire::Controller>> {
        self.by_id.get(&(subject.namespace.as_str(), subject.kind.as_str(), subject.name.as_str())).copied()
    }

    /// The workload a pod belongs to: the topmost owner that its owner references and their usual names lead to.
    fn of_pod(&self, read: &Read<wire::Pod>) -> Subject {
        let mut subject = Subject::from(&read.id);
        let mut next = owner(&read.body.metadata);
        // Three steps reach the top of every chain that Kubernetes makes, and end one that runs in a circle.
        for _ in 0..3 {
            let Some((kind, name)) = next else { return subject };
            if kind == "Node" {
                return subject;
            }
            subject = Subject { namespace: subject.namespace, kind, name };
            next = match self.get(&subject) {
                Some(controller) => owner(&controller.body.metadata),
                None => usual_owner(&subject, &read.body.metadata.labels),
            };
        }
        subject
    }

    /// The workload a controller's template stands for; `None` where another controller speaks for it, or nobody wants its pods.
    fn of_controller(&self, read: &Read<wire::Controller>) -> Option<Subject> {
        let own = Subject::from(&read.id);
        let Some((kind, name)) = owner(&read.body.metadata) else { return Some(own) };
        let owner = Subject { namespace: own.namespace, kind, name };
        let is_wanted = read.body.spec.replicas.is_none_or(|n| n.0 > 0);
        (is_wanted && self.get(&owner).is_none()).then_some(owner)
    }

    /// The object that findings about a workload point at: its controller if that was read, else the pod.
    fn blamed(&self, subject: &Subject, pod: &'s Read<wire::Pod>) -> (&'s Origin, FieldPath) {
        match self.get(subject) {
            Some(controller) => (&controller.origin, template_metadata(controller.id.kind)),
            None => (&pod.origin, FieldPath::of("metadata")),
        }
    }
}

fn owner(meta: &Meta) -> Option<(Text, Text)> {
    let managing = meta.owner_references.iter().find(|owner| owner.controller.0);
    managing.or(meta.owner_references.first()).map(|owner| (owner.kind.clone(), owner.name.clone()))
}

/// The owner of an owner that was not read: Deployments append a hash to the name, `CronJobs` the time.
fn usual_owner(subject: &Subject, pod: &Labels) -> Option<(Text, Text)> {
    let (stem, tail) = subject.name.rsplit_once('-')?;
    match subject.kind.as_str() {
        "ReplicaSet" if pod.has("pod-template-hash", tail) => Some(("Deployment".into(), stem.into())),
        "Job" if tail.len() >= 8 && tail.bytes().all(|b| b.is_ascii_digit()) => Some(("CronJob".into(), stem.into())),
        _ => None,
    }
}
