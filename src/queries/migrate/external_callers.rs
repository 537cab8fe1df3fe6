//! Callers outside the mesh that fail once the target is STRICT: kubelet, Prometheus, API server and clients outside the mesh (S193–S196).

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, BlockerSubject, Confidence, MigrationCause, Target, Today};
use crate::{
    mesh::{ExternalCaller, ExternalCallerKind, Instance, Mesh, RefusedCaller, Verdict, Workload},
    queries::compare::BeforeAfter,
};

/// A blocker for each caller from outside the mesh that fails in the state after.
pub(super) fn blockers(states: BeforeAfter<'_>, target: &Target<'_>) -> Vec<Blocker> {
    let affected = states.after.refused_external_callers().filter(|refused| target.contains(refused.workload));
    affected.map(|refused| blocker(states, refused)).collect()
}

fn blocker(states: BeforeAfter<'_>, refused: RefusedCaller<'_>) -> Blocker {
    let RefusedCaller { workload, instance, caller, failure } = refused;
    Blocker {
        cause: cause(caller.kind),
        namespace: workload.subject.namespace.clone(),
        servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::from([caller.port]))]),
        client: format!("{} ({})", describe_caller(caller.kind), caller.message),
        subject: BlockerSubject::Field(caller.defined_by.clone(), caller.at.clone()),
        failure: Some(failure),
        confidence: if caller.is_certain { Confidence::Certain } else { Confidence::Possible },
        today: today(states.before, workload, instance, caller),
    }
}

/// The result of the same call in the state before.
fn today(before: &Mesh<'_>, workload: &Workload<'_>, instance: &Instance<'_>, caller: &ExternalCaller) -> Today {
    let same = |other: &&Workload<'_>| other.subject == workload.subject;
    let was = before.workloads_in(&workload.subject.namespace).iter().find(same);
    let was = was.and_then(|was| Some((was, was.instances.iter().find(|other| other.pods == instance.pods)?)));
    let Some((was, own)) = was else { return Today::Works };
    match before.external_verdict(was, own, caller) {
        Verdict::Fail(_) if before.is_caller_refused_by_strict(was, own, caller) => Today::CutOff,
        Verdict::Fail(_) => Today::Fails,
        Verdict::Mtls | Verdict::Tls | Verdict::Plaintext | Verdict::Unknown => Today::Works,
    }
}

fn cause(kind: ExternalCallerKind) -> MigrationCause {
    match kind {
        ExternalCallerKind::Probe => MigrationCause::Probe,
        ExternalCallerKind::LateProbe => MigrationCause::LateProbe,
        ExternalCallerKind::Scraper => MigrationCause::Scraper,
        ExternalCallerKind::ApiServer => MigrationCause::Webhook,
        ExternalCallerKind::Outside | ExternalCallerKind::IngressController | ExternalCallerKind::IngressAmbient => MigrationCause::Exposed,
        ExternalCallerKind::IngressSidecar => MigrationCause::PodIp,
    }
}

/// A short name for a caller from outside the mesh.
#[must_use]
pub fn describe_caller(kind: ExternalCallerKind) -> &'static str {
    match kind {
        ExternalCallerKind::Probe | ExternalCallerKind::LateProbe => "the kubelet",
        ExternalCallerKind::Scraper => "Prometheus",
        ExternalCallerKind::ApiServer => "the API server",
        ExternalCallerKind::Outside => "clients outside the mesh",
        ExternalCallerKind::IngressController => "an ingress controller without a proxy",
        ExternalCallerKind::IngressSidecar => "an ingress controller that calls the addresses of pods",
        ExternalCallerKind::IngressAmbient => "an ingress controller in ambient",
    }
}
