//! Whoever calls the target from outside the mesh and fails once it is STRICT: kubelet, Prometheus, API server, the world (S193–S196).

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, Cause, Confidence, Shown, Target};
use crate::{
    mesh::{Call, ClientKind, Endpoint, Instance, Mesh, Stranger, Verdict, Who, Workload},
    queries::relations::States,
};

/// A blocker for each caller from outside the mesh that fails in the state after.
///
/// What only opens a connection is left out: a sidecar accepts that in every mode (S186).
pub(super) fn blockers(states: States<'_>, target: &Target<'_>) -> Vec<Blocker> {
    let mut found = Vec::new();
    for workload in states.after.workloads().iter().filter(|workload| target.holds(workload)) {
        for instance in &workload.instances {
            let strangers = states.after.strangers(workload, instance);
            let heard = strangers.iter().filter(|stranger| !stranger.is_blind);
            found.extend(heard.filter_map(|stranger| blocker(states, workload, instance, stranger)));
        }
    }
    found
}

fn blocker(states: States<'_>, workload: &Workload<'_>, instance: &Instance<'_>, stranger: &Stranger) -> Option<Blocker> {
    let Verdict::Fail(failure) = verdict(states.after, workload, instance, stranger) else { return None };
    let same = |other: &&Workload<'_>| other.subject == workload.subject;
    let before = states.before.workloads_in(&workload.subject.namespace).iter().find(same);
    let twin = before.and_then(|before| Some((before, before.instances.iter().find(|other| other.pods == instance.pods)?)));
    Some(Blocker {
        cause: cause(stranger.who),
        namespace: workload.subject.namespace.clone(),
        servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::from([stranger.port]))]),
        client: format!("{} ({})", name(stranger.who), stranger.says),
        shown_by: Shown::Field(stranger.shown_by.clone(), stranger.at.clone()),
        failure: Some(failure),
        confidence: if stranger.is_certain { Confidence::Certain } else { Confidence::Possible },
        fails_already: twin.is_some_and(|(was, own)| matches!(verdict(states.before, was, own, stranger), Verdict::Fail(_))),
    })
}

fn verdict(mesh: &Mesh<'_>, workload: &Workload<'_>, instance: &Instance<'_>, stranger: &Stranger) -> Verdict {
    let endpoint = Endpoint::of(workload, instance, instance.pods.first().copied(), stranger.port);
    let call = Call { from: ClientKind::None, is_tcp: false, is_server_first: false };
    mesh.judge(&endpoint, stranger.wire, call).verdict
}

fn cause(who: Who) -> Cause {
    match who {
        Who::Probe => Cause::Probe,
        Who::Scraper => Cause::Scraper,
        Who::ApiServer => Cause::Webhook,
        Who::Outside => Cause::Exposed,
    }
}

fn name(who: Who) -> &'static str {
    match who {
        Who::Probe => "the kubelet",
        Who::Scraper => "Prometheus",
        Who::ApiServer => "the API server",
        Who::Outside => "clients outside the mesh",
    }
}
