//! Ports on which ambient accepts plaintext although policies set STRICT.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{AmbientDivergence, Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS115",
    name: "ambient-fail-open",
    severity: Severity::Error,
    summary: "Because of how policies combine, ambient accepts plaintext on ports for which PeerAuthentications set STRICT.",
    why: "istiod decides in one place which policy a workload references and in another what that policy contains. In two \
          combinations the referenced policy is never generated, and ztunnel accepts whatever no policy denies. Found by reading \
          Istio's source.",
    fix: "Set STRICT in the workload's own policy, or add a PeerAuthentication with a mode to the namespace so that nothing is inherited.",
    bad: include_str!("ambient_fail_open.bad.yaml"),
    good: include_str!("ambient_fail_open.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S128", "S129", "S134"],
};

/// The ports and workloads that accept plaintext because of one policy.
#[derive(Default)]
struct Open<'m> {
    ports: BTreeSet<u16>,
    workloads: BTreeSet<&'m Subject>,
    is_whole: bool,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<&Id, Open<'_>> = BTreeMap::new();
    for (workload, _, server) in mesh.servers() {
        let corner = server.ambient.as_ref().and_then(|ambient| ambient.divergence);
        let Some(policy) = server
            .decision
            .workload
            .filter(|_| matches!(corner, Some(AmbientDivergence::StrictPortStaysOpen | AmbientDivergence::EveryPortOpens)))
        else {
            continue;
        };
        let open = causes.entry(&policy.id).or_default();
        open.workloads.insert(&workload.subject);
        open.is_whole |= corner == Some(AmbientDivergence::EveryPortOpens);
        let is_open = |port: &u16| server.port(*port).policy_mode == Mode::Strict && server.port(*port).mode != Some(Mode::Strict);
        open.ports.extend(server.decision.ports().filter(is_open));
    }
    for (id, open) in causes {
        let what = match (open.is_whole, open.ports.first()) {
            (false, Some(_)) => format!("port {}", list_names(&open.ports)),
            _ => "every port".into(),
        };
        let message = format!(
            "because of {id}, ambient accepts plaintext on {what} of {}, although the policies set STRICT",
            list_names(&open.workloads)
        );
        let at = if open.is_whole { FieldPath::of("spec.portLevelMtls") } else { FieldPath::of("spec.mtls.mode") };
        out.push(Finding::about(&RULE, mesh.snapshot(), id, at, message).with_related(open.workloads.into_iter().cloned()));
    }
}
