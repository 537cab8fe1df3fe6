//! Compares blockers with traffic: traffic excludes some and adds others; a workload without traffic evidence is a blocker too (S209).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{Blocker, BlockerSubject, Confidence, MigrationCause, Today},
    target::{Target, is_governed},
};
use crate::{
    istio::Mode,
    mesh::{Failure, Mesh, Subject, Workload},
    object::{
        Id, Kind,
        evidence::{NamedBy, Pair, Peer},
        list_names,
    },
    queries::evidence::{TrafficAssessment, TrafficVerdict},
};

/// What traffic proves about each workload.
pub type Assessments<'e> = BTreeMap<Subject, TrafficAssessment<'e>>;

/// The blockers after comparison with traffic; `after` is the mesh as it would be.
///
/// A blocker that is only possible is excluded for servers whose verdict is [`TrafficVerdict::NoPlaintext`]. Plaintext that arrived at a port
/// that will be STRICT is a blocker of its own, and so is a workload without traffic evidence, because its clients are unknown.
#[must_use]
pub fn with_traffic_evidence(
    after: &Mesh<'_>,
    target: &Target<'_>,
    assessments: &Assessments<'_>,
    mut blockers: Vec<Blocker>,
) -> Vec<Blocker> {
    let is_safe = |server: &Subject| assessments.get(server).is_some_and(|assessment| assessment.verdict == TrafficVerdict::NoPlaintext);
    for blocker in blockers.iter_mut().filter(|blocker| blocker.confidence == Confidence::Possible) {
        blocker.servers.retain(|server, _| !is_safe(server));
    }
    blockers.retain(|blocker| !blocker.servers.is_empty());
    for workload in after.workloads().iter().filter(|workload| target.governs(workload)) {
        let assessment = assessments.get(&workload.subject);
        match assessment.map(|assessment| assessment.verdict) {
            Some(TrafficVerdict::PlaintextSeen) => {
                blockers.extend(assessment.and_then(|assessment| plaintext_seen(after, workload, assessment)));
            }
            Some(TrafficVerdict::NotCovered) => blockers.extend(without_evidence(after, workload)),
            Some(TrafficVerdict::Refused | TrafficVerdict::NoPlaintext | TrafficVerdict::NoTraffic) | None => {}
        }
    }
    blockers
}

impl Target<'_> {
    /// Whether a workload is to become STRICT and has instances that policies govern.
    #[must_use]
    pub fn governs(&self, workload: &Workload<'_>) -> bool {
        self.contains(workload) && workload.instances.iter().any(is_governed)
    }
}

/// Plaintext that arrived where it will be refused; `None` if every port that it may have arrived at stays open.
fn plaintext_seen(after: &Mesh<'_>, workload: &Workload<'_>, assessment: &TrafficAssessment<'_>) -> Option<Blocker> {
    let refused: Vec<(&Pair, BTreeSet<u16>)> =
        assessment.plaintext.iter().filter_map(|(pair, _)| Some((*pair, refusing_ports(after, workload, pair)?))).collect();
    let clients: BTreeSet<String> = refused.iter().map(|(pair, _)| describe_client(pair)).collect();
    let ports: BTreeSet<u16> = refused.iter().flat_map(|(_, ports)| ports.iter().copied()).collect();
    // No exception can be made for a call whose port is unknown.
    let ports = if refused.iter().any(|(_, ports)| ports.is_empty()) { BTreeSet::new() } else { ports };
    (!clients.is_empty()).then(|| Blocker {
        servers: BTreeMap::from([(workload.subject.clone(), ports)]),
        client: list_names(clients),
        failure: Some(Failure::PlaintextToStrictNoEnvoy),
        confidence: Confidence::Seen,
        ..traffic_blocker(MigrationCause::PlaintextSeen, workload)
    })
}

/// A workload without traffic evidence, if any of its instances may refuse plaintext.
fn without_evidence(after: &Mesh<'_>, workload: &Workload<'_>) -> Option<Blocker> {
    let blocker = || Blocker { client: "unobserved clients".into(), ..traffic_blocker(MigrationCause::NoEvidence, workload) };
    refuses(after, workload, None).then(blocker)
}

fn traffic_blocker(cause: MigrationCause, workload: &Workload<'_>) -> Blocker {
    Blocker {
        cause,
        namespace: workload.subject.namespace.clone(),
        servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::new())]),
        client: String::new(),
        subject: BlockerSubject::Servers,
        failure: None,
        confidence: Confidence::Possible,
        today: Today::Works,
    }
}

/// The ports of a workload that a call may have arrived at and that may refuse it; empty if the port is unknown, and `None` if
/// all of them stay open. Metrics have no port, but they name the Service.
fn refusing_ports(after: &Mesh<'_>, workload: &Workload<'_>, pair: &Pair) -> Option<BTreeSet<u16>> {
    let ports = ports(workload, pair);
    if ports.is_empty() {
        return refuses(after, workload, None).then_some(ports);
    }
    let refused: BTreeSet<u16> = ports.into_iter().filter(|port| refuses(after, workload, Some(*port))).collect();
    (!refused.is_empty()).then_some(refused)
}

/// The ports of a workload that the Service of a pair routes to.
fn ports(workload: &Workload<'_>, pair: &Pair) -> BTreeSet<u16> {
    let is_it = |id: &Id| id.kind == Kind::Service && id.path() == *pair.service;
    let all = workload.instances.iter().flat_map(|instance| &instance.ports);
    all.filter(|(_, port)| port.by_services.iter().any(|port| is_it(port.service))).map(|(number, _)| *number).collect()
}

/// Whether any instance of a workload refuses plaintext at a port, or as a whole without a port. An uncertain mode counts as a refusal.
fn refuses(mesh: &Mesh<'_>, workload: &Workload<'_>, port: Option<u16>) -> bool {
    workload.instances.iter().filter(|instance| is_governed(instance)).any(|instance| {
        let server = mesh.server(workload, instance);
        let own = port.map_or_else(|| server.workload(), |port| server.port(port));
        !own.is_certain || own.mode == Some(Mode::Strict)
    })
}

/// The name of a client and the source of that name: a client without a certificate can give any name.
fn describe_client(pair: &Pair) -> String {
    let Peer { namespace, workload, .. } = &pair.client;
    match pair.named_by {
        NamedBy::Unknown => "an unnamed client".into(),
        NamedBy::Headers => format!("{namespace}/{workload} (self-reported)"),
        NamedBy::Address => format!("{namespace}/{workload} (identified by its address)"),
    }
}
