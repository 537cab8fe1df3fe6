//! Objects of files without `metadata.namespace`: the namespace that they are given is a guess, and no fix rests on one.

use super::Finding;
use crate::{
    mesh::{Mesh, Subject},
    object::Id,
};

/// Whether the namespace of an object is assumed because its manifest sets none.
pub(super) fn is_assumed(mesh: &Mesh<'_>, id: &Id) -> bool {
    id.kind.is_namespaced() && mesh.snapshot().meta(id).is_some_and(|meta| meta.namespace.is_empty())
}

/// The finding, without the change that would fix it if that change rests on the assumed namespace of an object.
pub(super) fn without_guessed_fix(mesh: &Mesh<'_>, finding: Finding) -> Finding {
    let Some(patch) = &finding.patch else { return finding };
    let mut involved = finding.related.iter().chain([&finding.subject]).filter_map(Subject::id).chain([patch.object.clone()]);
    let is_guess = involved.any(|id| is_assumed(mesh, &id));
    drop(involved);
    if is_guess { Finding { patch: None, ..finding } } else { finding }
}
