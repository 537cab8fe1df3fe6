//! STRICT policies that no proxy enforces.

use std::collections::BTreeMap;

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Mode, PodSpec},
    mesh::{Dataplane, Instance, Mesh, Workload},
    object::{FieldPath, Id, Kind, Text, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS109",
    name: "unenforced-policy",
    severity: Severity::Error,
    summary: "A policy sets STRICT for a workload that no proxy protects.",
    why: "A workload without a proxy in front of it accepts all traffic. The policy looks like protection in every review and \
          provides none.",
    fix: "Bring the workload into the mesh and restart its pods, or, if it must stay outside, move it to a namespace without the policy.",
    bad: include_str!("unenforced_policy.bad.yaml"),
    good: include_str!("unenforced_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Namespace],
    aka: &[],
    see: &["S34", "S35", "S113", "S119", "S146", "S156"],
};

/// A workload that a STRICT policy does not protect, and why not.
struct Exposed<'m> {
    workload: &'m Workload<'m>,
    instance: &'m Instance<'m>,
    policy: &'m Id,
    cause: Cause,
}

/// Why nothing is enforced.
#[derive(Clone, Copy)]
struct Cause {
    reason: &'static str,
    fix: &'static str,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut namespaces: BTreeMap<(&Text, &Id), Vec<Exposed<'_>>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let mode = server.workload();
        let Some(policy) = mode.decided_by.filter(|_| mode.policy_mode == Mode::Strict && mode.mode.is_none()) else { continue };
        let Some(cause) = exposure(instance) else { continue };
        if !is_intended(mesh, workload, policy) {
            continue;
        }
        let exposed = namespaces.entry((&workload.subject.namespace, policy)).or_default();
        if exposed.last().is_none_or(|last| last.workload.subject != workload.subject) {
            exposed.push(Exposed { workload, instance, policy, cause });
        }
    }
    for ((namespace, policy), exposed) in namespaces {
        let is_whole_namespace = exposed.len() > 1 && exposed.len() == mesh.workloads_in(namespace).len();
        if is_whole_namespace {
            out.push(of_namespace(mesh, policy, namespace, &exposed));
        } else {
            out.extend(exposed.iter().map(of_workload));
        }
    }
}

/// Why nothing is enforced for an instance; `None` if that is expected or unknown.
fn exposure(instance: &Instance<'_>) -> Option<Cause> {
    let (reason, fix) = match instance.dataplane {
        _ if instance.is_assumed => return None,
        Dataplane::None if instance.spec.is_some_and(PodSpec::is_on_host_network) => (
            "uses the host network, where no proxy is ever injected",
            "Remove `hostNetwork` from the pod, or move it to a namespace without the policy.",
        ),
        // Whether a machine has a proxy is not in the configuration (S156).
        Dataplane::None if instance.spec.is_none() => return None,
        Dataplane::None => ("has no proxy", RULE.fix),
        Dataplane::Sidecar => (
            "has a sidecar that captures no inbound traffic",
            "Remove interceptionMode NONE or the empty includeInboundPorts, and restart the pods.",
        ),
        Dataplane::Ambient => ("bypasses ztunnel", "Remove the annotation ambient.istio.io/bypass-inbound-capture, and restart the pods."),
        Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => return None,
    };
    Some(Cause { reason, fix })
}

/// Whether the policy is intended for this workload: a mesh-wide policy only for enrolled namespaces other than its own, and no policy
/// for jobs that declare no port.
fn is_intended(mesh: &Mesh<'_>, workload: &Workload<'_>, policy: &Id) -> bool {
    let namespace = &workload.subject.namespace;
    let serves = || {
        let mut ports = workload.instances.iter().flat_map(|instance| instance.ports.values());
        ports.any(crate::mesh::DeclaredPort::is_declared_outside_policies)
    };
    if matches!(workload.subject.kind.known(), Some(Kind::Job | Kind::CronJob)) && !serves() {
        return false;
    }
    let is_mesh_wide = mesh.control_planes().is_root(&policy.namespace);
    if !is_mesh_wide {
        return true;
    }
    let labels = mesh.namespace_labels(namespace);
    let has = |key, value| labels.is_some_and(|labels| labels.has(key, value));
    let is_enrolled = has("istio-injection", "enabled")
        || has("istio.io/dataplane-mode", "ambient")
        || labels.is_some_and(|labels| labels.get("istio-injection").is_none() && labels.get("istio.io/rev").is_some());
    is_enrolled && policy.namespace != *namespace
}

fn of_workload(exposed: &Exposed<'_>) -> Finding {
    let Exposed { workload, instance, policy, cause } = exposed;
    let (all, count) = (workload.pods(), instance.pods.len());
    let affected = if count == all { "it".to_owned() } else { format!("{count} of its {all} pods ({})", list_names(&instance.pods)) };
    let message = format!("{policy} sets STRICT for {}, but {affected} {}: nothing enforces it", workload.subject, cause.reason);
    Finding::about_workload(&RULE, workload, workload.metadata.clone(), message).with_fix(cause.fix).with_related([*policy])
}

fn of_namespace(mesh: &Mesh<'_>, policy: &Id, namespace: &Text, exposed: &[Exposed<'_>]) -> Finding {
    let names = list_names(exposed.iter().map(|exposed| &exposed.workload.subject));
    let message = format!(
        "{policy} sets STRICT, but nothing enforces it for any of the {} in namespace {namespace}: {names}",
        plural(exposed.len(), "workload")
    );
    Finding::about(&RULE, mesh.snapshot(), policy, FieldPath::of("spec.mtls.mode"), message)
        .with_related(exposed.iter().map(|exposed| exposed.workload.subject.clone()))
}
