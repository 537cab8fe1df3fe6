//! How namespaces are enrolled, and who serves what their labels ask for (S138, S142, S149).

use super::{
    Mesh,
    control_plane::DEFAULT,
    dataplane::Dataplane,
    injection::{Candidate, NAMESPACE_INJECTION, REVISION, calls, is_injector},
    membership::{Holder, Label},
};
use crate::object::{Id, Labels, Text};

impl Mesh<'_> {
    /// The label that enrols a namespace as a whole, and the data plane that its pods get by it.
    #[must_use]
    pub fn enrolment(&self, namespace: &str) -> (Dataplane, Option<Label>) {
        let nothing = Labels::default();
        let pod = Candidate { namespace, labels: &nothing, annotations: &nothing, host_network: false };
        let dataplane = self.namespace_dataplane(namespace);
        let label = if dataplane == Dataplane::None {
            self.absence(&pod, &self.injection(&pod)).label().cloned()
        } else {
            Some(self.asking(&pod, dataplane != Dataplane::Ambient))
        };
        (dataplane, label)
    }

    /// The label that would enrol a namespace: the one that some webhook answers to (S142).
    #[must_use]
    pub fn enrolling_label(&self) -> Label {
        let of = |key, value: &str| Label { on: Holder::Namespace, key, value: value.into() };
        let nothing = Labels::default();
        let enabled: Labels = [(NAMESPACE_INJECTION, "enabled")].into_iter().collect();
        let pod = Candidate { namespace: "", labels: &nothing, annotations: &nothing, host_network: false };
        if self.calling(&enabled, &pod).is_some() {
            of(NAMESPACE_INJECTION, "enabled")
        } else {
            of(REVISION, self.control_planes().revision_of_namespace(None))
        }
    }
}

/// How many minor versions a proxy may be behind its control plane.
const SUPPORTED_SKEW: u32 = 2;

impl Mesh<'_> {
    /// The version of the control plane of a revision, where a proxy is older than it may be, or newer (S149).
    #[must_use]
    pub fn skew(&self, proxy: &str, revision: &str) -> Option<&Text> {
        let plane = self.control_planes().all().iter().find(|plane| plane.revision == *revision)?.version.as_ref()?;
        let ((major, minor), (of_plane, its_minor)) = (major_and_minor(proxy)?, major_and_minor(plane)?);
        let is_apart = major != of_plane || minor > its_minor || its_minor - minor > SUPPORTED_SKEW;
        is_apart.then_some(plane)
    }

    /// The configurations whose webhooks would each be called for a pod, one entry a webhook.
    #[must_use]
    pub fn injectors(&self, namespace: &str, pod: &Labels) -> Vec<&Id> {
        let nothing = Labels::default();
        let labels = self.namespace_labels(namespace).unwrap_or(&nothing);
        let all = self.snapshot().webhooks.iter().filter(|read| is_injector(read));
        all.flat_map(|read| read.body.webhooks.iter().filter(|hook| calls(hook, labels, pod)).map(|_| &read.id)).collect()
    }

    /// Whether some webhook or control plane serves a revision or tag (S142); taken for granted where no webhook was read.
    #[must_use]
    pub fn serves(&self, revision: &str) -> bool {
        let is_it = |labels: &Labels| {
            let is_unnamed = revision == DEFAULT && labels.get(REVISION).is_none_or(str::is_empty) && labels.get("istio.io/tag").is_none();
            labels.has(REVISION, revision) || labels.has("istio.io/tag", revision) || is_unnamed
        };
        let served = || self.snapshot().webhooks.iter().filter(|read| is_injector(read)).any(|read| is_it(&read.body.metadata.labels));
        self.assumes_webhooks() || served()
    }
}

/// The first two numbers of a version; `None` for words such as `latest`.
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    numbers.next().zip(numbers.next())
}
