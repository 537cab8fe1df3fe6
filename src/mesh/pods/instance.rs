//! One group of alike pods: what runs, or would run, and what follows from that.

use std::collections::BTreeMap;

use super::{
    capture::{Capture, Hole, Wiring},
    dataplane::{self, Dataplane},
    injection::{Candidate, Injection},
    ports::DeclaredPort,
};
use crate::{
    mesh::{
        Decision, Mesh, TLS_MODE,
        control_plane::{DEFAULT, namespace_revision},
        policy::Decided,
    },
    object::{
        Kind, Labels, Read, Text,
        wire::{self, IngressListener, Int, Meta, Pairs, PodSpec, ProxyConfig},
    },
};

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
    /// Ports that something declares: containers, Services, policies in force, a Sidecar's ingress.
    pub ports: BTreeMap<u16, DeclaredPort<'s>>,
    /// The pod's own proxy settings.
    pub proxy_config: Option<&'s ProxyConfig>,
    /// Ports of a machine.
    pub(in crate::mesh) entry_ports: Option<&'s Pairs<Int>>,
    /// Who decides on its mode.
    decided: Decided,
    /// The metadata as it was read.
    pub(in crate::mesh) meta: &'s Meta,
    pub(in crate::mesh) namespace: &'s Text,
}

impl<'s> Instance<'s> {
    /// The same with who decides on it and with its declared ports, which follow from all the rest.
    fn settled(mut self, mesh: &Mesh<'s>) -> Self {
        let root = &mesh.control_planes().of_revision(&self.revision).root_namespace;
        self.decided = mesh.policies().decided(root, self.namespace, &self.labels);
        self.ports = mesh.declared_ports(self.namespace, &self);
        self
    }

    /// The service account it runs as; `None` for a machine, whose own says nothing of its certificate.
    #[must_use]
    pub fn service_account(&self) -> Option<Text> {
        let name = &self.spec?.service_account_name;
        Some(if name.is_empty() { DEFAULT.into() } else { name.clone() })
    }

    /// The ports that the Sidecar resource in force listens on; none for other data planes.
    pub(in crate::mesh) fn listeners(&self, mesh: &Mesh<'s>) -> Vec<u16> {
        if self.dataplane != Dataplane::Sidecar {
            return Vec::new();
        }
        numbers(mesh.ingress(self.namespace, &self.revision, &self.labels)).collect()
    }
}

impl Mesh<'_> {
    /// Who decides on the mode of an instance (S13), by the root namespace of its revision (S20).
    #[must_use]
    pub fn decision(&self, instance: &Instance<'_>) -> Decision<'_> {
        self.policies().decision(instance.decided)
    }
}

impl<'s> Mesh<'s> {
    /// The inbound listeners that the Sidecar resource of such a proxy sets up itself; none where no one does (S25, S44).
    pub(in crate::mesh) fn ingress(&self, namespace: &str, revision: &str, labels: &Labels) -> &'s [IngressListener] {
        let root = &self.control_planes().of_revision(revision).root_namespace;
        let sidecar = self.services().sidecar(root, namespace, labels);
        sidecar.map(|read| &read.body.spec.ingress[..]).unwrap_or_default()
    }
}

fn numbers(listeners: &[IngressListener]) -> impl Iterator<Item = u16> {
    listeners.iter().filter_map(|listener| u16::try_from(listener.port.number.0).ok().filter(|&port| port != 0))
}

impl Instance<'_> {
    /// Whether a pod is written like the pods of this instance, wherever that matters to mTLS.
    pub(in crate::mesh) fn is_like(&self, pod: &wire::Pod) -> bool {
        self.is_running == is_running(&pod.status)
            && self.meta.labels == pod.metadata.labels
            && self.meta.annotations == pod.metadata.annotations
            && self.spec.is_some_and(|spec| std::ptr::eq(spec, &raw const *pod.spec) || comparable(spec) == comparable(&pod.spec))
    }
}

/// What of a pod's spec may set it apart from its siblings.
fn comparable(spec: &PodSpec) -> impl PartialEq + use<'_> {
    (&spec.containers, &spec.init_containers, spec.host_network, &spec.service_account_name, spec.security_context)
}

/// Whether a pod runs; one without content in its status is a manifest.
fn is_running(status: &wire::PodStatus) -> bool {
    !(status.phase.is_empty() && status.pod_ip.is_empty() && status.conditions.is_empty())
}

/// The pod of a pod.
pub(in crate::mesh) fn pod<'s>(mesh: &Mesh<'s>, read: &'s Read<wire::Pod>, workload: &str) -> Instance<'s> {
    let body = &read.body;
    let plan = Plan {
        namespace: &read.id.namespace,
        meta: &body.metadata,
        spec: &body.spec,
        proxy_config: body.proxy_config.0.as_deref(),
        workload,
    };
    let instance = if is_running(&body.status) { plan.running(mesh) } else { plan.planned(mesh) };
    Instance { pods: vec![&read.id.name], ..instance }
}

pub(in crate::mesh) fn template<'s>(mesh: &Mesh<'s>, read: &'s Read<wire::Controller>) -> Instance<'s> {
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
        if matches!(injection, Injection::Injected { .. }) {
            self.add_injected_labels(mesh, dataplane, &revision, &mut labels);
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
                mesh.capture(&wiring, || numbers(mesh.ingress(self.namespace, &revision, &labels)).collect())
            }
            Dataplane::Ambient if annotations.has("ambient.istio.io/bypass-inbound-capture", "true") => (Capture::Nothing, Vec::new()),
            Dataplane::Ambient | Dataplane::None | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => {
                (Capture::Everything, Vec::new())
            }
        };
        let instance = Instance {
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
            ports: BTreeMap::new(),
            proxy_config: self.proxy_config,
            entry_ports: None,
            decided: Decided::default(),
            meta: self.meta,
            namespace: self.namespace,
        };
        instance.settled(mesh)
    }

    /// The revision that injected a pod, else the one its namespace asks for (S20, S149).
    fn running_revision(&self, mesh: &Mesh<'s>) -> Text {
        let stamped = stamped_revision(&self.meta.annotations);
        let asked = || mesh.namespace_labels(self.namespace).and_then(namespace_revision).map(Text::from);
        let revision = stamped.or_else(asked).unwrap_or_else(|| DEFAULT.into());
        mesh.control_planes().revision(&revision).into()
    }

    /// What the injected template adds that policies can select by: canonical names all of them, the rest sidecars only (S150).
    fn add_injected_labels(&self, mesh: &Mesh<'s>, dataplane: Dataplane, revision: &str, labels: &mut Labels) {
        let mut add = |key: &str, value: Text| {
            if labels.get(key).is_none() {
                labels.set(key, value);
            }
        };
        let own = |keys: [&str; 2], default: &str| keys.iter().find_map(|key| self.meta.labels.get(key)).unwrap_or(default).into();
        add("service.istio.io/canonical-name", own(["app.kubernetes.io/name", "app"], self.workload));
        add("service.istio.io/canonical-revision", own(["app.kubernetes.io/version", "version"], "latest"));
        if dataplane != Dataplane::Sidecar {
            return;
        }
        add(TLS_MODE, "istio".into());
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

/// The revision or tag whose injector stamped a pod (S149).
pub(in crate::mesh) fn stamped_revision(annotations: &Labels) -> Option<Text> {
    let stamped = annotations.get("istio.io/rev").filter(|revision| !revision.is_empty()).map(Text::from);
    stamped.or_else(|| annotations.get("sidecar.istio.io/status").and_then(status_revision))
}

#[derive(serde::Deserialize)]
struct InjectionStatus {
    revision: Option<Text>,
}

fn status_revision(status: &str) -> Option<Text> {
    serde_json::from_str::<InjectionStatus>(status).ok()?.revision.filter(|revision| !revision.is_empty())
}

pub(in crate::mesh) fn merged(base: &Labels, over: &Labels) -> Labels {
    base.iter().chain(over.iter()).map(|(key, value)| (key.clone(), value.clone())).collect()
}

pub(in crate::mesh) fn machine<'s, T>(
    mesh: &Mesh<'s>,
    read: &'s Read<T>,
    spec: &'s wire::WorkloadEntrySpec,
    meta: &'s Meta,
    labels: Labels,
    is_running: bool,
) -> Instance<'s> {
    let mode = labels.get(TLS_MODE);
    let has_account = !spec.service_account.is_empty() || read.id.kind == Kind::WorkloadGroup;
    let is_member = mode.map_or(has_account, |mode| mode == "istio");
    let labelled = mesh.namespace_labels(&read.id.namespace).and_then(namespace_revision);
    let revision = labelled.unwrap_or(DEFAULT);
    let instance = Instance {
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
        ports: BTreeMap::new(),
        proxy_config: None,
        entry_ports: Some(&spec.ports),
        decided: Decided::default(),
        meta,
        namespace: &read.id.namespace,
    };
    instance.settled(mesh)
}
