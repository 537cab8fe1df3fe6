//! How namespaces are enrolled, and which webhook or control plane serves their labels (S138, S142, S149).

use std::collections::BTreeSet;

use super::{
    dataplane::Dataplane,
    injection::{Candidate, INJECT, NAMESPACE_INJECTION, REVISION, injectors},
    membership::{EnrolmentSetting, SettingSource},
};
use crate::{
    istio::{Webhook, WebhookConfiguration},
    mesh::{control_plane::DEFAULT, indices::Indices},
    object::{Id, Labels, Text},
};

impl Indices<'_> {
    /// The data plane that a namespace's labels give to its pods, and the label that enrols or excludes it.
    #[must_use]
    pub fn enrolment(&self, namespace: &str) -> (Dataplane, Option<EnrolmentSetting>) {
        let nothing = Labels::default();
        let pod = Candidate { namespace, labels: &nothing, annotations: &nothing, host_network: false };
        let dataplane = self.namespace_dataplane(namespace);
        let label = if dataplane == Dataplane::None {
            self.reason_for_no_proxy(&pod, &self.injection(&pod)).label().cloned()
        } else {
            Some(self.requesting_label(&pod, dataplane != Dataplane::Ambient))
        };
        (dataplane, label)
    }

    /// The label that would enrol a namespace: one that some webhook selects (S142).
    #[must_use]
    pub fn enrolling_label(&self) -> EnrolmentSetting {
        let of = |key, value: &str| EnrolmentSetting { on: SettingSource::Namespace, key, value: value.into() };
        let enabled: Labels = [(NAMESPACE_INJECTION, "enabled")].into_iter().collect();
        if self.revision_selected_by(&enabled).is_some() {
            of(NAMESPACE_INJECTION, "enabled")
        } else {
            of(REVISION, &self.enrolling_revision())
        }
    }

    /// A revision or tag that some webhook selects on a namespace: the primary one if possible (S142, S256).
    #[must_use]
    pub fn enrolling_revision(&self) -> Text {
        let is_selected =
            |revision: &str| !revision.is_empty() && self.revision_selected_by(&[(REVISION, revision)].into_iter().collect()).is_some();
        let primary = self.control_planes().revision_of_namespace(None);
        let own = injectors(self.snapshot())
            .flat_map(|injector| ["istio.io/tag", REVISION].into_iter().filter_map(move |key| injector.labels.get(key)));
        std::iter::once(primary).chain(own).find(|revision| is_selected(revision)).unwrap_or(primary).into()
    }

    /// The revisions and tags of the webhooks that were read.
    #[must_use]
    pub fn installed_revisions(&self) -> BTreeSet<Text> {
        self.named_revisions().into_iter().filter(|name| self.serves_revision(name)).collect()
    }

    /// What the labels of the webhooks that were read name as revision or tag.
    fn named_revisions(&self) -> BTreeSet<Text> {
        let own = |injector: WebhookConfiguration<'_>| {
            [REVISION, "istio.io/tag"].into_iter().filter_map(|key| injector.labels.get(key).map(Text::from)).collect::<Vec<_>>()
        };
        injectors(self.snapshot()).flat_map(own).collect()
    }

    /// Whether `istio-injection=enabled` on a namespace has no effect, although webhooks of Istio were read: none is one of the default
    /// revision or tag (S142, S256).
    #[must_use]
    pub fn has_no_default_webhook(&self) -> bool {
        let enabled: Labels = [(NAMESPACE_INJECTION, "enabled")].into_iter().collect();
        injectors(self.snapshot()).next().is_some() && self.revision_selected_by(&enabled).is_none()
    }
}

/// How many minor versions a proxy may be behind its control plane.
const SUPPORTED_SKEW: u32 = 2;

impl Indices<'_> {
    /// The version of a revision's control plane, if a proxy is older than supported or newer than it (S149).
    #[must_use]
    pub fn skew(&self, proxy: &str, revision: &str) -> Option<&Text> {
        let plane = self.control_planes().all().iter().find(|plane| plane.revision == *revision)?.version.as_ref()?;
        let ((major, minor), (of_plane, its_minor)) = (major_and_minor(proxy)?, major_and_minor(plane)?);
        let is_unsupported = major != of_plane || minor > its_minor || its_minor - minor > SUPPORTED_SKEW;
        is_unsupported.then_some(plane)
    }

    /// The configurations whose webhooks would be called for a pod, one entry per webhook.
    #[must_use]
    pub fn injectors(&self, namespace: &str, pod: &Labels) -> Vec<&Id> {
        let nothing = Labels::default();
        self.called_webhooks(self.namespace_labels(namespace).unwrap_or(&nothing), pod)
    }

    /// The enrolling labels for which several webhooks would be called, each with the configurations of these webhooks (S165). Whether
    /// any object has the label does not matter.
    #[must_use]
    pub fn contested_labels(&self) -> Vec<(EnrolmentSetting, Vec<&Id>)> {
        let nothing = Labels::default();
        let of = |on, key, value: &str| EnrolmentSetting { on, key, value: value.into() };
        let revisions: BTreeSet<Text> = self.named_revisions().into_iter().filter(|name| !name.is_empty()).collect();
        let on_either = |name: &Text| [of(SettingSource::Namespace, REVISION, name), of(SettingSource::Pod, REVISION, name)];
        [of(SettingSource::Namespace, NAMESPACE_INJECTION, "enabled"), of(SettingSource::Pod, INJECT, "true")]
            .into_iter()
            .chain(revisions.iter().flat_map(on_either))
            .filter_map(|label| {
                let labels: Labels = [(label.key, label.value.as_str())].into_iter().collect();
                let called = if label.on == SettingSource::Namespace {
                    self.called_webhooks(&labels, &nothing)
                } else {
                    self.called_webhooks(&nothing, &labels)
                };
                (called.len() > 1).then_some((label, called))
            })
            .collect()
    }

    /// The configurations that call a missing Service, with that Service (S165). A deactivated configuration is never called (S142), and
    /// a Service counts as missing only if its namespace has other Services that were read.
    pub fn missing_webhook_services(&self) -> impl Iterator<Item = (WebhookConfiguration<'_>, Id)> {
        let services = &self.snapshot().services;
        injectors(self.snapshot()).filter_map(move |injector| {
            let mut called = injector.hooks().filter(|hook| !hook.is_deactivated()).filter_map(|hook: Webhook<'_>| hook.service());
            called.find_map(|id| {
                let is_known = services.iter().any(|other| other.id.namespace == id.namespace);
                (is_known && !services.iter().any(|other| other.id == id)).then_some((injector, id))
            })
        })
    }

    /// The configurations whose webhooks would be called for these labels, one entry per webhook.
    fn called_webhooks(&self, namespace: &Labels, pod: &Labels) -> Vec<&Id> {
        let hooks = |injector: &WebhookConfiguration<'_>| injector.hooks().filter(|hook| hook.calls(namespace, pod)).count();
        injectors(self.snapshot()).flat_map(|injector| std::iter::repeat_n(injector.id, hooks(&injector))).collect()
    }

    /// Whether some webhook or control plane serves a revision or tag (S142); assumed if no webhook was read.
    #[must_use]
    pub fn serves_revision(&self, revision: &str) -> bool {
        let serves = |labels: &Labels| {
            let is_unnamed = revision == DEFAULT && labels.get(REVISION).is_none_or(str::is_empty) && labels.get("istio.io/tag").is_none();
            labels.has(REVISION, revision) || labels.has("istio.io/tag", revision) || is_unnamed
        };
        let any_serves = || injectors(self.snapshot()).any(|injector| serves(injector.labels));
        self.assumes_webhooks() || any_serves()
    }
}

/// The first two numbers of a version; `None` for tags such as `latest`.
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    numbers.next().zip(numbers.next())
}
