//! Ports that no Service has: callers dial the addresses of pods, and a sidecar passes that on in plaintext (S50, S197).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{Blocker, BlockerSubject, Confidence, MigrationCause, Today},
    target::Target,
};
use crate::{
    istio::{Mode, PodSpec},
    mesh::{CallProperties, ClientKind, Dataplane, Endpoint, Failure, Instance, Mesh, SentAs, Verdict, Workload},
    queries::compare::BeforeAfter,
};

/// A blocker for each server with such ports. The configuration does not show the calls, so they are only possible.
pub(super) fn blockers(states: BeforeAfter<'_>, target: &Target<'_>) -> Vec<Blocker> {
    let has_sidecar = |workload: &&Workload<'_>| workload.instances.iter().any(|one| one.dataplane == Dataplane::Sidecar);
    let count = states.after.workloads().iter().filter(has_sidecar).take(2).count();
    let servers = states.after.workloads().iter().filter(|workload| target.contains(workload));
    let has_clients = |workload: &&Workload<'_>| count > 1 || workload.pods() > 1;
    servers.filter(has_sidecar).filter(has_clients).filter_map(|workload| of_server(states, workload)).collect()
}

fn of_server(states: BeforeAfter<'_>, workload: &Workload<'_>) -> Option<Blocker> {
    let mut failing: BTreeMap<u16, Failure> = BTreeMap::new();
    // Clients of a workload with other ports behind services are expected to use these.
    let is_selected = workload.instances.iter().any(|one| one.ports.values().any(|port| !port.by_services.is_empty()));
    if is_selected {
        return None;
    }
    for instance in workload.instances.iter().filter(|one| one.dataplane == Dataplane::Sidecar && !one.is_assumed) {
        for port in unserved_ports(states.after, workload, instance) {
            let endpoint = Endpoint::of_instance(workload, instance, port);
            let verdict = states.after.evaluate(&endpoint, SentAs::Plaintext, CallProperties::of(ClientKind::Sidecar)).verdict;
            if let Verdict::Fail(failure) = verdict
                && !is_strict(states.before, workload, port)
            {
                failing.insert(port, failure);
            }
        }
    }
    let failure = *failing.values().next()?;
    Some(Blocker {
        cause: MigrationCause::PodIp,
        namespace: workload.subject.namespace.clone(),
        servers: BTreeMap::from([(workload.subject.clone(), failing.keys().copied().collect())]),
        client: "sidecars that dial pods (no Service has the port)".to_owned(),
        subject: BlockerSubject::Servers,
        failure: Some(failure),
        confidence: Confidence::Possible,
        today: Today::Works,
    })
}

/// The ports of containers that no service has as target, without those of which the callers are known: Prometheus, host ports, and HTTP
/// probes, whether or not injection rewrites them. A probe that only connects does not show the callers of the port.
fn unserved_ports(mesh: &Mesh<'_>, workload: &Workload<'_>, instance: &Instance<'_>) -> BTreeSet<u16> {
    let is_unserved = |port: &u16| {
        let endpoint = Endpoint::of_instance(workload, instance, *port);
        mesh.declared_at(&endpoint).is_none()
    };
    let declared = instance.ports.iter().filter(|(_, port)| port.by_container && !port.by_sidecar && port.by_services.is_empty());
    let mut found: BTreeSet<u16> = declared.map(|(number, _)| *number).filter(is_unserved).collect();
    if !found.is_empty() {
        let external = mesh.external_callers(workload, instance);
        let known = external.iter().filter(|caller| !caller.is_connect_only).map(|caller| caller.port);
        let probed = instance.spec.map(PodSpec::http_probes).unwrap_or_default();
        for port in known.chain(probed) {
            found.remove(&port);
        }
    }
    found
}

fn is_strict(before: &Mesh<'_>, workload: &Workload<'_>, port: u16) -> bool {
    let same = before.workloads_in(&workload.subject.namespace).iter().find(|other| other.subject == workload.subject);
    same.is_some_and(|own| own.instances.iter().all(|instance| before.server(own, instance).port(port).mode == Some(Mode::Strict)))
}
