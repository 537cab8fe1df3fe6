//! Callers that a STRICT in force certainly refuses, in the mesh as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{Blocker, BlockerSubject, Confidence, MergeScope, MigrationCause, Today, merged},
    external_callers,
    target::Target,
};
use crate::{
    istio::Mode,
    mesh::{CallProperties, Client, ClientKind, Dataplane, Endpoint, Instance, Mesh, SentAs, Subject, Verdict, Workload},
    object::{Labels, Text, list_names},
    queries::{compare::BeforeAfter, is_system},
};

/// The callers from outside the mesh that cannot reach what they call, one for each object that defines them.
///
/// Callers that may not exist are left out; [`super::possible_callers`] has them.
#[must_use]
pub fn refused_callers(mesh: &Mesh<'_>) -> Vec<Blocker> {
    merged(refused_callers_by_client(mesh), MergeScope::Mesh)
}

/// The callers from outside the mesh that cannot reach what they call, one for each call and server.
#[must_use]
pub fn refused_callers_by_client(mesh: &Mesh<'_>) -> Vec<Blocker> {
    let states = BeforeAfter { before: mesh, after: mesh };
    let mut found = external_callers::blockers(states, &Target::everything(mesh));
    found.retain(|blocker| blocker.confidence == Confidence::Certain);
    found
}

/// STRICT sidecars that do not accept HBONE, although ambient workloads may call them (S99, S202, S259): one for all of them.
#[must_use]
pub fn sidecars_without_hbone(mesh: &Mesh<'_>) -> Option<Blocker> {
    let clients = ambient_namespaces(mesh);
    let namespace = clients.first()?;
    let from = Client::any(mesh.indices(), namespace, Labels::default(), ClientKind::Ambient);
    let mut servers: BTreeMap<Subject, BTreeSet<u16>> = BTreeMap::new();
    for workload in mesh.workloads() {
        for instance in workload.instances.iter().filter(|instance| instance.dataplane == Dataplane::Sidecar && !instance.is_assumed) {
            let ports: BTreeSet<u16> = refusing_ports(mesh, workload, instance, &from).collect();
            if !ports.is_empty() {
                servers.entry(workload.subject.clone()).or_default().extend(ports);
            }
        }
    }
    let (first, _) = servers.first_key_value()?;
    Some(Blocker {
        cause: MigrationCause::DataPlanes,
        namespace: first.namespace.clone(),
        client: format!("ambient clients in {}", list_names(&clients)),
        servers,
        subject: BlockerSubject::Servers,
        failure: Some(crate::mesh::Failure::PlaintextToStrictNoEnvoy),
        confidence: Confidence::Possible,
        today: Today::CutOff,
    })
}

/// The ports behind Services at which a STRICT instance refuses ambient clients.
fn refusing_ports<'m>(
    mesh: &'m Mesh<'_>,
    workload: &'m Workload<'_>,
    instance: &'m Instance<'_>,
    from: &'m Client<'_>,
) -> impl Iterator<Item = u16> {
    let called = instance.ports.iter().filter(|(_, declared)| !declared.by_services.is_empty()).map(|(port, _)| *port);
    called.filter(move |port| {
        let endpoint = Endpoint::of_instance(workload, instance, *port);
        let sent_as = mesh.sent_as(from, None, &endpoint, false);
        let evaluation = mesh.evaluate(&endpoint, sent_as, CallProperties::of(ClientKind::Ambient));
        sent_as == SentAs::Plaintext && evaluation.mode == Some(Mode::Strict) && matches!(evaluation.verdict, Verdict::Fail(_))
    })
}

/// The namespaces that have clients in ambient.
fn ambient_namespaces(mesh: &Mesh<'_>) -> BTreeSet<Text> {
    let has_ambient = |workload: &&Workload<'_>| workload.instances.iter().any(|instance| instance.dataplane == Dataplane::Ambient);
    let all = mesh.workloads().iter().filter(|workload| !is_system(&workload.subject.namespace)).filter(has_ambient);
    all.map(|workload| workload.subject.namespace.clone()).collect()
}
