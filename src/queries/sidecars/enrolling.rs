//! How namespaces of this mesh are enrolled.

use crate::mesh::{Dataplane, EnrolmentSetting, Mesh};

/// Whether a ztunnel was read; without one, no label enrols anything in ambient (S109).
#[must_use]
pub fn has_ztunnel(mesh: &Mesh<'_>) -> bool {
    mesh.workloads().iter().flat_map(|workload| &workload.instances).any(|instance| instance.labels.has("app", "ztunnel"))
}

/// The label that would enrol a namespace: the ambient label if more namespaces are enrolled in ambient than in sidecar injection,
/// otherwise a label for injection.
#[must_use]
pub fn enrolling_label(mesh: &Mesh<'_>) -> EnrolmentSetting {
    let enrolled = |wanted| mesh.namespaces().keys().filter(|name| mesh.indices().namespace_dataplane(name) == wanted).count();
    let ambient = enrolled(Dataplane::Ambient);
    if ambient > enrolled(Dataplane::Sidecar) { EnrolmentSetting::ambient() } else { mesh.indices().enrolling_label() }
}
