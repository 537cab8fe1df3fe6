//! What traffic says of blockers: some nobody met, others were seen, and of some workloads nobody can tell (S209).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{Blocker, Cause, Confidence, Shown},
    target::{Target, is_governed},
};
use crate::{
    istio::Mode,
    mesh::{Failure, Mesh, Subject, Workload},
    object::{
        Id, Kind,
        evidence::{NamedBy, Pair, Peer},
        first_of,
    },
    queries::evidence::{Traffic, TrafficVerdict},
};

/// What traffic proves about each workload.
pub type Verdicts<'e> = BTreeMap<Subject, TrafficVerdict<'e>>;

/// The blockers in the light of traffic, `after` being the mesh as it would be.
///
/// What can only call did not, where all that arrived was mutual TLS and somebody was there to see. Plaintext that arrived at a port
/// that will be STRICT is a blocker of its own, and so is a workload that nobody watched: whoever calls it is not known.
#[must_use]
pub fn weighed(after: &Mesh<'_>, target: &Target<'_>, verdicts: &Verdicts<'_>, mut blockers: Vec<Blocker>) -> Vec<Blocker> {
    let is_safe = |server: &Subject| verdicts.get(server).is_some_and(|verdict| verdict.traffic == Traffic::NoPlaintext);
    for blocker in blockers.iter_mut().filter(|blocker| blocker.confidence == Confidence::Possible) {
        blocker.servers.retain(|server, _| !is_safe(server));
    }
    blockers.retain(|blocker| !blocker.servers.is_empty());
    for workload in after.workloads().iter().filter(|workload| target.governs(workload)) {
        let verdict = verdicts.get(&workload.subject);
        match verdict.map(|verdict| verdict.traffic) {
            Some(Traffic::PlaintextSeen) => blockers.extend(verdict.and_then(|verdict| seen(after, workload, verdict))),
            Some(Traffic::NotCovered) => blockers.extend(unwatched(after, workload)),
            Some(Traffic::Refused | Traffic::NoPlaintext | Traffic::NoTraffic) | None => {}
        }
    }
    blockers
}

impl Target<'_> {
    /// Whether a workload is to go STRICT and has instances that policies govern.
    #[must_use]
    pub fn governs(&self, workload: &Workload<'_>) -> bool {
        self.holds(workload) && workload.instances.iter().any(is_governed)
    }
}

/// Plaintext that arrived where it will be refused. `None` where each port that it can have come to stays open.
fn seen(after: &Mesh<'_>, workload: &Workload<'_>, verdict: &TrafficVerdict<'_>) -> Option<Blocker> {
    let refused: Vec<(&Pair, BTreeSet<u16>)> =
        verdict.plaintext.iter().filter_map(|(pair, _)| Some((*pair, refused(after, workload, pair)?))).collect();
    let clients: BTreeSet<String> = refused.iter().map(|(pair, _)| client(pair)).collect();
    let ports: BTreeSet<u16> = refused.iter().flat_map(|(_, ports)| ports.iter().copied()).collect();
    // Of a call whose port nobody knows no exception can be made.
    let ports = if refused.iter().any(|(_, ports)| ports.is_empty()) { BTreeSet::new() } else { ports };
    (!clients.is_empty()).then(|| Blocker {
        servers: BTreeMap::from([(workload.subject.clone(), ports)]),
        client: first_of(3, clients),
        failure: Some(Failure::F1),
        confidence: Confidence::Seen,
        ..of_traffic(Cause::PlaintextSeen, workload)
    })
}

/// A workload that nobody watched, if any of it will refuse plaintext.
fn unwatched(after: &Mesh<'_>, workload: &Workload<'_>) -> Option<Blocker> {
    let blocker = || Blocker { client: "clients that nobody watches".into(), ..of_traffic(Cause::NoEvidence, workload) };
    refuses(after, workload, None).then(blocker)
}

fn of_traffic(cause: Cause, workload: &Workload<'_>) -> Blocker {
    Blocker {
        cause,
        namespace: workload.subject.namespace.clone(),
        servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::new())]),
        client: String::new(),
        shown_by: Shown::Servers,
        failure: None,
        confidence: Confidence::Possible,
        fails_already: false,
    }
}

/// The ports of a workload that a call may have come to and that will refuse it; empty where nobody knows the port, and `None` where
/// all of them stay open. Metrics have no port, but they name the Service.
fn refused(after: &Mesh<'_>, workload: &Workload<'_>, pair: &Pair) -> Option<BTreeSet<u16>> {
    let ports = ports(workload, pair);
    if ports.is_empty() {
        return refuses(after, workload, None).then_some(ports);
    }
    let refused: BTreeSet<u16> = ports.into_iter().filter(|port| refuses(after, workload, Some(*port))).collect();
    (!refused.is_empty()).then_some(refused)
}

/// The ports of a workload that a Service leads to.
fn ports(workload: &Workload<'_>, pair: &Pair) -> BTreeSet<u16> {
    let is_it = |id: &Id| id.kind == Kind::Service && id.path() == *pair.service;
    let all = workload.instances.iter().flat_map(|instance| &instance.ports);
    all.filter(|(_, port)| port.by_services.iter().any(|port| is_it(port.service))).map(|(number, _)| *number).collect()
}

/// Whether any of a workload refuses plaintext at a port, or where no port says otherwise.
fn refuses(mesh: &Mesh<'_>, workload: &Workload<'_>, port: Option<u16>) -> bool {
    workload.instances.iter().filter(|instance| is_governed(instance)).any(|instance| {
        let server = mesh.server(workload, instance);
        let own = port.map_or_else(|| server.workload(), |port| server.port(port));
        !own.is_certain || own.mode == Some(Mode::Strict)
    })
}

/// A client as far as it is known: what shows no certificate can give any name.
fn client(pair: &Pair) -> String {
    let Peer { namespace, workload, .. } = &pair.client;
    match pair.named_by {
        NamedBy::Nobody => "a client without name".into(),
        NamedBy::Headers => format!("{namespace}/{workload} (by its own word)"),
        NamedBy::Address => format!("{namespace}/{workload} (by its address)"),
    }
}
