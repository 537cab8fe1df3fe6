//! What is to become STRICT, and its state.

use std::collections::BTreeSet;

use super::blocker::{Blocker, Confidence};
use crate::{
    istio::Mode,
    mesh::{Dataplane, Instance, Mesh, Workload},
    object::Text,
    queries::Scope,
};

/// What is to become STRICT.
#[derive(Clone, Debug)]
pub struct Target<'m> {
    /// The namespaces that contain workloads of the mesh.
    pub namespaces: BTreeSet<Text>,
    /// The workload, if only one is to become STRICT.
    pub workload: Option<&'m Workload<'m>>,
}

/// The state of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// Every workload of the mesh is STRICT.
    Already,
    /// No call fails once it is STRICT.
    Ready,
    /// Unknown from what was read.
    Unknown,
    /// A call fails, or would fail.
    Blocked,
}

impl<'m> Target<'m> {
    /// The namespaces in scope that contain workloads whose mode policies decide. The root namespace belongs to the step for the mesh.
    #[must_use]
    pub fn namespaces(mesh: &'m Mesh<'m>, scope: &Scope) -> Self {
        let governed =
            mesh.workloads().iter().filter(|workload| scope.contains_workload(workload) && workload.instances.iter().any(is_governed));
        let namespaces = governed.map(|workload| workload.subject.namespace.clone());
        Self { namespaces: namespaces.filter(|name| !mesh.control_planes().is_root(name)).collect(), workload: None }
    }

    /// The namespaces that contain workloads whose mode policies decide and that are not in another target.
    #[must_use]
    pub fn beyond(mesh: &Mesh<'m>, target: &Self) -> Self {
        let governed = mesh.workloads().iter().filter(|workload| workload.instances.iter().any(is_governed));
        let namespaces = governed.map(|workload| workload.subject.namespace.clone());
        Self { namespaces: namespaces.filter(|name| !target.namespaces.contains(name)).collect(), workload: None }
    }

    /// Every workload, in whatever namespace.
    #[must_use]
    pub fn everything(mesh: &Mesh<'m>) -> Self {
        Self { namespaces: mesh.workloads().iter().map(|workload| workload.subject.namespace.clone()).collect(), workload: None }
    }

    /// One workload.
    #[must_use]
    pub fn workload(workload: &'m Workload<'m>) -> Self {
        Self { namespaces: BTreeSet::from([workload.subject.namespace.clone()]), workload: Some(workload) }
    }

    /// Whether a workload is to become STRICT.
    #[must_use]
    pub fn contains(&self, workload: &Workload<'_>) -> bool {
        match self.workload {
            Some(own) => own.subject == workload.subject,
            None => self.namespaces.contains(&workload.subject.namespace),
        }
    }
}

/// Whether policies decide what the instance accepts: a gateway's servers define it themselves (S38), a waypoint accepts HBONE only (S40).
pub(super) fn is_governed(instance: &Instance<'_>) -> bool {
    matches!(instance.dataplane, Dataplane::Sidecar | Dataplane::Ambient | Dataplane::Proxyless)
}

/// The state of a namespace, given its blockers.
#[must_use]
pub fn readiness<'b>(mesh: &Mesh<'_>, target: &Target<'_>, namespace: &str, blockers: impl IntoIterator<Item = &'b Blocker>) -> Readiness {
    let is_strict = |workload: &Workload<'_>, instance: &Instance<'_>| {
        let mode = mesh.server(workload, instance).workload();
        mode.is_certain && mode.policy_mode == Mode::Strict
    };
    let own = || mesh.workloads_in(namespace).iter().filter(|workload| target.contains(workload));
    let is_known = mesh.indices().coverage().covers_workloads(namespace) && own().all(|workload| workload.is_certain);
    let are_strict =
        |workload: &Workload<'_>| workload.instances.iter().filter(|one| is_governed(one)).all(|instance| is_strict(workload, instance));
    if own().all(are_strict) {
        return if is_known { Readiness::Already } else { Readiness::Unknown };
    }
    let worst = blockers.into_iter().filter(|blocker| !blocker.fails_already()).map(|blocker| blocker.confidence).min();
    match worst {
        Some(Confidence::Certain | Confidence::Seen) => Readiness::Blocked,
        None if mesh.gaps().is_empty() => Readiness::Ready,
        Some(Confidence::Possible) | None => Readiness::Unknown,
    }
}
