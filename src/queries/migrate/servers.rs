//! The servers of a failing call.

use super::{
    blocker::{BlockerKind, BlockerSet},
    target::Target,
};
use crate::{
    istio::Mode,
    mesh::{Endpoint, Instance, Mesh, Workload},
};

/// Adds the servers behind an endpoint that belong to the target.
pub(super) fn add_servers<'m>(mesh: &'m Mesh<'m>, target: &Target<'_>, found: &mut BlockerSet, kind: BlockerKind, endpoint: &Endpoint<'m>) {
    match (endpoint.represents, endpoint.server) {
        (Some(by), _) => {
            let servers = || mesh.represented(by).filter(|workload| target.contains(workload)).collect();
            found.add_represented(kind, by, endpoint.port, servers);
        }
        (None, Some((workload, _))) if target.contains(workload) => found.add(kind, workload.subject.clone(), endpoint.port),
        (None, _) => {}
    }
}

/// Whether the server of an endpoint is STRICT at its port before the change.
pub(super) fn is_strict_before(before: &Mesh<'_>, endpoint: &Endpoint<'_>) -> bool {
    let is_strict = |(workload, instance): (&Workload<'_>, &Instance<'_>)| {
        before.server(workload, instance).port(endpoint.port).mode == Some(Mode::Strict)
    };
    if let Some(same) = endpoint.represents.and_then(|by| before.instance_at(*by.class.members.first()?)) {
        return is_strict(same);
    }
    let Some((server, _)) = endpoint.server else { return false };
    let own = before.workloads_in(&server.subject.namespace).iter().find(|workload| workload.subject == server.subject);
    own.is_some_and(|workload| workload.instances.iter().all(|instance| is_strict((workload, instance))))
}
