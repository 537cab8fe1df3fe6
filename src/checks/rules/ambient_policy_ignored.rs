//! Policies that ztunnel ignores or treats differently from a sidecar.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Mode, PeerAuthentication, Selector},
    mesh::{AmbientDivergence, Dataplane, Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS114",
    name: "ambient-policy-ignored",
    severity: Severity::Warning,
    summary: "ztunnel ignores a policy or treats it differently from a sidecar: DISABLE, `selector: {}` in the root namespace, or \
              policies of equal age.",
    why: "ztunnel knows only whether plaintext is denied. It always accepts mTLS, so DISABLE does not turn mTLS off; and istiod \
          selects the policies for ztunnel by different rules than for sidecars.",
    fix: "Set PERMISSIVE where plaintext should be accepted, remove an empty `selector`, and keep one policy per scope.",
    bad: include_str!("ambient_policy_ignored.bad.yaml"),
    good: include_str!("ambient_policy_ignored.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S126", "S127", "S134", "S282"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut disabled: BTreeMap<(&Id, Option<u16>), BTreeSet<&Subject>> = BTreeMap::new();
    let mut empty: BTreeMap<&Id, BTreeSet<&Subject>> = BTreeMap::new();
    let mut tied: BTreeMap<(&Id, &Id), BTreeSet<&Subject>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers().filter(|(_, instance, _)| instance.dataplane == Dataplane::Ambient) {
        let subject = &workload.subject;
        let namespace = &subject.namespace;
        let root = &mesh.control_planes().of_revision(&instance.revision).root_namespace;
        for port in std::iter::once(None).chain(server.decision.ports().map(Some)) {
            let is_own = port.is_none()
                || server.decision.workload.is_some_and(|p| port.is_some_and(|port| p.ports.get(&port).is_some_and(Option::is_some)));
            if let (Mode::Disable, Some(policy), true) = (server.decision.mode(port).0, server.decision.mode(port).1, is_own) {
                disabled.entry((&policy.id, port)).or_default().insert(subject);
            }
        }
        let mut mesh_wide = mesh.policies().namespace_wide(root);
        if let Some(policy) =
            mesh_wide.next().filter(|policy| policy.selector.is_set_but_empty() && namespace != root && policy.mode.is_some())
        {
            empty.entry(&policy.id).or_default().insert(subject);
        }
        // Of the mesh's policies those with an empty selector do not count; other ties without selector are MTLS101 and MTLS102.
        let is_first = |first: &PeerAuthentication| mesh.policies().namespace_wide(root).next().is_some_and(|one| one.id == first.id);
        let of_mesh = mesh.policies().namespace_wide(root).filter(|policy| policy.selector == Selector::Absent).collect::<Vec<_>>();
        let of_mesh = tie(&of_mesh).filter(|(first, _)| namespace != root && !is_first(first));
        let selecting = tie(&mesh.policies().matching(namespace, &instance.labels));
        for (first, second) in of_mesh.into_iter().chain(selecting) {
            tied.entry((&first.id, &second.id)).or_default().insert(subject);
        }
    }
    out.extend(disabled.into_iter().map(|((id, port), workloads)| disable_finding(mesh, id, port, &workloads)));
    out.extend(empty.into_iter().map(|(id, workloads)| selector_finding(mesh, id, &workloads)));
    out.extend(tied.into_iter().map(|((first, second), workloads)| tie_finding(mesh, first, second, &workloads)));
}

/// The oldest policy of a scope and one of equal age with other modes: which of them istiod uses is not determined (S282).
fn tie<'m>(scope: &[&'m PeerAuthentication]) -> Option<(&'m PeerAuthentication, &'m PeerAuthentication)> {
    let first = scope.first()?;
    let of_equal_age = scope.iter().take_while(|policy| policy.created == first.created);
    let other = of_equal_age.into_iter().find(|policy| (policy.mode, &policy.ports) != (first.mode, &first.ports))?;
    Some((first, other))
}

fn disable_finding(mesh: &Mesh<'_>, id: &Id, port: Option<u16>, workloads: &BTreeSet<&Subject>) -> Finding {
    let at = mesh.policies().get(id).map_or_else(FieldPath::default, |policy| policy.mode_field(port));
    let where_ = port.map(|port| format!(" for port {port}")).unwrap_or_default();
    let stays_strict = port.is_some()
        && mesh.servers().any(|(w, _, server)| {
            workloads.contains(&w.subject)
                && server.ambient.is_some_and(|ambient| ambient.divergence == Some(AmbientDivergence::DisablePortStaysStrict))
        });
    let effect =
        if stays_strict { "the port stays STRICT (S134)" } else { "mTLS stays enabled and plaintext is accepted, as with PERMISSIVE," };
    let message = format!("{id} sets DISABLE{where_}, which ambient does not support: {effect} for {}", list_names(workloads));
    Finding::about(&RULE, mesh.snapshot(), id, at, message).with_related(workloads.iter().copied().cloned())
}

fn selector_finding(mesh: &Mesh<'_>, id: &Id, workloads: &BTreeSet<&Subject>) -> Finding {
    let is_strict = mesh.policies().get(id).is_some_and(|policy| policy.mode == Some(Mode::Strict));
    let message = format!(
        "{id} has an empty selector, so it applies to sidecars only: it has no effect on {} in ambient ({})",
        plural(workloads.len(), "workload"),
        list_names(workloads)
    );
    let severity = if is_strict { Severity::Error } else { Severity::Warning };
    Finding::about(&RULE, mesh.snapshot(), id, FieldPath::of("spec.selector"), message)
        .with_severity(severity)
        .with_fix("Remove the field `selector`.")
        .with_related(workloads.iter().copied().cloned())
}

fn tie_finding(mesh: &Mesh<'_>, first: &Id, second: &Id, workloads: &BTreeSet<&Subject>) -> Finding {
    let message = format!(
        "{first} and {second} have the same age and different settings: which of them istiod uses for ambient is not determined (S282, {}: {})",
        plural(workloads.len(), "workload"),
        list_names(workloads)
    );
    Finding::about(&RULE, mesh.snapshot(), second, FieldPath::of("metadata.name"), message)
        .with_severity(Severity::Error)
        .with_fix("Delete one of them: until then the weaker counts as the mode.")
        .with_related(workloads.iter().copied().cloned().chain([first.into()]))
}
