//! The changes that enrol a workload in the mesh.

use std::collections::{BTreeMap, BTreeSet};

use super::sidecars::{self, ProxyRow};
use crate::{
    mesh::{Dataplane, EnrolmentSetting, Mesh, NoProxyReason, SettingSource},
    object::{Kind, Text},
};

/// A change that enrols pods in the mesh or updates their proxies. The order is that in which such changes are made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnrolStep {
    /// A label on a namespace.
    Label {
        namespace: Text,
        /// The label to set, as `key=value`.
        set: String,
        /// The key of a label to remove, because it overrides the one to set.
        remove: Option<&'static str>,
        /// Whether the namespace has another value.
        overwrites: bool,
    },
    /// A label in a pod template, which replaces the pods.
    Template {
        controller: Controller,
        /// The key of the label.
        key: &'static str,
        /// Its value.
        value: Text,
    },
    /// A rollout that replaces the pods.
    Restart(Controller),
}

/// A controller whose pods can be replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Controller {
    pub namespace: Text,
    pub kind: Kind,
    pub name: Text,
}

/// How a workload of this mesh is enrolled.
#[derive(Debug)]
pub struct Enrolment<'m> {
    mesh: &'m Mesh<'m>,
    /// The label that enrols a namespace.
    pub label: EnrolmentSetting,
    pub has_ztunnel: bool,
}

impl<'m> Enrolment<'m> {
    /// How this mesh enrols workloads.
    #[must_use]
    pub fn of(mesh: &'m Mesh<'m>) -> Self {
        Self { mesh, label: sidecars::enrolling_label(mesh), has_ztunnel: sidecars::has_ztunnel(mesh) }
    }

    /// The changes that enrol the pods of a workload or update their proxies; empty if none is needed or possible.
    #[must_use]
    pub fn steps(&self, row: &ProxyRow<'_>) -> Vec<EnrolStep> {
        if let Some(reason) = row.no_proxy_reason() {
            return self.enrolling_steps(row, reason);
        }
        let cannot_redirect = row.membership.recreated_dataplane == Dataplane::Ambient && !self.has_ztunnel;
        if row.needs_restart() && !cannot_redirect { restart_step(row).into_iter().collect() } else { Vec::new() }
    }

    /// The changes that enrol the workloads of each namespace, except those that are opted out.
    #[must_use]
    pub fn steps_by_namespace<'r>(&self, rows: &[ProxyRow<'r>]) -> BTreeMap<&'r Text, BTreeSet<EnrolStep>> {
        let mut steps: BTreeMap<&Text, BTreeSet<EnrolStep>> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.no_proxy_reason().is_some_and(NoProxyReason::is_intentional)) {
            steps.entry(&row.workload.subject.namespace).or_default().extend(self.steps(row));
        }
        steps
    }

    /// The changes that enrol a workload without a proxy.
    fn enrolling_steps(&self, row: &ProxyRow<'_>, reason: &NoProxyReason) -> Vec<EnrolStep> {
        let add_label = |key, value: &str| template_step(row, key, value.into()).into_iter().collect();
        let injecting = || self.injecting_label(row).map(|(key, value)| add_label(key, &value)).unwrap_or_default();
        match reason {
            NoProxyReason::NotEnrolled => self.namespace_label_steps(row, None),
            NoProxyReason::NamespaceOptedOut(label) => self.namespace_label_steps(row, Some(label)),
            NoProxyReason::NoWebhook(label) if label.on == SettingSource::Namespace => self.namespace_label_steps(row, Some(label)),
            NoProxyReason::OptedOut(label) if label.key == EnrolmentSetting::ambient().key => add_label(label.key, "ambient"),
            NoProxyReason::OptedOut(_) | NoProxyReason::Unsupported(_) | NoProxyReason::InjectorPolicy | NoProxyReason::NoWebhook(_) => {
                injecting()
            }
            NoProxyReason::HostNetwork | NoProxyReason::StaticPod | NoProxyReason::IgnoredNamespace | NoProxyReason::Machine => Vec::new(),
        }
    }

    /// The label of the pods alone with which a webhook injects them.
    fn injecting_label(&self, row: &ProxyRow<'_>) -> Option<(&'static str, Text)> {
        let change = self.mesh.indices().enrolling_change(row.workload, row.workload.instances.first()?)?;
        (change.namespace.is_empty() && change.pod.remove.is_none()).then_some(change.pod.set)?
    }

    /// The label on the namespace, in place of the present one; and new pods, unless ztunnel also redirects running ones (S116, S143).
    fn namespace_label_steps(&self, row: &ProxyRow<'_>, present: Option<&EnrolmentSetting>) -> Vec<EnrolStep> {
        let Self { label, .. } = self;
        let overwrites = present.is_some_and(|present| present.key == label.key);
        // `istio-injection`, whatever its value, overrides a revision (S138), which would have no effect beside it.
        let keys = ["istio-injection", "istio.io/rev"];
        let overrides = |present: &&EnrolmentSetting| present.key != label.key && keys.contains(&present.key) && keys.contains(&label.key);
        let remove = present.filter(overrides).map(|present| present.key);
        let new_pods = if *label == EnrolmentSetting::ambient() { None } else { restart_step(row) };
        let namespace = row.workload.subject.namespace.clone();
        std::iter::once(EnrolStep::Label { namespace, set: label.to_string(), remove, overwrites }).chain(new_pods).collect()
    }
}

/// The controller, if it is of one of these kinds.
fn controller(row: &ProxyRow<'_>, kinds: &[Kind]) -> Option<Controller> {
    let subject = &row.workload.subject;
    let kind = subject.kind.known().filter(|kind| kinds.contains(kind))?;
    Some(Controller { namespace: subject.namespace.clone(), kind, name: subject.name.clone() })
}

/// Kinds that kubectl can roll out again.
const RESTARTABLE: [Kind; 3] = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];

/// Kinds whose pod template can be changed.
const WITH_TEMPLATE: [Kind; 4] = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::CronJob];

/// A rollout, if the controller supports one and pods run.
fn restart_step(row: &ProxyRow<'_>) -> Option<EnrolStep> {
    controller(row, &RESTARTABLE).filter(|_| row.pods > 0).map(EnrolStep::Restart)
}

/// A label in the pod template, if the controller has one.
fn template_step(row: &ProxyRow<'_>, key: &'static str, value: Text) -> Option<EnrolStep> {
    controller(row, &WITH_TEMPLATE).map(|controller| EnrolStep::Template { controller, key, value })
}
