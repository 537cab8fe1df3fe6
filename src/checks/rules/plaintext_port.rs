//! Effective policies with mode DISABLE.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Mesh, PortMode, Subject},
    object::{FieldPath, Id, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS108",
    name: "plaintext-port",
    severity: Severity::Warning,
    summary: "An effective policy sets DISABLE for a workload or a port.",
    why: "The proxy does not terminate mTLS there: every client sends plaintext and has no identity, so rules with principals or \
          namespaces do not match. A client that sends mTLS anyway fails.",
    fix: "Set PERMISSIVE while plaintext clients remain, then STRICT.",
    bad: include_str!("plaintext_port.bad.yaml"),
    good: include_str!("plaintext_port.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S13", "S27", "S207"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<(&Id, Option<u16>), BTreeSet<&Subject>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let mut add = |id, port| causes.entry((id, port)).or_default().insert(&workload.subject);
        let whole = server.workload();
        let is_disabled = |mode: &PortMode<'_>| mode.mode == Some(Mode::Disable) && mode.policy_mode == Mode::Disable;
        if let Some(id) = whole.decided_by.filter(|_| is_disabled(&whole)) {
            add(id, None);
        }
        for port in instance.ports.keys().copied() {
            let mode = server.port(port);
            // A port without its own entry inherits the mode of the workload, which is already reported.
            let own = server.decision.workload.filter(|policy| policy.ports.get(&port).is_some_and(Option::is_some));
            if let Some(policy) = own.filter(|_| is_disabled(&mode)) {
                add(&policy.id, Some(port));
            }
        }
    }
    for ((id, port), workloads) in causes {
        let at = mesh.policies().get(id).map_or_else(FieldPath::default, |policy| policy.mode_field(port));
        let where_ = port.map(|port| format!(" on port {port}")).unwrap_or_default();
        let message = format!("{id} disables mTLS{where_} for {}: {}", plural(workloads.len(), "workload"), list_names(&workloads));
        out.push(Finding::about(&RULE, mesh.snapshot(), id, at, message).with_related(workloads.into_iter().cloned()));
    }
}
