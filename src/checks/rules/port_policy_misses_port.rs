//! Port modes for ports that no selected workload declares.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
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
            key.targets.extend(real.iter().filter(|(_, port)| calls(port)).map(|(n, _)| *n));
        }
    }
    for ((id, number), key) in keys.into_iter().filter(|(_, key)| !key.is_declared) {
        let at = FieldPath::of("spec.portLevelMtls").then(number.to_string());
        let (reason, fix) = if key.targets.is_empty() {
            (format!("their ports are {}", list_names(&key.declared)), None)
        } else {
            let targets = list_names(&key.targets);
            (
                format!("it is a Service port, and the workload port behind it is {targets}"),
                Some(format!("Use {targets} instead of {number}.")),
            )
        };
        let message = format!("port {number} in {id} is not a workload port of {}: {reason}", list_names(&key.workloads));
        let finding = Finding::about(&RULE, mesh.snapshot(), id, at, message).with_related(key.workloads.into_iter().cloned());
        let finding = match fix {
            Some(fix) => finding.with_fix(fix),
            None => finding,
        };
        let is_free = |to: u16| mesh.policies().get(id).is_some_and(|policy| !policy.ports.contains_key(&to));
        out.push(match key.targets.first() {
            Some(&to) if key.targets.len() == 1 && is_free(to) => finding.with_patch(id, Edit::RenumberPort { from: number, to }),
            _ => finding,
        });
    }
}
