//! Calls by the addresses of pods that no Service selects: nothing in the mesh announces them, and a sidecar sends them in plaintext (S50,
//! S197).

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, BlockerSubject, Confidence, MigrationCause, Target, Today};
use crate::{
    istio::Mode,
    mesh::{Dataplane, Failure, Instance, Mesh, Workload},
    object::Kind,
    queries::compare::BeforeAfter,
};

/// A blocker for each `StatefulSet` that has ports and no Service, if its ports become STRICT: its pods have identities of their own, and clients
/// that call them dial the pods. Of other workloads without a Service it is as likely that no client calls them.
///
/// Ports that only the kubelet or Prometheus call have blockers of their own.
pub(super) fn blockers(states: BeforeAfter<'_>, target: &Target<'_>) -> Vec<Blocker> {
    let mut found = Vec::new();
    let is_stateful = |workload: &&Workload<'_>| workload.subject.kind.known() == Some(Kind::StatefulSet);
    for workload in states.after.workloads().iter().filter(is_stateful).filter(|workload| target.contains(workload)) {
        let ports = dialled_ports(states, workload);
        if !ports.is_empty() {
            found.push(Blocker {
                cause: MigrationCause::PodIp,
                namespace: workload.subject.namespace.clone(),
                servers: BTreeMap::from([(workload.subject.clone(), ports)]),
                client: "clients with a sidecar that dial the addresses of its pods".to_owned(),
                subject: BlockerSubject::Servers,
                failure: Some(Failure::PlaintextToStrictEnvoy),
                confidence: Confidence::Possible,
                today: Today::Works,
            });
        }
    }
    found
}

/// The declared ports of a workload without Service that become STRICT.
fn dialled_ports(states: BeforeAfter<'_>, workload: &Workload<'_>) -> BTreeSet<u16> {
    let instances = workload.instances.iter().filter(|instance| instance.dataplane == Dataplane::Sidecar && !instance.is_assumed);
    let without_service = instances.filter(|instance| instance.ports.values().all(|port| port.by_services.is_empty()));
    without_service.flat_map(|instance| becoming_strict(states, workload, instance)).collect()
}

fn becoming_strict(states: BeforeAfter<'_>, workload: &Workload<'_>, instance: &Instance<'_>) -> Vec<u16> {
    let is_strict = |mesh: &Mesh<'_>, workload: &Workload<'_>, instance: &Instance<'_>, port: u16| {
        let mode = mesh.server(workload, instance).port(port);
        mode.mode == Some(Mode::Strict) && mode.is_enforcement_certain()
    };
    let declared = instance.ports.iter().filter(|(_, port)| port.by_container).map(|(port, _)| *port);
    let strict: Vec<u16> = declared.filter(|port| is_strict(states.after, workload, instance, *port)).collect();
    if strict.is_empty() {
        return strict;
    }
    let same = |other: &&Workload<'_>| other.subject == workload.subject;
    let before = states.before.workloads_in(&workload.subject.namespace).iter().find(same);
    let was_strict = |port: u16| before.is_some_and(|was| was.instances.iter().any(|own| is_strict(states.before, was, own, port)));
    let known = states.after.monitored_ports(workload, instance);
    strict.into_iter().filter(|port| !was_strict(*port) && !known.contains(port)).collect()
}
