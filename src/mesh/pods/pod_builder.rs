//! Builds the instance of a pod, of a template or of a machine (S8, S20, S74, S149, S150).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    capture::{Capture, CaptureInput},
    dataplane::{self, Dataplane},
    injection::{Candidate, Injection, injecting_revision},
    instance::{Instance, TLS_MODE},
    ports::numbers,
};
use crate::{
    istio::{Controller, Metadata, Pod, PodProxyConfig, PodSpec, ProxySettings, WorkloadEntry},
    mesh::{
        control_plane::{DEFAULT, namespace_revision},
        indices::Indices,
        policy::DecisionIndices,
    },
    object::{HasMetadata, Kind, Labels, Read, Text},
};

/// Builds the instance of one Pod object.
pub(super) fn pod<'s>(indices: &Indices<'s>, pod: Pod<'s>, workload: &str) -> Instance<'s> {
    let builder =
        PodBuilder { namespace: &pod.id.namespace, meta: pod.meta(), spec: pod.spec(), proxy_config: pod.proxy_config(), workload };
    let instance = if pod.has_status() { builder.running(indices) } else { builder.planned(indices) };
    Instance { pods: vec![&pod.id.name], ..instance }
}

/// Builds the instance that a controller's template would result in.
pub(super) fn template<'s>(indices: &Indices<'s>, controller: Controller<'s>) -> Instance<'s> {
    let template = controller.template();
    let builder = PodBuilder {
        namespace: &controller.id.namespace,
        meta: template.meta,
        spec: template.spec,
        proxy_config: template.proxy_config,
        workload: &controller.id.name,
    };
    builder.planned(indices)
}

/// Input of an instance: a running pod, or one that a manifest would result in.
struct PodBuilder<'s, 'w> {
    namespace: &'s Text,
    meta: Metadata<'s>,
    spec: PodSpec<'s>,
    proxy_config: Option<PodProxyConfig<'s>>,
    workload: &'w str,
}

impl<'s> PodBuilder<'s, '_> {
    fn running(&self, indices: &Indices<'s>) -> Instance<'s> {
        let dataplane = dataplane::running(self.spec, self.meta.annotations());
        let revision = self.running_revision(indices);
        self.instance(indices, dataplane, revision, self.meta.labels().clone(), true, false)
    }

    fn planned(&self, indices: &Indices<'s>) -> Instance<'s> {
        let candidate = Candidate {
            namespace: self.namespace,
            labels: self.meta.labels(),
            annotations: self.meta.annotations(),
            host_network: self.spec.is_on_host_network(),
        };
        let (dataplane, revision, injection) = indices.planned(self.spec, &candidate);
        let revision = revision.unwrap_or_else(|| self.running_revision(indices));
        let mut labels = self.meta.labels().clone();
        if matches!(injection, Injection::Injected { .. }) {
            self.add_injected_labels(indices, dataplane, &revision, &mut labels);
        }
        let is_assumed = indices.depends_on_unread_namespace(self.spec, &candidate);
        self.instance(indices, dataplane, revision, labels, false, is_assumed)
    }

    fn instance(
        &self,
        indices: &Indices<'s>,
        dataplane: Dataplane,
        revision: Text,
        labels: Labels,
        is_running: bool,
        is_assumed: bool,
    ) -> Instance<'s> {
        let annotations = self.meta.annotations();
        let (capture, bypasses) = match dataplane {
            Dataplane::Sidecar => {
                let proxy = self.proxy_settings(indices, &revision);
                let input = CaptureInput { spec: self.spec, annotations, proxy, revision: &revision, is_running };
                indices.capture(&input, || numbers(indices.ingress(self.namespace, &revision, &labels)).collect())
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
            bypasses,
            is_running,
            is_assumed,
            spec: Some(self.spec),
            ports: BTreeMap::new(),
            proxy_config: self.proxy_config,
            tls_probes: BTreeSet::new(),
            machine: None,
            decision: DecisionIndices::default(),
            meta: self.meta,
            namespace: self.namespace,
            class: 0,
        };
        with_policies(indices, instance)
    }

    /// The revision that injected a pod, else the one that its namespace's labels name (S20, S149).
    fn running_revision(&self, indices: &Indices<'s>) -> Text {
        let stamped = injecting_revision(self.meta.annotations());
        let requested = || indices.namespace_labels(self.namespace).and_then(namespace_revision).map(Text::from);
        let revision = stamped.or_else(requested).unwrap_or_else(|| DEFAULT.into());
        indices.control_planes().revision(&revision).into()
    }

    /// Adds the labels of the injection template that policies can select by: every template adds canonical names, only the sidecar's
    /// adds the others (S150).
    fn add_injected_labels(&self, indices: &Indices<'s>, dataplane: Dataplane, revision: &str, labels: &mut Labels) {
        let mut add = |key: &str, value: Text| {
            if labels.get(key).is_none() {
                labels.set(key, value);
            }
        };
        let own = |keys: [&str; 2], default: &str| keys.iter().find_map(|key| self.meta.labels().get(key)).unwrap_or(default).into();
        add("service.istio.io/canonical-name", own(["app.kubernetes.io/name", "app"], self.workload));
        add("service.istio.io/canonical-revision", own(["app.kubernetes.io/version", "version"], "latest"));
        if dataplane != Dataplane::Sidecar {
            return;
        }
        add(TLS_MODE, "istio".into());
        if self.proxy_settings(indices, revision).is_labelled_for_hbone() {
            add("networking.istio.io/tunnel", "http".into());
        }
    }

    /// The pod's own proxy settings, merged over those of the mesh.
    fn proxy_settings<'p>(&self, indices: &'p Indices<'_>, revision: &str) -> ProxySettings<'p>
    where
        's: 'p,
    {
        indices.control_planes().of_revision(revision).proxy.with(self.proxy_config)
    }
}

/// Builds the instance of a machine, or of the machines of a `WorkloadGroup`.
pub(super) fn machine<'s>(
    indices: &Indices<'s>,
    read: &'s Read<impl HasMetadata>,
    entry: WorkloadEntry<'s>,
    labels: Labels,
    is_running: bool,
) -> Instance<'s> {
    let mode = labels.get(TLS_MODE);
    let has_account = entry.service_account().is_some() || read.id.kind == Kind::WorkloadGroup;
    let is_member = mode.map_or(has_account, |mode| mode == "istio");
    let labelled = indices.namespace_labels(&read.id.namespace).and_then(namespace_revision);
    let revision = labelled.unwrap_or(DEFAULT);
    let instance = Instance {
        pods: Vec::new(),
        labels,
        annotations: read.annotations(),
        dataplane: if is_member { Dataplane::Sidecar } else { Dataplane::None },
        revision: indices.control_planes().revision(revision).into(),
        capture: Capture::Everything,
        bypasses: Vec::new(),
        is_running,
        is_assumed: false,
        spec: None,
        ports: BTreeMap::new(),
        proxy_config: None,
        tls_probes: BTreeSet::new(),
        machine: Some(entry),
        decision: DecisionIndices::default(),
        meta: Metadata::of(read),
        namespace: &read.id.namespace,
        class: 0,
    };
    with_policies(indices, instance)
}

/// Resolves the effective policies; the ports are declared, and the classes numbered, when all workloads are known.
fn with_policies<'s>(indices: &Indices<'s>, mut instance: Instance<'s>) -> Instance<'s> {
    let root = &indices.control_planes().of_revision(&instance.revision).root_namespace;
    instance.decision = indices.policies().decide_indices(root, instance.namespace, &instance.labels);
    instance
}
