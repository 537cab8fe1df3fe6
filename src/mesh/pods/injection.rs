//! Whether a pod created now would get a proxy: first the webhook decides, then istiod (S137–S145).

use crate::{
    istio::{InjectionPolicy, WebhookConfiguration},
    mesh::{control_plane::DEFAULT, indices::Indices},
    object::{Kind, Labels, Snapshot, Text},
};

/// Whether a pod would be injected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Injection {
    /// It would, by the istiod of a revision.
    Injected {
        /// The revision, or a tag of it.
        revision: Text,
    },
    /// It would not.
    NotInjected(NotInjectedReason),
}

/// Why a pod would not be injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotInjectedReason {
    /// It uses the node's network (S140).
    HostNetwork,
    /// Its namespace is one that Istio never injects.
    IgnoredNamespace,
    /// No webhook is called for its labels and those of its namespace.
    NotSelected,
    /// Its label or annotation `sidecar.istio.io/inject` excludes it.
    OptedOut,
    /// The injector's configuration excludes it.
    InjectorPolicy,
}

/// Namespaces that are never injected (S139).
const IGNORED: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

pub(in crate::mesh) const INJECT: &str = "sidecar.istio.io/inject";
pub(in crate::mesh) const REVISION: &str = "istio.io/rev";
pub(in crate::mesh) const NAMESPACE_INJECTION: &str = "istio-injection";

/// The inputs of the decision.
#[derive(Clone, Copy, Debug)]
pub(in crate::mesh) struct Candidate<'p> {
    pub(in crate::mesh) namespace: &'p str,
    pub(in crate::mesh) labels: &'p Labels,
    pub(in crate::mesh) annotations: &'p Labels,
    pub(in crate::mesh) host_network: bool,
}

/// Whether Istio never injects a namespace (S139).
pub(in crate::mesh) fn is_ignored(namespace: &str) -> bool {
    IGNORED.contains(&namespace)
}

impl Candidate<'_> {
    /// Whether the pod opts out of sidecar injection; its label overrides its annotation (S139).
    pub(in crate::mesh) fn opts_out(&self) -> bool {
        self.labels.get(INJECT).or_else(|| self.annotations.get(INJECT)) == Some("false")
    }
}

impl Indices<'_> {
    /// Whether the webhooks of a default installation are assumed because none of Istio's was read. If all webhooks of a cluster were
    /// read and none is Istio's, nothing is injected.
    #[must_use]
    pub fn assumes_webhooks(&self) -> bool {
        let snapshot = self.snapshot();
        let is_known = snapshot.cluster.is_some() && !snapshot.coverage.contains_key(&Kind::MutatingWebhookConfiguration);
        !is_known && injectors(snapshot).next().is_none()
    }

    /// Whether this pod would be injected if it were created now.
    pub(in crate::mesh) fn injection(&self, pod: &Candidate<'_>) -> Injection {
        // A Namespace that was not read counts as unlabelled here; whether that matters is reported separately (S145).
        let unlabelled = Labels::default();
        self.injection_in(self.namespace_labels(pod.namespace).unwrap_or(&unlabelled), pod)
    }

    /// The same, in a namespace with these labels.
    pub(in crate::mesh) fn injection_in(&self, namespace: &Labels, pod: &Candidate<'_>) -> Injection {
        if pod.host_network {
            return Injection::NotInjected(NotInjectedReason::HostNetwork);
        }
        if is_ignored(pod.namespace) {
            return Injection::NotInjected(NotInjectedReason::IgnoredNamespace);
        }
        let revision = match self.calling_revision(namespace, pod) {
            Some(revision) => revision,
            None if pod.labels.has(INJECT, "false") => return Injection::NotInjected(NotInjectedReason::OptedOut),
            None => return Injection::NotInjected(NotInjectedReason::NotSelected),
        };
        match self.istiod_reason(&revision, pod) {
            Some(reason) => Injection::NotInjected(reason),
            None => Injection::Injected { revision },
        }
    }

    /// The first step: the revision whose webhook the API server calls.
    pub(in crate::mesh) fn calling_revision(&self, namespace: &Labels, pod: &Candidate<'_>) -> Option<Text> {
        if self.assumes_webhooks() {
            return self.assumed_webhook_revision(namespace, pod);
        }
        injectors(self.snapshot()).find_map(|injector| {
            let revision = || injector.labels.get(REVISION).filter(|revision| !revision.is_empty()).unwrap_or(DEFAULT);
            injector.hooks().any(|hook| hook.calls(namespace, pod.labels)).then(|| revision().into())
        })
    }

    /// The revision whose webhook is called for a pod without labels in a namespace with these.
    pub(super) fn revision_selected_by(&self, namespace: &Labels) -> Option<Text> {
        let nothing = Labels::default();
        self.calling_revision(namespace, &Candidate { namespace: "", labels: &nothing, annotations: &nothing, host_network: false })
    }

    /// The webhooks of a default installation: the default revision's, and those of every revision that a label names (S138).
    fn assumed_webhook_revision(&self, namespace: &Labels, pod: &Candidate<'_>) -> Option<Text> {
        let inject = pod.labels.get(INJECT);
        if inject == Some("false") {
            return None;
        }
        match (namespace.get(NAMESPACE_INJECTION), namespace.get(REVISION)) {
            (Some("enabled"), _) => Some(DEFAULT.into()),
            (Some(_), _) | (None, Some("")) => None,
            (None, Some(revision)) => Some(revision.into()),
            (None, None) => match pod.labels.get(REVISION) {
                Some("") => None,
                Some(revision) => Some(revision.into()),
                None if inject == Some("true") => Some(DEFAULT.into()),
                None if inject.is_none() && self.injects_by_default() => Some(DEFAULT.into()),
                None => None,
            },
        }
    }

    fn injects_by_default(&self) -> bool {
        self.control_planes().injector(DEFAULT).injects_by_default()
    }

    /// The second step: istiod's own conditions (S139).
    fn istiod_reason(&self, revision: &str, pod: &Candidate<'_>) -> Option<NotInjectedReason> {
        let config = self.control_planes().injector(self.control_planes().revision(revision));
        let explicit = match pod.labels.get(INJECT).or_else(|| pod.annotations.get(INJECT)) {
            Some("true") => Some(true),
            Some("false") => return Some(NotInjectedReason::OptedOut),
            _ => config.selected(pod.labels),
        };
        let injects = match config.policy() {
            InjectionPolicy::Enabled => explicit.unwrap_or(true),
            InjectionPolicy::Disabled => explicit.unwrap_or(false),
            InjectionPolicy::Invalid => false,
        };
        (!injects).then_some(NotInjectedReason::InjectorPolicy)
    }
}

/// The configurations of Istio's injectors.
pub(super) fn injectors(snapshot: &Snapshot) -> impl Iterator<Item = WebhookConfiguration<'_>> {
    snapshot.webhooks.iter().map(WebhookConfiguration::of).filter(WebhookConfiguration::is_injector)
}

/// The revision or tag of the injector that injected a pod, from its annotation (S149).
pub(in crate::mesh) fn injecting_revision(annotations: &Labels) -> Option<Text> {
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
