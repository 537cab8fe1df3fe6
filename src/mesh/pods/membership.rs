//! Whether pods are in the mesh, whether they should be, and why they are not (S109–S116, S137–S146).

use std::fmt;

use super::{
    dataplane::{AMBIENT_MODE, Dataplane, REDIRECTION},
    injection::{Candidate, INJECT, Injection, NAMESPACE_INJECTION, NotInjectedReason, REVISION, injecting_revision},
    instance::{Instance, merged_labels},
    subject::Subject,
    workloads::Workload,
};
use crate::{
    istio::{Controller, OwnerKind, PodSpec, PodTemplate},
    mesh::indices::Indices,
    object::{Id, Labels, Text},
};

/// Mesh membership of an instance: its state, and what a pod recreated now would get.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Whether a pod recreated now would be injected.
    pub injection: Injection,
    /// Whether ambient would capture such a pod.
    pub captured_by_ambient_if_recreated: bool,
    /// The label that requests the proxy such a pod would get.
    pub requested_by: Option<EnrolmentSetting>,
    /// The data plane that such a pod would have.
    pub recreated_dataplane: Dataplane,
    /// False if something that was not read could change what such a pod would get (S145).
    pub is_known: bool,
    /// How that compares with the current data plane.
    pub state: MeshState,
}

/// The current data plane of an instance, compared with that of a pod created now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeshState {
    /// Has the proxy that a new pod would get.
    Meshed,
    /// Has a proxy, and a new pod would get one of this other revision.
    OtherRevision(Text),
    /// Has no proxy, and a new pod would get one.
    Missing,
    /// Has a data plane, and a new pod would get another one or none.
    OtherDataplane,
    /// Redirected to a ztunnel that has not registered it yet (S112).
    PendingInZtunnel,
    /// A sidecar that is also redirected to ztunnel (S113).
    SidecarAndAmbient,
    /// Unknown, because something was not read: not every pod, or what decides whether it should have a proxy (S145).
    Unknown,
    /// No proxy, and a new pod would have none either.
    Outside(NoProxyReason),
    /// No proxy, because it is a component of Istio (S115).
    PartOfIstio,
}

/// Why a pod created now would get no proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoProxyReason {
    /// No label or setting requests one.
    NotEnrolled,
    /// It uses the node's network (S35).
    HostNetwork,
    /// Its node starts it from a file, without any webhook (S143).
    StaticPod,
    /// Its namespace is one that Istio never injects (S139).
    IgnoredNamespace,
    /// Its own label or annotation opts out.
    OptedOut(EnrolmentSetting),
    /// Its namespace opts out: any value but `enabled` does (S141).
    NamespaceOptedOut(EnrolmentSetting),
    /// The injector's configuration excludes it (S139).
    InjectorPolicy,
    /// A label requests one, and no webhook selects it (S142).
    NoWebhook(EnrolmentSetting),
    /// It requests one in a way that no webhook evaluates (S141).
    Unsupported(EnrolmentSetting),
    /// A machine that is not a member of the mesh (S74).
    Machine,
}

impl MeshState {
    /// Why new pods would have no proxy either; `None` in every other state.
    #[must_use]
    pub fn no_proxy_reason(&self) -> Option<&NoProxyReason> {
        if let Self::Outside(reason) = self { Some(reason) } else { None }
    }
}

impl NoProxyReason {
    /// The label that causes it, if there is one.
    #[must_use]
    pub fn label(&self) -> Option<&EnrolmentSetting> {
        match self {
            Self::OptedOut(label) | Self::NamespaceOptedOut(label) | Self::NoWebhook(label) | Self::Unsupported(label) => Some(label),
            Self::NotEnrolled | Self::HostNetwork | Self::StaticPod | Self::IgnoredNamespace | Self::InjectorPolicy | Self::Machine => None,
        }
    }

    /// Whether it was excluded on purpose.
    #[must_use]
    pub fn is_intentional(&self) -> bool {
        matches!(self, Self::OptedOut(_) | Self::NamespaceOptedOut(_) | Self::InjectorPolicy)
    }
}

/// A label, an annotation or the injector's default that enrols in the mesh or excludes from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentSetting {
    /// The object that it is set on.
    pub on: SettingSource,
    pub key: &'static str,
    pub value: Text,
}

impl EnrolmentSetting {
    /// The label that enrols a namespace in ambient (S110).
    #[must_use]
    pub fn ambient() -> Self {
        Self { on: SettingSource::Namespace, key: AMBIENT_MODE, value: "ambient".into() }
    }
}

impl fmt::Display for EnrolmentSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

/// Where such a setting is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingSource {
    /// Among the labels of the namespace.
    Namespace,
    /// Among the labels of the pod.
    Pod,
    /// Among the annotations of the pod.
    Annotation,
    /// Nowhere: the injector's configuration enrols namespaces without labels (S138).
    Default,
}

/// A pod of an instance as it would be recreated now.
///
/// Its labels are the template's over those of the pods, because other webhooks add some (S143). Bare pods, and those whose controller
/// was not read, would be recreated unchanged. The template may contain the proxy already (S144).
pub(super) struct RecreatedPod<'m> {
    labels: Labels,
    annotations: Labels,
    spec: PodSpec<'m>,
}

impl<'m> RecreatedPod<'m> {
    pub(super) fn of(indices: &'m Indices<'_>, workload: &Workload<'_>, instance: &'m Instance<'_>, spec: PodSpec<'m>) -> Self {
        let meta = instance.meta;
        match indices.template(&workload.subject).filter(|_| instance.is_running) {
            Some(template) => Self {
                labels: merged_labels(meta.labels(), template.meta.labels()),
                annotations: merged_labels(&without_injection_status(meta.annotations()), template.meta.annotations()),
                spec: template.spec,
            },
            None => Self { labels: meta.labels().clone(), annotations: meta.annotations().clone(), spec },
        }
    }

    pub(super) fn candidate<'p>(&'p self, namespace: &'p str) -> Candidate<'p> {
        Candidate { namespace, labels: &self.labels, annotations: &self.annotations, host_network: self.spec.is_on_host_network() }
    }
}

/// The annotations without the one that injection adds: a new pod has not been injected yet.
fn without_injection_status(annotations: &Labels) -> Labels {
    let own = annotations.iter().filter(|(key, _)| *key != "sidecar.istio.io/status");
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}

impl Indices<'_> {
    /// The mesh membership of an instance of a workload.
    pub(in crate::mesh) fn membership(&self, workload: &Workload<'_>, instance: &Instance<'_>) -> Membership {
        let Some(spec) = instance.spec else { return workload_entry_membership(instance) };
        let recreated = RecreatedPod::of(self, workload, instance, spec);
        let pod = recreated.candidate(&workload.subject.namespace);
        let (recreated_dataplane, revision, injection) = self.planned(recreated.spec, &pod);
        let is_static = instance.meta.owners().any(|owner| owner.kind == OwnerKind::Node);
        let is_injected = matches!(injection, Injection::Injected { .. }) && !is_static;
        let captured_by_ambient_if_recreated = !is_injected && self.ambient_captures(&pod);
        // No webhook is called for a static pod; ztunnel captures any running pod (S116).
        let recreated_dataplane = match is_static && instance.dataplane != Dataplane::Sidecar {
            true if captured_by_ambient_if_recreated => Dataplane::Ambient,
            true if recreated_dataplane == Dataplane::Sidecar => Dataplane::None,
            _ => recreated_dataplane,
        };
        // What was not read could change what runs, or what a new pod would get.
        let labels = self.namespace_labels(&workload.subject.namespace);
        let covers_planned = || {
            self.coverage().covers_template(&workload.subject.namespace, workload.subject.kind.known())
                && self.coverage().covers_injection(labels)
        };
        let is_read = self.coverage().is_whole() || workload.is_certain && covers_planned();
        let depends_on_namespace = self.depends_on_unread_namespace(recreated.spec, &pod);
        let reason = || if is_static { NoProxyReason::StaticPod } else { self.reason_for_no_proxy(&pod, &injection) };
        let state = match instance.dataplane {
            _ if is_redirected_sidecar(instance) => MeshState::SidecarAndAmbient,
            Dataplane::None if is_part_of_istio(&instance.labels) => MeshState::PartOfIstio,
            _ if !is_read => MeshState::Unknown,
            Dataplane::None if depends_on_namespace => MeshState::Unknown,
            Dataplane::None if recreated_dataplane == Dataplane::None => MeshState::Outside(reason()),
            Dataplane::None => MeshState::Missing,
            Dataplane::Ambient if instance.is_pending() => MeshState::PendingInZtunnel,
            Dataplane::Sidecar | Dataplane::Ambient if recreated_dataplane != instance.dataplane && !depends_on_namespace => {
                MeshState::OtherDataplane
            }
            Dataplane::Sidecar | Dataplane::Gateway => {
                other_revision(instance, revision).map_or(MeshState::Meshed, MeshState::OtherRevision)
            }
            Dataplane::Ambient | Dataplane::Waypoint | Dataplane::Proxyless => MeshState::Meshed,
        };
        let requested_by = (is_injected || captured_by_ambient_if_recreated).then(|| self.requesting_label(&pod, is_injected));
        let injection = if is_static { Injection::NotInjected(NotInjectedReason::NotSelected) } else { injection };
        let is_known = is_read && !depends_on_namespace;
        Membership { injection, captured_by_ambient_if_recreated, requested_by, recreated_dataplane, is_known, state }
    }

    /// The pod template of a workload, if its controller was read.
    fn template(&self, subject: &Subject) -> Option<PodTemplate<'_>> {
        self.controller(subject).map(Controller::template)
    }

    /// The controller of a workload, if it was read.
    pub(in crate::mesh) fn controller(&self, subject: &Subject) -> Option<Controller<'_>> {
        let id = Id::new(subject.kind.known()?, subject.namespace.clone(), subject.name.clone());
        let controllers = &self.snapshot().controllers;
        let at = controllers.binary_search_by(|read| read.id.cmp(&id)).ok()?;
        Some(Controller::of(&controllers[at]))
    }

    /// The label that requests the proxy that a pod would get.
    pub(in crate::mesh) fn requesting_label(&self, pod: &Candidate<'_>, is_injected: bool) -> EnrolmentSetting {
        let no_labels = Labels::default();
        let namespace = self.namespace_labels(pod.namespace).unwrap_or(&no_labels);
        let label_on = |on, labels: &Labels, key| labels.get(key).map(|value| EnrolmentSetting { on, key, value: value.into() });
        let found = if is_injected {
            label_on(SettingSource::Namespace, namespace, NAMESPACE_INJECTION)
                .or_else(|| label_on(SettingSource::Namespace, namespace, REVISION))
                .or_else(|| label_on(SettingSource::Pod, pod.labels, REVISION))
                .or_else(|| label_on(SettingSource::Pod, pod.labels, INJECT))
        } else {
            label_on(SettingSource::Pod, pod.labels, AMBIENT_MODE)
                .filter(|label| label.value == "ambient")
                .or_else(|| label_on(SettingSource::Namespace, namespace, AMBIENT_MODE))
        };
        found.unwrap_or(EnrolmentSetting { on: SettingSource::Default, key: "enableNamespacesByDefault", value: "true".into() })
    }

    /// Why a pod would get no proxy.
    pub(in crate::mesh) fn reason_for_no_proxy(&self, pod: &Candidate<'_>, injection: &Injection) -> NoProxyReason {
        let no_labels = Labels::default();
        let namespace = self.namespace_labels(pod.namespace).unwrap_or(&no_labels);
        let label_on = |on, labels: &Labels, key| labels.get(key).map(|value| EnrolmentSetting { on, key, value: value.into() });
        let opts_out_of_ambient = namespace.has(AMBIENT_MODE, "ambient") && pod.labels.has(AMBIENT_MODE, "none");
        let opted_out = || {
            let by_label = label_on(SettingSource::Pod, pod.labels, INJECT);
            by_label
                .or_else(|| label_on(SettingSource::Annotation, pod.annotations, INJECT))
                .map_or(NoProxyReason::NotEnrolled, NoProxyReason::OptedOut)
        };
        match injection {
            Injection::NotInjected(NotInjectedReason::HostNetwork) => NoProxyReason::HostNetwork,
            Injection::NotInjected(NotInjectedReason::IgnoredNamespace) => NoProxyReason::IgnoredNamespace,
            _ if opts_out_of_ambient => {
                label_on(SettingSource::Pod, pod.labels, AMBIENT_MODE).map_or(NoProxyReason::NotEnrolled, NoProxyReason::OptedOut)
            }
            Injection::NotInjected(NotInjectedReason::OptedOut) => opted_out(),
            Injection::NotInjected(NotInjectedReason::InjectorPolicy) => NoProxyReason::InjectorPolicy,
            Injection::NotInjected(NotInjectedReason::NotSelected) | Injection::Injected { .. } => {
                let of_namespace = |key| label_on(SettingSource::Namespace, namespace, key);
                match (of_namespace(NAMESPACE_INJECTION), of_namespace(REVISION)) {
                    (Some(label), _) if self.requests_injection(&label.value) => NoProxyReason::NoWebhook(label),
                    (Some(label), _) => NoProxyReason::NamespaceOptedOut(label),
                    (None, Some(label)) => NoProxyReason::NoWebhook(label),
                    (None, None) => match (pod_reason(pod), of_namespace(AMBIENT_MODE).filter(|label| label.value == "none")) {
                        (NoProxyReason::NotEnrolled, Some(label)) => NoProxyReason::NamespaceOptedOut(label),
                        (reason, _) => reason,
                    },
                }
            }
        }
    }
}

/// Why a pod would get no proxy if the labels of its namespace neither enrol nor exclude it.
fn pod_reason(pod: &Candidate<'_>) -> NoProxyReason {
    let label = |on, key, value: &str| EnrolmentSetting { on, key, value: value.into() };
    if let Some(revision) = pod.labels.get(REVISION) {
        return NoProxyReason::NoWebhook(label(SettingSource::Pod, REVISION, revision));
    }
    match (pod.labels.get(INJECT), pod.annotations.get(INJECT)) {
        (Some("true"), _) => NoProxyReason::NoWebhook(label(SettingSource::Pod, INJECT, "true")),
        (Some(value), _) => NoProxyReason::Unsupported(label(SettingSource::Pod, INJECT, value)),
        (None, Some("true")) => NoProxyReason::Unsupported(label(SettingSource::Annotation, INJECT, "true")),
        (None, _) if pod.labels.has(AMBIENT_MODE, "none") => NoProxyReason::OptedOut(label(SettingSource::Pod, AMBIENT_MODE, "none")),
        (None, _) => NoProxyReason::NotEnrolled,
    }
}

/// The revision that a new pod would get, if it differs from the one that injected this pod (S149).
fn other_revision(instance: &Instance<'_>, recreated_revision: Option<Text>) -> Option<Text> {
    let was_injected = instance.is_running && injecting_revision(instance.annotations).is_some();
    recreated_revision.filter(|revision| was_injected && *revision != instance.revision)
}

fn is_redirected_sidecar(instance: &Instance<'_>) -> bool {
    let is_redirected = matches!(instance.annotations.get(REDIRECTION), Some("enabled" | "pending"));
    instance.dataplane == Dataplane::Sidecar && instance.is_running && is_redirected
}

/// Whether these are the labels of istiod, ztunnel or istio-cni, as their charts set them (S115).
fn is_part_of_istio(labels: &Labels) -> bool {
    labels.has("app", "istiod") || labels.has("app", "ztunnel") || labels.has("k8s-app", "istio-cni-node")
}

/// A machine has the data plane that it registered with; it is never injected (S156).
fn workload_entry_membership(instance: &Instance<'_>) -> Membership {
    let is_member = instance.dataplane != Dataplane::None;
    Membership {
        injection: Injection::NotInjected(NotInjectedReason::NotSelected),
        captured_by_ambient_if_recreated: false,
        requested_by: None,
        recreated_dataplane: instance.dataplane,
        is_known: true,
        state: if is_member { MeshState::Meshed } else { MeshState::Outside(NoProxyReason::Machine) },
    }
}
