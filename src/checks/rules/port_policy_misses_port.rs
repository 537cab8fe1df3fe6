//! Port modes for ports that no selected workload declares.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Mode, PeerAuthentication},
    mesh::{DeclaredPort, Mesh, Subject},
    object::{Edit, FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS106",
    name: "port-policy-misses-port",
    severity: Severity::Warning,
    summary: "A `portLevelMtls` key is not a port that a container, Service or Sidecar resource of the selected workloads declares.",
    why: "The keys are workload ports, on which containers listen, and never Service ports. A key for any other port affects no port \
          that clients call.",
    fix: "Use the port number on which the container listens.",
    bad: include_str!("port_policy_misses_port.bad.yaml"),
    good: include_str!("port_policy_misses_port.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Service],
    aka: &[],
    see: &["S16", "S24"],
};

/// One `portLevelMtls` key of one policy.
#[derive(Default)]
struct Key<'m> {
    is_declared: bool,
    workloads: BTreeSet<&'m Subject>,
    /// Workload ports behind Service ports of that number.
    targets: BTreeSet<u16>,
    declared: BTreeSet<u16>,
    /// The modes that the policies set for each workload port; `None` if no proxy enforces one.
    modes: BTreeMap<u16, BTreeSet<Option<Mode>>>,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut keys: BTreeMap<(&Id, u16), Key<'_>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let Some(policy) = server.decision.workload.filter(|policy| !policy.ports.is_empty()) else { continue };
        let declared = &instance.ports;
        let real: BTreeMap<u16, &DeclaredPort> =
            declared.iter().filter(|(_, port)| port.is_declared_outside_policies()).map(|(n, port)| (*n, port)).collect();
        for &number in policy.ports.keys() {
            let key = keys.entry((&policy.id, number)).or_default();
            // A workload that declares no ports may listen on any.
            key.is_declared |= real.is_empty() || real.contains_key(&number);
            key.workloads.insert(&workload.subject);
            key.declared.extend(real.keys());
            let calls = |port: &DeclaredPort| port.by_services.iter().any(|service| service.number == number);
            for target in real.iter().filter(|(_, port)| calls(port)).map(|(n, _)| *n) {
                let mode = server.port(target);
                key.targets.insert(target);
                key.modes.entry(target).or_default().insert(mode.mode.map(|_| mode.policy_mode));
            }
        }
    }
    for ((id, number), key) in keys.into_iter().filter(|(_, key)| !key.is_declared) {
        let at = FieldPath::of("spec.portLevelMtls").then(number.to_string());
        let reason = if key.targets.is_empty() {
            format!("their ports are {}", list_names(&key.declared))
        } else {
            format!("it is a Service port, and the workload port behind it is {}", list_names(&key.targets))
        };
        let message = format!("port {number} in {id} is not a workload port of {}: {reason}", list_names(&key.workloads));
        let finding = Finding::about(&RULE, mesh.snapshot(), id, at, message).with_related(key.workloads.iter().copied().cloned());
        out.push(match mesh.policies().get(id) {
            Some(policy) if !key.targets.is_empty() => with_advice(finding, policy, number, &key),
            _ => finding,
        });
    }
}

/// Adds the number of the workload port as the fix, and the change if it only repeats or opens what is in force: a stricter mode may break
/// clients, and so may DISABLE, which clients do not always see (S75).
fn with_advice(finding: Finding, policy: &PeerAuthentication, number: u16, key: &Key<'_>) -> Finding {
    let (targets, workloads) = (list_names(&key.targets), list_names(&key.workloads));
    let instead = format!("use {targets} instead of {number} in {}", policy.id);
    let to = key.targets.first().copied().filter(|_| key.targets.len() == 1);
    if let Some(to) = to.filter(|to| policy.ports.contains_key(to)) {
        return finding.with_fix(format!("Delete the entry for {number}: {} already has one for port {to}.", policy.id));
    }
    let current: BTreeSet<Option<Mode>> = key.modes.values().flatten().copied().collect();
    let new = policy.ports.get(&number).copied().flatten();
    let renumber = to.map(|to| Edit::RenumberPort { from: number, to });
    let is_unchanged = new.is_none() || current.iter().all(|mode| *mode == new);
    match (new, renumber) {
        (_, Some(edit)) if is_unchanged => finding.with_fix(format!("Use {targets} instead of {number}.")).with_patch(&policy.id, edit),
        (Some(Mode::Permissive), Some(edit)) if current.iter().all(|mode| *mode == Some(Mode::Strict)) => finding
            .with_fix(format!(
                "Weakens protection, because port {targets} of {workloads} then accepts plaintext: {instead}. If that is not intended, delete \
                 the entry."
            ))
            .with_weakening_patch(&policy.id, edit),
        (Some(Mode::Strict), _) => finding.with_fix(format!(
            "Rejects plaintext at port {targets}: {instead}, after all clients of {workloads} send mTLS (kubectl mtls migrate-check)."
        )),
        (Some(mode), _) if !is_unchanged => finding.with_fix(format!(
            "Weakens protection if the mode of port {targets} is stricter than {mode}: {instead}, if that is intended; otherwise delete the entry."
        )),
        _ => finding.with_fix(format!("Use {targets} instead of {number}.")),
    }
}
