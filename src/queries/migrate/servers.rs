//! The servers of a failing call.

use super::{
    blocker::{BlockerKind, BlockerSet},
    target::Target,
};
use crate::{
    mesh::{CallProperties, ClientKind, Endpoint, Instance, Mesh, Workload},
    queries::reach::EndpointAnswer,
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

/// Whether a call to an endpoint fails before the change because its server is STRICT at its port.
pub(super) fn is_cut_off_before(before: &Mesh<'_>, reached: &EndpointAnswer<'_>, client: ClientKind) -> bool {
    let (endpoint, sent_as) = (&reached.endpoint, reached.sent_as);
    let call = CallProperties { is_app_tls: reached.is_app_tls, ..CallProperties::of(client) };
    let is_refused = |workload: &Workload<'_>, instance: &Instance<'_>| {
        let same = Endpoint::of_instance(workload, instance, endpoint.port);
        before.is_refused_by_strict(&same, sent_as, call)
    };
    if let Some((workload, instance)) = endpoint.represents.and_then(|by| before.instance_at(*by.class.members.first()?)) {
        return is_refused(workload, instance);
    }
    let Some((server, _)) = endpoint.server else { return false };
    let own = before.workloads_in(&server.subject.namespace).iter().find(|workload| workload.subject == server.subject);
    own.is_some_and(|workload| workload.instances.iter().all(|instance| is_refused(workload, instance)))
}
