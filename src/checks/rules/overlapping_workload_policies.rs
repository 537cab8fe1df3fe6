//! Several policies that select one workload.

use std::collections::BTreeMap;

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Mode, PeerAuthentication},
    mesh::{Decision, Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS103",
    name: "overlapping-workload-policies",
    severity: Severity::Warning,
    summary: "Several PeerAuthentications select one workload, so only the oldest applies; an error if an overridden one is stricter.",
    why: "Policies of one scope are never merged: neither the mode nor the ports of a younger one apply, and a selector with more \
          labels has no priority. An overridden STRICT policy looks secure and is not.",
    fix: "Merge them into one policy, or change the selectors so that each workload is selected once.",
    bad: include_str!("overlapping_workload_policies.bad.yaml"),
    good: include_str!("overlapping_workload_policies.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &["KIA0003"],
    see: &["S9", "S11"],
};

/// The workloads for which a policy is overridden, and the policies that override it.
#[derive(Default)]
struct Loss<'m> {
    workloads: Vec<&'m Subject>,
    winners: Vec<&'m Id>,
    is_stricter: bool,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut losses: BTreeMap<&Id, Loss<'_>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let Some(winner) = server.decision.workload else { continue };
        for loser in mesh.policies().matching(&workload.subject.namespace, &instance.labels).into_iter().skip(1) {
            let loss = losses.entry(&loser.id).or_default();
            if loss.workloads.last() != Some(&&workload.subject) {
                loss.workloads.push(&workload.subject);
            }
            if !loss.winners.contains(&&winner.id) {
                loss.winners.push(&winner.id);
            }
            loss.is_stricter |= is_stricter(loser, &server.decision);
        }
    }
    for (id, loss) in losses {
        let message = format!(
            "{id} does not apply to {} ({}): {} {} it{}",
            plural(loss.workloads.len(), "workload"),
            list_names(&loss.workloads),
            list_names(loss.winners.iter().map(|id| id.path())),
            if loss.winners.len() == 1 { "is older and overrides" } else { "are older and override" },
            if loss.is_stricter { ", although the overridden policy is stricter" } else { "" },
        );
        let severity = if loss.is_stricter { Severity::Error } else { Severity::Warning };
        let at = FieldPath::of("spec.selector.matchLabels");
        let related = loss.winners.iter().map(|id| Subject::from(*id)).chain(loss.workloads.iter().copied().cloned());
        out.push(Finding::about(&RULE, mesh.snapshot(), id, at, message).with_severity(severity).with_related(related));
    }
}

/// Whether the overridden policy would be stricter for the workload or for any port that either policy names.
fn is_stricter(loser: &PeerAuthentication, decision: &Decision<'_>) -> bool {
    let instead = Decision { workload: Some(loser), ..*decision };
    let ports = loser.ports.keys().copied().chain(decision.ports()).map(Some);
    let mode = |decision: &Decision<'_>, port| -> Mode { decision.mode(port).0 };
    ports.chain([None]).any(|port| mode(&instead, port) > mode(decision, port))
}
