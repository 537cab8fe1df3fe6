//! `DestinationRules` with a workloadSelector that leave the other clients of the namespace without a rule.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::{Mesh, Subject, UncoveredClients},
    object::{FieldPath, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS211",
    name: "selector-rule-strands-clients",
    severity: Severity::Warning,
    summary: "A DestinationRule with a `workloadSelector` leaves the other clients in its namespace without the rule that they would \
              otherwise use.",
    why: "A rule for selected clients hides the rules of other namespaces for the same host from all clients in its namespace. It \
          also absorbs a rule in its own namespace that is exported only to `.`. Clients that it does not select have no rule: no \
          TLS settings, no subsets.",
    fix: "Add a rule for the same host to its namespace, without `workloadSelector` and `exportTo`, which the other clients then use.",
    bad: include_str!("selector_rule_strands_clients.bad.yaml"),
    good: include_str!("selector_rule_strands_clients.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::ServiceEntry, Kind::Pod],
    aka: &[],
    see: &["S58", "S59"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for found in mesh.uncovered_clients() {
        let UncoveredClients { rule, lost, is_merged, clients } = found;
        let affected = match clients.len() {
            0 => "the clients that it does not select".to_owned(),
            n => format!("{} ({})", plural(n, "workload"), list_names(&clients)),
        };
        let how = if is_merged { "which it absorbs" } else { "which it hides" };
        let message =
            format!("{} leaves {affected} without a rule for {}: they would use {}, {how}", rule.id, rule.resolved_host(), lost.id);
        let related = clients.iter().copied().cloned().chain([Subject::from(&lost.id)]);
        let finding =
            Finding::about(&RULE, mesh.snapshot(), &rule.id, FieldPath::of("spec.workloadSelector"), message).with_related(related);
        out.push(if is_merged { finding.with_fix(format!("Remove exportTo from {}.", lost.id)) } else { finding });
    }
}
