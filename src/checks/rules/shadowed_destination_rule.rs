//! `DestinationRules` whose TLS settings no client uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::DestinationRule,
    mesh::{Client, ClientKind, Mesh, Service, SettingsInUse},
    object::{FieldPath, Id, Kind, Text, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS209",
    name: "shadowed-destination-rule",
    severity: Severity::Warning,
    summary: "No client uses the TLS settings of a DestinationRule, because other rules take precedence everywhere.",
    why: "A client uses one rule per host: it looks in its own namespace, then in the service's, then in the root namespace, and \
          uses the first match. Of rules for one host with the same `exportTo`, only the oldest `trafficPolicy` applies. The TLS \
          settings of the other rules look effective and are not.",
    fix: "Move the settings into the rule that applies, or delete them.",
    bad: include_str!("shadowed_destination_rule.bad.yaml"),
    good: include_str!("shadowed_destination_rule.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::ServiceEntry, Kind::Pod],
    aka: &[],
    see: &["S55", "S56", "S58", "S59"],
};

/// Maximum number of services, and of client namespaces, for which the overriding rule is looked up.
const MAX_LOOKUPS: usize = 100;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    if mesh.destination_rules().iter().all(|rule| rule.tls_settings().next().is_none()) {
        return;
    }
    let used = mesh.settings_in_use();
    let reported_elsewhere = reported_elsewhere(mesh);
    let clients = mesh.client_namespaces();
    for (index, rule) in mesh.destination_rules().iter().enumerate() {
        let unused = unused(rule, index, used);
        let is_reported = rule.generated.is_some() || reported_elsewhere.contains(&rule.id);
        if unused.is_empty() || is_reported || !mesh.registry().matches_any(&rule.resolved_host()) {
            continue;
        }
        let overriding = overriding(mesh, rule, &unused[0], &clients);
        let message = format!(
            "no client uses the TLS settings of {} for {}: {}",
            rule.id,
            list_names(unused.iter().map(|part| &part.name)),
            why(&overriding)
        );
        out.push(Finding::about(&RULE, mesh.snapshot(), &rule.id, unused[0].at.clone(), message).with_related(overriding.into_keys()));
    }
}

/// Rules without effect that MTLS210 and MTLS211 already report.
fn reported_elsewhere<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<&'m Id> {
    let losers = mesh.indices().unmerged_rules().into_iter().flat_map(|group| group.shadowed);
    let swallowed = mesh.uncovered_clients().into_iter().filter(|found| found.is_merged).map(|found| found.lost);
    losers.chain(swallowed).map(|rule| &rule.id).collect()
}

/// A part of a rule with TLS settings.
struct Part {
    name: String,
    subset: Option<Text>,
    at: FieldPath,
}

/// The parts of a rule whose TLS settings no client uses.
fn unused(rule: &DestinationRule, index: usize, used: &SettingsInUse) -> Vec<Part> {
    let sets_tls = |policy: &crate::istio::TrafficPolicy| policy.tls.is_some() || policy.port_tls.values().any(Option::is_some);
    let whole = (sets_tls(&rule.policy) && !used.policy(index)).then(|| Part {
        name: rule.resolved_host().to_string(),
        subset: None,
        at: FieldPath::of("spec.trafficPolicy"),
    });
    let subsets = rule.subsets.iter().enumerate().filter(|(at, subset)| sets_tls(&subset.policy) && !used.subset(index, *at));
    let subsets = subsets.map(|(at, subset)| Part {
        name: format!("subset {}", subset.name),
        subset: Some(subset.name.clone()),
        at: FieldPath::of("spec.subsets").then(at.to_string()).then("trafficPolicy"),
    });
    whole.into_iter().chain(subsets).collect()
}

/// The rules that clients use instead, each with the namespaces of these clients.
fn overriding<'m>(mesh: &'m Mesh<'_>, rule: &DestinationRule, part: &Part, clients: &BTreeSet<&Text>) -> BTreeMap<&'m Id, BTreeSet<Text>> {
    let mut found: BTreeMap<&Id, BTreeSet<Text>> = BTreeMap::new();
    let host = rule.resolved_host();
    let candidates = mesh.registry().matching(&host).filter(|service| service.is_called()).take(MAX_LOOKUPS);
    let Some(service) = candidates.max_by_key(|service| service.id.namespace == rule.id.namespace) else { return found };
    for &namespace in clients.iter().filter(|namespace| rule.is_for(namespace)).take(MAX_LOOKUPS) {
        if let Some(id) = deciding_rule(mesh, rule, part, namespace, service).filter(|id| **id != rule.id) {
            found.entry(id).or_default().insert(namespace.clone());
        }
    }
    found
}

/// The rule whose settings clients of a namespace use for this part.
fn deciding_rule<'m>(mesh: &'m Mesh<'_>, rule: &DestinationRule, part: &Part, namespace: &str, service: &Service<'_>) -> Option<&'m Id> {
    let labels = rule.selector.labels().cloned().unwrap_or_default();
    let in_force = mesh.indices().rule(&Client::any(mesh.indices(), namespace, labels, ClientKind::Sidecar), service)?;
    let own = |name: &Text| in_force.subsets.iter().find(|(_, subset)| subset.name == *name);
    let of_subset = part.subset.as_ref().and_then(own).map(|(from, _)| &from.id);
    Some(of_subset.unwrap_or(&in_force.policy.id))
}

fn why(overriding: &BTreeMap<&Id, BTreeSet<Text>>) -> String {
    if overriding.is_empty() {
        return "no namespace in which it would apply has clients".to_owned();
    }
    let clauses = overriding.iter().map(|(id, namespaces)| {
        let word = if namespaces.len() == 1 { "namespace" } else { "namespaces" };
        format!("clients of {word} {} use {id}", list_names(namespaces))
    });
    list_names(clauses)
}
