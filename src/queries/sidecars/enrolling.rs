//! What brings namespaces of this mesh into it.

use crate::mesh::{Dataplane, Label, Mesh};

/// Whether ztunnel was read, without which no label brings anything into ambient (S109).
#[must_use]
pub fn has_ztunnel(mesh: &Mesh<'_>) -> bool {
    mesh.workloads().iter().flat_map(|workload| &workload.instances).any(|instance| instance.labels.has("app", "ztunnel"))
}

/// The label that would bring a namespace in, as most of the namespaces that are in have it.
#[must_use]
pub fn enrolling_label(mesh: &Mesh<'_>) -> Label {
    let enrolled = |wanted| mesh.namespaces().keys().filter(|name| mesh.indices().namespace_dataplane(name) == wanted).count();
    let ambient = enrolled(Dataplane::Ambient);
    if ambient > enrolled(Dataplane::Sidecar) { Label::ambient() } else { mesh.indices().enrolling_label() }
}
