//! A change of labels with which a webhook injects a pod. Each candidate is evaluated, so that none is advised that has no effect (S138, S141,
//! S255, S257).

use super::{
    injection::{Candidate, INJECT, Injection, NAMESPACE_INJECTION, REVISION},
    instance::Instance,
    membership::{RecreatedPod, SettingSource},
    workloads::Workload,
};
use crate::{
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// A label to set, and one to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelChange {
    pub set: Option<(&'static str, Text)>,
    pub remove: Option<&'static str>,
}

/// What to change so that new pods of a workload are injected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnrollingChange {
    /// Among the labels of the pod template.
    pub pod: LabelChange,
    /// Among the labels of the namespace.
    pub namespace: LabelChange,
}

impl LabelChange {
    fn set(key: &'static str, value: &str) -> Self {
        Self { set: Some((key, value.into())), remove: None }
    }

    fn remove(key: &'static str) -> Self {
        Self { set: None, remove: Some(key) }
    }

    fn without(self, key: &'static str) -> Self {
        Self { remove: Some(key), ..self }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_none() && self.remove.is_none()
    }

    fn apply(&self, labels: &Labels) -> Labels {
        let kept = labels.iter().filter(|(key, _)| Some(key.as_str()) != self.remove);
        let mut changed: Labels = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
        if let Some((key, value)) = &self.set {
            changed.set(key, value.clone());
        }
        changed
    }
}

impl EnrollingChange {
    /// Whether only the label `sidecar.istio.io/inject: "true"` is added.
    #[must_use]
    pub fn is_inject_label(&self) -> bool {
        *self == Self { pod: LabelChange::set(INJECT, "true"), namespace: LabelChange::default() }
    }
}

impl Indices<'_> {
    /// The first change with which new pods of a workload are injected; `None` if no label has that effect.
    #[must_use]
    pub fn enrolling_change(&self, workload: &Workload<'_>, instance: &Instance<'_>) -> Option<EnrollingChange> {
        let recreated = RecreatedPod::of(self, workload, instance, instance.spec?);
        let pod = recreated.candidate(&workload.subject.namespace);
        let no_labels = Labels::default();
        let namespace = self.namespace_labels(pod.namespace).unwrap_or(&no_labels);
        self.candidates(namespace).into_iter().find(|change| {
            let (labels, of_namespace) = (change.pod.apply(pod.labels), change.namespace.apply(namespace));
            let is_change = labels != *pod.labels || of_namespace != *namespace;
            let changed = Candidate { labels: &labels, ..pod };
            is_change && matches!(self.injection_in(&of_namespace, &changed), Injection::Injected { .. })
        })
    }

    /// Changes of the pods first, then of the namespace: one that opts out keeps its other pods as they are.
    fn candidates(&self, namespace: &Labels) -> Vec<EnrollingChange> {
        let revision = self.enrolling_revision();
        let none = LabelChange::default;
        let (inject, rev) = (LabelChange::set(INJECT, "true"), LabelChange::set(REVISION, &revision));
        let of_pod = |pod: LabelChange| EnrollingChange { pod, namespace: none() };
        let pods = [inject.clone(), rev.clone(), inject.clone().without(REVISION), rev.clone().without(INJECT)].map(of_pod);
        let freed = [none(), inject, rev].map(|pod| EnrollingChange { pod, namespace: LabelChange::remove(NAMESPACE_INJECTION) });
        let enrol = self.enrolling_labels(namespace);
        let enrolled = [none(), LabelChange::remove(INJECT)].map(|pod| EnrollingChange { pod, namespace: enrol.clone() });
        let requests =
            namespace.get(REVISION).is_some() || namespace.get(NAMESPACE_INJECTION).is_some_and(|value| self.requests_injection(value));
        let of_namespace: Vec<EnrollingChange> =
            if requests { enrolled.into_iter().chain(freed).collect() } else { freed.into_iter().chain(enrolled).collect() };
        pods.into_iter().chain(of_namespace).collect()
    }

    /// Whether a value of `istio-injection` is meant to request injection, also if no webhook matches it: only `enabled` does (S141).
    #[must_use]
    pub fn requests_injection(&self, value: &str) -> bool {
        let value = value.to_ascii_lowercase();
        let is_meant = value.starts_with("en") || matches!(value.as_str(), "true" | "yes" | "on" | "1" | "default");
        is_meant || (!self.assumes_webhooks() && self.serves_revision(&value))
    }

    /// The labels that enrol a namespace, in place of those that it has.
    #[must_use]
    pub fn namespace_change(&self, namespace: &Labels) -> Option<LabelChange> {
        let change = self.enrolling_labels(namespace);
        self.revision_selected_by(&change.apply(namespace)).is_some().then_some(change)
    }

    /// The label that enrols a namespace, in place of the one that it has.
    fn enrolling_labels(&self, namespace: &Labels) -> LabelChange {
        let label = self.enrolling_label();
        debug_assert_eq!(label.on, SettingSource::Namespace, "it enrols a namespace");
        let other = if label.key == REVISION { NAMESPACE_INJECTION } else { REVISION };
        let change = LabelChange::set(label.key, &label.value);
        if namespace.get(other).is_some() { change.without(other) } else { change }
    }

    /// A revision or tag to request, and the revision of a control plane that a tag may refer to; `None` if no webhook selects one.
    #[must_use]
    pub fn requestable_revision(&self) -> Option<(Text, Text)> {
        let requested = self.enrolling_revision();
        self.revision_selected_by(&[(REVISION, requested.as_str())].into_iter().collect())?;
        let revision = self.control_planes().revision(&requested).into();
        Some((requested, revision))
    }
}
