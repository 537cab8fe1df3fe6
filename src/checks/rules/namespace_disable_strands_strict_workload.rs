//! A namespace or mesh policy with DISABLE over a STRICT workload or port.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, mode_advice::with_permissive_advice},
    istio::{Mode, PeerAuthentication},
    mesh::{Dataplane, Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS110",
    name: "namespace-disable-strands-strict-workload",
    severity: Severity::Error,
    summary: "A namespace or mesh policy sets DISABLE, while a workload or port to which Services route is STRICT.",
    why: "Clients with automatic mTLS use the policy of the namespace, not that of the workload. They send plaintext, and the STRICT \
          workload closes every connection.",
    fix: "Set the namespace to PERMISSIVE or STRICT, and set DISABLE only for the workloads that need it.",
    bad: include_str!("namespace_disable_strands_strict_workload.bad.yaml"),
    good: include_str!("namespace_disable_strands_strict_workload.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Service],
    aka: &[],
    see: &["S17", "S70", "S71"],
};

/// The ports to which one policy makes clients send plaintext, and the policies that make them STRICT.
#[derive(Default)]
struct Conflict<'m> {
    ports: BTreeSet<(&'m Subject, u16)>,
    policies: BTreeSet<&'m Id>,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<&Id, Conflict<'_>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let namespace = &workload.subject.namespace;
        // Clients of ambient workloads use HBONE, independent of policies (S97).
        if instance.dataplane != Dataplane::Sidecar || !mesh.control_planes().of_revision(&instance.revision).auto_mtls {
            continue;
        }
        let wide = mesh.namespace_mode(namespace);
        let Some(cause) = wide.decided_by.filter(|_| wide.mode == Mode::Disable) else { continue };
        for (&port, declared) in &instance.ports {
            let mode = server.port(port);
            if mode.mode == Some(Mode::Strict) && !declared.by_services.is_empty() {
                let conflict = causes.entry(cause).or_default();
                conflict.ports.insert((&workload.subject, port));
                conflict.policies.extend(mode.decided_by);
            }
        }
    }
    for (id, conflict) in causes {
        let ports = list_names(conflict.ports.iter().map(|(subject, port)| format!("{subject} port {port}")));
        let workloads: BTreeSet<&Subject> = conflict.ports.iter().map(|(subject, _)| *subject).collect();
        out.push(finding(mesh, id, &ports, conflict.policies, &workloads));
    }
    for (id, policies) in unread_conflicts(mesh) {
        out.push(finding(mesh, id, "the selected workloads (none of them was read)", policies, &BTreeSet::new()));
    }
}

fn finding(mesh: &Mesh<'_>, wide: &Id, what: &str, policies: BTreeSet<&Id>, workloads: &BTreeSet<&Subject>) -> Finding {
    let strict = list_names(policies.iter().map(|id| id.path()));
    let message = format!("{wide} sets DISABLE, so clients with automatic mTLS send plaintext to {what}, which {strict} makes STRICT");
    let at = FieldPath::of("spec.mtls.mode");
    let related = policies.into_iter().map(Subject::from).chain(workloads.iter().copied().cloned());
    let finding = Finding::about(&RULE, mesh.snapshot(), wide, at, message).with_related(related);
    with_permissive_advice(mesh, finding, wide)
}

/// Conflicting policies in namespaces without any workload that was read: the STRICT policies, by the one with mode DISABLE.
fn unread_conflicts<'m>(mesh: &'m Mesh<'_>) -> BTreeMap<&'m Id, BTreeSet<&'m Id>> {
    let mut causes: BTreeMap<&Id, BTreeSet<&Id>> = BTreeMap::new();
    let has_auto_mtls = |namespace: &str| mesh.control_planes().of_namespace(mesh.namespace_labels(namespace)).auto_mtls;
    for namespace in mesh.namespaces().keys().filter(|name| mesh.may_have_unread_sidecars(name) && has_auto_mtls(name)) {
        let wide = mesh.namespace_mode(namespace);
        let Some(cause) = wide.decided_by.filter(|_| wide.mode == Mode::Disable && !mesh.control_planes().is_root(namespace)) else {
            continue;
        };
        let is_strict = |policy: &&PeerAuthentication| {
            policy.mode == Some(Mode::Strict) || policy.ports.values().any(|mode| *mode == Some(Mode::Strict))
        };
        let strict: BTreeSet<&Id> = mesh.policies().workload_specific(namespace).filter(is_strict).map(|policy| &policy.id).collect();
        if !strict.is_empty() {
            causes.entry(cause).or_default().extend(strict);
        }
    }
    causes
}
