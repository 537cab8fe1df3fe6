//! What is to go STRICT, and how far it is.

use std::collections::BTreeSet;

use super::blocker::{Blocker, Confidence};
use crate::{
    istio::Mode,
    mesh::{Dataplane, Instance, Mesh, Workload},
    object::Text,
    queries::Scope,
};

/// What is to go STRICT.
#[derive(Clone, Debug)]
pub struct Target<'m> {
    /// The namespaces that hold workloads of the mesh.
    pub namespaces: BTreeSet<Text>,
    /// The one workload, where it is only that.
    pub workload: Option<&'m Workload<'m>>,
}

/// How a namespace stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ready {
    /// Every workload of the mesh is STRICT.
    Already,
    /// No call fails once it is STRICT.
    Ready,
    /// Nobody can tell from what was read.
    Unknown,
    /// Something fails, or would.
    Blocked,
}

impl<'m> Target<'m> {
    /// The namespaces in scope that hold workloads whose mode policies decide. The root namespace is the mesh's own step.
    #[must_use]
    pub fn namespaces(mesh: &'m Mesh<'m>, scope: &Scope) -> Self {
        let governed =
            mesh.workloads().iter().filter(|workload| scope.holds_workload(workload) && workload.instances.iter().any(is_governed));
        let namespaces = governed.map(|workload| workload.subject.namespace.clone());
        Self { namespaces: namespaces.filter(|name| !mesh.control_planes().is_root(name)).collect(), workload: None }
    }

    /// One workload.
    #[must_use]
    pub fn workload(workload: &'m Workload<'m>) -> Self {
        Self { namespaces: BTreeSet::from([workload.subject.namespace.clone()]), workload: Some(workload) }
    }

    /// Whether a workload is to go STRICT.
    #[must_use]
    pub fn holds(&self, workload: &Workload<'_>) -> bool {
        match self.workload {
            Some(own) => own.subject == workload.subject,
            None => self.namespaces.contains(&workload.subject.namespace),
        }
    }
}

/// Whether policies decide what the instance takes: a gateway's servers say it themselves (S38), a waypoint takes HBONE only (S40).
pub(super) fn is_governed(instance: &Instance<'_>) -> bool {
    matches!(instance.dataplane, Dataplane::Sidecar | Dataplane::Ambient | Dataplane::Proxyless)
}

/// How a namespace stands, by what is in the way there.
#[must_use]
pub fn ready<'b>(mesh: &Mesh<'_>, target: &Target<'_>, namespace: &str, blockers: impl IntoIterator<Item = &'b Blocker>) -> Ready {
    let is_strict = |workload: &Workload<'_>, instance: &Instance<'_>| {
        let mode = mesh.server(workload, instance).workload();
        mode.is_certain && mode.policy_mode == Mode::Strict
    };
    let mut own = mesh.workloads_in(namespace).iter().filter(|workload| target.holds(workload));
    if own.all(|workload| workload.instances.iter().filter(|one| is_governed(one)).all(|instance| is_strict(workload, instance))) {
        return Ready::Already;
    }
    let worst = blockers.into_iter().map(|blocker| blocker.confidence).min();
    match worst {
        Some(Confidence::Certain | Confidence::Seen) => Ready::Blocked,
        None if mesh.gaps().is_empty() => Ready::Ready,
        Some(Confidence::Possible) | None => Ready::Unknown,
    }
}
