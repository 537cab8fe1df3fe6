//! Rules of one namespace for one host that shadow each other (S58, S59).

use std::collections::BTreeMap;

use super::{MergedRule, Query, RulesByHost};
use crate::{
    istio::{DestinationRule, Selector},
    mesh::{Dataplane, Mesh, Subject, indices::Indices},
    object::{Labels, Text},
};

/// Rules that are not merged because their `exportTo` differs: the youngest that a client sees applies, and the others do not.
#[derive(Debug)]
pub struct UnmergedRule<'m> {
    pub host: &'m Text,
    /// The rule that applies.
    pub effective: &'m DestinationRule,
    /// The shadowed rules, oldest first.
    pub shadowed: Vec<&'m DestinationRule>,
    /// Whether clients of the rules' own namespace are affected, or only clients of others.
    pub is_own_namespace: bool,
}

/// Clients of a namespace that a rule for other, selected clients leaves without the rule that would otherwise apply to them.
#[derive(Debug)]
pub struct UncoveredClients<'m> {
    /// The rule for selected clients.
    pub rule: &'m DestinationRule,
    /// The rule that would apply to the others.
    pub lost: &'m DestinationRule,
    /// Whether that rule was merged into the other, rather than shadowed by it.
    pub is_merged: bool,
    /// Workloads that are left without a rule; empty if no workload was read.
    pub clients: Vec<&'m Subject>,
}

impl Indices<'_> {
    /// Rules of one host that are not merged, one group for each host and namespace.
    #[must_use]
    pub fn unmerged_rules(&self) -> Vec<UnmergedRule<'_>> {
        let rules = self.rules();
        let roots: Vec<&str> = self.control_planes().roots().collect();
        let mut found: BTreeMap<(&Text, &Text), UnmergedRule<'_>> = BTreeMap::new();
        let is_root = |namespace: &Text| roots.contains(&namespace.as_str());
        let own = rules.local.iter().filter(|(namespace, _)| !is_root(namespace)).chain(&rules.root_private);
        for (index, is_own_namespace) in [(own.collect::<Vec<_>>(), true), (rules.exported.iter().collect(), false)] {
            for (namespace, by_host) in index {
                for (host, list) in by_host.0.iter().filter(|(host, list)| list.len() > 1 && self.registry().matches_any(host)) {
                    if let Some(group) = self.group(host, list, is_own_namespace) {
                        found.entry((namespace, host)).or_insert(group);
                    }
                }
            }
        }
        found.into_values().collect()
    }

    fn group<'m>(&'m self, host: &'m Text, list: &[MergedRule], is_own_namespace: bool) -> Option<UnmergedRule<'m>> {
        let all = self.destination_rules();
        let candidates: Vec<&MergedRule> = list.iter().filter(|merged| merged.selector == Selector::Absent).collect();
        let rule = |merged: &MergedRule| &all[merged.from[0]];
        let (effective, shadowed) = (1..candidates.len()).rev().find_map(|at| {
            let earlier = candidates[..at].iter().filter(|merged| is_own_namespace || are_both_visible(merged, candidates[at]));
            let shadowed: Vec<_> = earlier.map(|merged| rule(merged)).filter(|rule| rule.generated.is_none()).collect();
            (!shadowed.is_empty()).then(|| (rule(candidates[at]), shadowed))
        })?;
        let affects_tls = shadowed.iter().copied().chain([effective]).any(DestinationRule::affects_tls);
        affects_tls.then_some(UnmergedRule { host, effective, shadowed, is_own_namespace })
    }
}

impl Mesh<'_> {
    /// Clients that a rule for selected clients leaves without a rule.
    #[must_use]
    pub fn uncovered_clients(&self) -> Vec<UncoveredClients<'_>> {
        let mut found = Vec::new();
        for (namespace, by_host) in self.indices.rules().local.iter().chain(&self.indices.rules().root_private) {
            let root = &self.indices.control_planes().of_namespace(self.indices.namespace_labels(namespace)).root_namespace;
            let is_in_force = self.indices.rules().own(root, namespace).is_some_and(|own| std::ptr::eq(own, by_host));
            let lists = by_host.0.iter().filter(|(_, list)| is_in_force && list.iter().all(|merged| merged.selector.labels().is_some()));
            for (host, list) in lists {
                found.extend(self.uncovered_by(root, namespace, by_host, host, list));
            }
        }
        found
    }

    fn uncovered_by<'m>(
        &'m self,
        root: &Text,
        namespace: &Text,
        rules: &RulesByHost,
        host: &Text,
        list: &[MergedRule],
    ) -> Option<UncoveredClients<'m>> {
        let clients = self.unselected(namespace, list)?;
        let all = self.indices.destination_rules();
        let places = list.iter().flat_map(|merged| merged.from.iter().map(move |&at| (merged, at)));
        let mut merged_rules = places.filter(|&(_, at)| all[at].selector == Selector::Absent && all[at].affects_tls());
        if let Some((merged, at)) = merged_rules.next() {
            return self.indices.registry().matches_any(host).then(|| UncoveredClients {
                rule: &all[merged.from[0]],
                lost: &all[at],
                is_merged: true,
                clients,
            });
        }
        let hidden = self.indices.registry().matching(host).filter(|service| service.is_called()).find_map(|service| {
            let query = Query { root, client: namespace, labels: &Labels::default(), service: &service.id.namespace, host: &service.host };
            let is_decided_here = rules.most_specific(&service.host).is_some_and(|found| std::ptr::eq(found.as_slice(), list));
            let hidden = self.indices.rules().find_exported(all, &query).filter(|_| is_decided_here)?;
            Some(&all[hidden.policy]).filter(|rule| rule.affects_tls())
        })?;
        Some(UncoveredClients { rule: &all[list.first()?.from[0]], lost: hidden, is_merged: false, clients })
    }

    /// Workloads whose client pods none of the rules selects; `None` if there are none.
    fn unselected(&self, namespace: &Text, list: &[MergedRule]) -> Option<Vec<&Subject>> {
        if self.workloads().is_empty() {
            return Some(Vec::new());
        }
        let uses_rules =
            |dataplane| matches!(dataplane, Dataplane::Sidecar | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless);
        let is_selected = |labels: &Labels| list.iter().filter_map(|merged| merged.selector.labels()).any(|wanted| wanted.selects(labels));
        let found: Vec<&Subject> = self
            .workloads_in(namespace)
            .iter()
            .filter(|workload| workload.instances.iter().any(|one| uses_rules(one.dataplane) && !is_selected(&one.labels)))
            .map(|workload| &workload.subject)
            .collect();
        (!found.is_empty()).then_some(found)
    }
}

/// Whether a client of some other namespace sees both.
fn are_both_visible(one: &MergedRule, other: &MergedRule) -> bool {
    let (one, other) = (&one.export_to, &other.export_to);
    one.is_public() || other.is_public() || one.has_common_entry(other)
}

impl DestinationRule {
    /// Whether not applying it affects mTLS: it sets TLS, or has subsets that routes may name.
    pub(super) fn affects_tls(&self) -> bool {
        self.tls_settings().next().is_some() || !self.subsets.is_empty()
    }
}
