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
        value: &'static str,
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
pub struct Enrolment {
    /// The label that enrols a namespace.
    pub label: EnrolmentSetting,
    pub has_ztunnel: bool,
}

impl Enrolment {
    /// How this mesh enrols workloads.
    #[must_use]
    pub fn of(mesh: &Mesh<'_>) -> Self {
        Self { label: sidecars::enrolling_label(mesh), has_ztunnel: sidecars::has_ztunnel(mesh) }
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
    pub fn steps_by_namespace<'m>(&self, rows: &[ProxyRow<'m>]) -> BTreeMap<&'m Text, BTreeSet<EnrolStep>> {
        let mut steps: BTreeMap<&Text, BTreeSet<EnrolStep>> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.no_proxy_reason().is_some_and(NoProxyReason::is_intentional)) {
            steps.entry(&row.workload.subject.namespace).or_default().extend(self.steps(row));
        }
        steps
    }

    /// The changes that enrol a workload without a proxy.
    fn enrolling_steps(&self, row: &ProxyRow<'_>, reason: &NoProxyReason) -> Vec<EnrolStep> {
        let add_label = |key, value| template_step(row, key, value).into_iter().collect();
        match reason {
            NoProxyReason::NotEnrolled => self.namespace_label_steps(row, None),
            NoProxyReason::NamespaceOptedOut(label) => self.namespace_label_steps(row, Some(label)),
            NoProxyReason::NoWebhook(label) if label.on == SettingSource::Namespace => self.namespace_label_steps(row, Some(label)),
            NoProxyReason::OptedOut(label) if label.key == EnrolmentSetting::ambient().key => add_label(label.key, "ambient"),
            NoProxyReason::OptedOut(_) | NoProxyReason::Unsupported(_) | NoProxyReason::InjectorPolicy => {
                add_label("sidecar.istio.io/inject", "true")
            }
            NoProxyReason::NoWebhook(_)
            | NoProxyReason::HostNetwork
            | NoProxyReason::StaticPod
            | NoProxyReason::IgnoredNamespace
            | NoProxyReason::Machine => Vec::new(),
        }
    }

    /// The label on the namespace, in place of the present one; and new pods, unless ztunnel also redirects running ones (S116, S143).
    fn namespace_label_steps(&self, row: &ProxyRow<'_>, present: Option<&EnrolmentSetting>) -> Vec<EnrolStep> {
        let Self { label, .. } = self;
        let overwrites = present.is_some_and(|present| present.key == label.key);
        // `istio-injection`, whatever its value, overrides a revision (S138).
        let overrides = |present: &&EnrolmentSetting| present.key == "istio-injection" && label.key == "istio.io/rev";
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
fn template_step(row: &ProxyRow<'_>, key: &'static str, value: &'static str) -> Option<EnrolStep> {
    controller(row, &WITH_TEMPLATE).map(|controller| EnrolStep::Template { controller, key, value })
}
