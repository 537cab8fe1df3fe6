//! Callers outside the mesh that fail once the target is STRICT: kubelet, Prometheus, API server and clients outside the mesh (S193–S196).

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, BlockerSubject, Confidence, MigrationCause, Target};
use crate::{
    mesh::{CallProperties, ClientKind, Endpoint, ExternalCaller, ExternalCallerKind, Instance, Mesh, Verdict, Workload},
    queries::compare::BeforeAfter,
};

/// A blocker for each caller from outside the mesh that fails in the state after.
///
/// Callers that only open a connection are excluded: a sidecar accepts that in every mode (S186).
pub(super) fn blockers(states: BeforeAfter<'_>, target: &Target<'_>) -> Vec<Blocker> {
    let mut found = Vec::new();
    for workload in states.after.workloads().iter().filter(|workload| target.contains(workload)) {
        for instance in &workload.instances {
            let external_callers = states.after.external_callers(workload, instance);
            let affected = external_callers.iter().filter(|external_caller| !external_caller.is_connect_only);
            found.extend(affected.filter_map(|external_caller| blocker(states, workload, instance, external_caller)));
        }
    }
    found
}

fn blocker(states: BeforeAfter<'_>, workload: &Workload<'_>, instance: &Instance<'_>, external_caller: &ExternalCaller) -> Option<Blocker> {
    let Verdict::Fail(failure) = verdict(states.after, workload, instance, external_caller) else { return None };
    let same = |other: &&Workload<'_>| other.subject == workload.subject;
    let before = states.before.workloads_in(&workload.subject.namespace).iter().find(same);
    let same_instance = before.and_then(|before| Some((before, before.instances.iter().find(|other| other.pods == instance.pods)?)));
    Some(Blocker {
        cause: cause(external_caller.kind),
        namespace: workload.subject.namespace.clone(),
        servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::from([external_caller.port]))]),
        client: format!("{} ({})", name(external_caller.kind), external_caller.message),
        subject: BlockerSubject::Field(external_caller.defined_by.clone(), external_caller.at.clone()),
        failure: Some(failure),
        confidence: if external_caller.is_certain { Confidence::Certain } else { Confidence::Possible },
        fails_already: same_instance
            .is_some_and(|(was, own)| matches!(verdict(states.before, was, own, external_caller), Verdict::Fail(_))),
    })
}

fn verdict(mesh: &Mesh<'_>, workload: &Workload<'_>, instance: &Instance<'_>, external_caller: &ExternalCaller) -> Verdict {
    let endpoint = Endpoint::of(workload, instance, instance.pods.first().copied(), external_caller.port);
    let call = CallProperties::of(ClientKind::None);
    mesh.evaluate(&endpoint, external_caller.sent_as, call).verdict
}

fn cause(kind: ExternalCallerKind) -> MigrationCause {
    match kind {
        ExternalCallerKind::Probe => MigrationCause::Probe,
        ExternalCallerKind::Scraper => MigrationCause::Scraper,
        ExternalCallerKind::ApiServer => MigrationCause::Webhook,
        ExternalCallerKind::Outside => MigrationCause::Exposed,
    }
}

fn name(kind: ExternalCallerKind) -> &'static str {
    match kind {
        ExternalCallerKind::Probe => "the kubelet",
        ExternalCallerKind::Scraper => "Prometheus",
        ExternalCallerKind::ApiServer => "the API server",
        ExternalCallerKind::Outside => "clients outside the mesh",
    }
}
