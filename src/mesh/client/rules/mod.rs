//! Which `DestinationRule` a client uses (S52–S59).

mod in_use;
mod rivals;

use std::collections::BTreeMap;

pub use in_use::SettingsInUse;
pub use rivals::{UncoveredClients, UnmergedRule};

use super::by_host::ByHost;
use crate::{
    istio::{DestinationRule, ExportTo, Selector, Subset, TrafficPolicy},
    object::{Labels, Text},
};

/// Every `DestinationRule`, merged and indexed the way istiod looks them up (S55).
#[derive(Debug, Default)]
pub struct DestinationRuleIndex {
    /// For clients of the namespace.
    local: BTreeMap<Text, RulesByHost>,
    /// For clients of other namespaces, by the namespace of the rule.
    exported: BTreeMap<Text, RulesByHost>,
    /// Private rules of root namespaces: the only rules of its own namespace that a client in the root namespace sees.
    root_private: BTreeMap<Text, RulesByHost>,
}

/// Merged rules by their resolved host.
#[derive(Debug, Default)]
struct RulesByHost(ByHost<Vec<MergedRule>>);

/// Rules of one host merged into one (S58). Numbers are positions in the mesh's list of rules.
#[derive(Clone, Debug)]
struct MergedRule {
    export_to: ExportTo,
    selector: Selector,
    /// The first rule, followed by those merged into it.
    from: Vec<usize>,
    /// The rule whose policy for the whole host applies.
    policy: usize,
    /// A rule generated from a backend policy, whose settings apply where the user's rule sets none (S60).
    fallback: Option<usize>,
    /// Rule and position of each subset.
    subsets: Vec<(usize, usize)>,
}

/// The rule in force for a client and a host, several rules merged.
#[derive(Clone, Debug)]
pub struct RuleInForce<'m> {
    /// The rules it was merged from, first one first.
    pub from: Vec<&'m DestinationRule>,
    /// The rule whose policy for the whole host applies.
    pub policy: &'m DestinationRule,
    /// A rule generated from a backend policy, whose settings apply where `policy` sets none (S60).
    pub fallback: Option<&'m DestinationRule>,
    /// Its subsets, each with the rule it comes from.
    pub subsets: Vec<(&'m DestinationRule, &'m Subset)>,
}

impl RuleInForce<'_> {
    /// The policy of the whole host.
    #[must_use]
    pub fn traffic_policy(&self) -> &TrafficPolicy {
        &self.policy.policy
    }

    /// The rule whose settings for the whole host decide for a port: that of a user, else the generated one (S60, S262).
    #[must_use]
    pub fn deciding(&self, port: u16) -> Option<&DestinationRule> {
        let has_entry = |rule: &DestinationRule| rule.policy.port_tls.contains_key(&port);
        let fallback = self.fallback.filter(|fallback| !has_entry(self.policy) && has_entry(fallback));
        let has_tls = |rule: &DestinationRule| has_entry(rule) || rule.policy.tls.is_some();
        fallback.or(Some(self.policy).filter(|rule| has_tls(rule))).or(self.fallback)
    }

    /// A subset by name.
    #[must_use]
    pub fn subset(&self, name: &str) -> Option<&Subset> {
        self.subsets.iter().map(|(_, subset)| *subset).find(|subset| subset.name == name)
    }

    /// Whether it applies only to selected clients.
    #[must_use]
    pub fn has_selector(&self) -> bool {
        self.from.first().is_some_and(|rule| rule.selector != Selector::Absent)
    }
}

impl<'m> RuleInForce<'m> {
    /// The rule in force if one of the rules were changed in its settings only: not in its host, its clients or its subsets.
    #[must_use]
    pub(in crate::mesh) fn replacing(&self, changed: &'m DestinationRule) -> Self {
        let replace = |rule: &'m DestinationRule| if rule.id == changed.id { changed } else { rule };
        let subset = |(from, subset): &(&'m DestinationRule, &'m Subset)| {
            let place = from.subsets.iter().position(|one| std::ptr::eq(one, *subset));
            let own = place.filter(|_| from.id == changed.id).and_then(|place| changed.subsets.get(place));
            own.map_or((*from, *subset), |own| (changed, own))
        };
        Self {
            from: self.from.iter().map(|rule| replace(rule)).collect(),
            policy: replace(self.policy),
            fallback: self.fallback.map(replace),
            subsets: self.subsets.iter().map(subset).collect(),
        }
    }
}

impl DestinationRule {
    /// The namespaces it is exported to; a rule with a selector is visible in its own namespace only (S55).
    fn exports(&self) -> ExportTo {
        if self.selector == Selector::Absent { self.export_to.clone() } else { ExportTo::own_namespace() }
    }

    fn is_local(&self) -> bool {
        self.is_for(&self.id.namespace)
    }

    /// Whether it is exported to clients of a namespace; an empty `exportTo` means all.
    #[must_use]
    pub fn is_for(&self, namespace: &str) -> bool {
        self.exports().is_visible_in(&self.id.namespace, namespace)
    }

    fn is_private(&self, has_private_rules: bool) -> bool {
        let exports = self.exports();
        if exports.is_absent() { has_private_rules } else { exports.is_only(&self.id.namespace) }
    }
}

/// Whether the host of a rule matches the host of a service (S53).
#[must_use]
pub fn host_matches(rule: &str, host: &str) -> bool {
    rule.strip_prefix('*').map_or(rule == host, |suffix| host.strip_prefix('*').unwrap_or(host).ends_with(suffix))
}

impl DestinationRuleIndex {
    pub(in crate::mesh) fn new(all: &[DestinationRule], roots: &[&str], has_private_rules: bool) -> Self {
        let mut order: Vec<usize> = (0..all.len()).collect();
        // Rules with a selector come first, then by age (S57).
        order.sort_by_key(|&at| {
            let rule = &all[at];
            (rule.selector == Selector::Absent, rule.created.unwrap_or(i64::MAX), &rule.id.name, &rule.id.namespace)
        });
        let mut rules = Self::default();
        for at in order {
            let (rule, namespace) = (&all[at], all[at].id.namespace.clone());
            if rule.is_local() {
                rules.local.entry(namespace.clone()).or_default().add(all, at);
            }
            if rule.is_private(has_private_rules) {
                if roots.contains(&namespace.as_str()) {
                    rules.root_private.entry(namespace).or_default().add(all, at);
                }
            } else {
                rules.exported.entry(namespace).or_default().add(all, at);
            }
        }
        rules
    }

    /// The rule in force for a client and the host of a service (S56, S59).
    #[must_use]
    pub fn lookup<'m>(&self, all: &'m [DestinationRule], query: &Query<'_>) -> Option<RuleInForce<'m>> {
        self.find(all, query).map(|merged| merged.in_force(all))
    }

    fn find(&self, all: &[DestinationRule], query: &Query<'_>) -> Option<&MergedRule> {
        let own = self.own(query.root, query.client).and_then(|rules| rules.most_specific(query.host));
        match own {
            Some(list) => query.choose(all, &list.iter().collect::<Vec<_>>()),
            None => self.find_exported(all, query),
        }
    }

    /// The rule of other namespaces for a client without a rule of its own.
    fn find_exported(&self, all: &[DestinationRule], query: &Query<'_>) -> Option<&MergedRule> {
        let exported = |namespace: &str| {
            let list = self.exported.get(namespace)?.most_specific(query.host)?;
            let visible: Vec<&MergedRule> = list.iter().filter(|merged| merged.is_visible(query.client)).collect();
            (!visible.is_empty()).then_some(visible)
        };
        let list = exported(query.service).or_else(|| exported(query.root))?;
        query.choose(all, &list)
    }

    /// The rules that clients of a namespace look up first.
    fn own(&self, root: &str, client: &str) -> Option<&RulesByHost> {
        if client == root { self.root_private.get(client) } else { self.local.get(client) }
    }

    /// Every rule that a client would use for a host if those before it were not there, the one in force first (S54, S56).
    #[must_use]
    pub fn candidates<'m>(&self, all: &'m [DestinationRule], query: &Query<'_>) -> Vec<RuleInForce<'m>> {
        let own = self.own(query.root, query.client);
        let [service, root] = [query.service, query.root].map(|namespace| self.exported.get(namespace));
        let root = root.filter(|_| query.service != query.root);
        let mut found = Vec::new();
        for (rules, is_own) in [(own, true), (service, false), (root, false)] {
            for list in rules.into_iter().flat_map(|rules| rules.matching(query.host)) {
                let visible: Vec<&MergedRule> = list.iter().filter(|merged| is_own || merged.is_visible(query.client)).collect();
                // A rule that the client does not see shadows the less specific ones of its namespace.
                if visible.is_empty() {
                    break;
                }
                // If only rules for other clients match, this client has none.
                let Some(merged) = query.choose(all, &visible) else { return found };
                found.push(merged.in_force(all));
            }
        }
        found
    }

    /// Namespaces to which the rule for a host is exported by name: they may see another rule than the rest (S56).
    pub(in crate::mesh) fn exported_by_name(&self, namespace: &str, host: &str) -> impl Iterator<Item = &Text> {
        let found = self.exported.get(namespace).and_then(|rules| rules.most_specific(host));
        found.into_iter().flatten().flat_map(|merged| merged.export_to.namespaces())
    }
}

impl Query<'_> {
    /// The rule for this client among the rules of one host (S59).
    fn choose<'r>(&self, all: &[DestinationRule], list: &[&'r MergedRule]) -> Option<&'r MergedRule> {
        let is_for = |merged: &&&MergedRule| match &merged.selector {
            Selector::Absent => false,
            Selector::Empty => all[merged.from[0]].id.namespace == self.client,
            Selector::Labels(wanted) => wanted.selects(self.labels) && all[merged.from[0]].id.namespace == self.client,
        };
        let selected = list.iter().find(is_for);
        selected.or_else(|| list.iter().rev().find(|merged| merged.selector == Selector::Absent)).copied()
    }
}

/// The client and the service for which a rule is looked up.
#[derive(Clone, Copy, Debug)]
pub struct Query<'q> {
    /// Root namespace of the client.
    pub root: &'q str,
    /// Namespace of the client.
    pub client: &'q str,
    pub labels: &'q Labels,
    /// Namespace of the service.
    pub service: &'q str,
    /// Host of the service.
    pub host: &'q str,
}

impl RulesByHost {
    fn add(&mut self, all: &[DestinationRule], at: usize) {
        merge(self.0.entry(all[at].resolved_host()), all, at);
    }

    /// Exact, else the longest wildcard (S54).
    fn most_specific(&self, host: &str) -> Option<&Vec<MergedRule>> {
        self.matching(host).next()
    }

    /// All that match a host, the most specific first.
    fn matching(&self, host: &str) -> impl Iterator<Item = &Vec<MergedRule>> {
        self.0.matching(host)
    }
}

/// Merges a rule into those of the same host that precede it (S58).
fn merge(list: &mut Vec<MergedRule>, all: &[DestinationRule], at: usize) {
    let rule = &all[at];
    let exports = rule.exports();
    let mut is_separate = true;
    for entry in list.iter_mut() {
        let is_same = exports == entry.export_to;
        let includes = exports.includes(&entry.export_to);
        is_separate = !is_same;
        if !is_same && !includes {
            continue;
        }
        let (both_select, both_do_not) = match (&rule.selector, &entry.selector) {
            (Selector::Absent, Selector::Absent) => (false, true),
            (Selector::Absent, _) | (_, Selector::Absent) => (false, false),
            _ => (true, false),
        };
        if both_select && rule.selector != entry.selector {
            is_separate = true;
            continue;
        }
        if both_do_not || both_select {
            is_separate = false;
        }
        entry.from.push(at);
        for (place, subset) in rule.subsets.iter().enumerate() {
            if !entry.subsets.iter().any(|&(rule, place)| all[rule].subsets[place].name == subset.name) {
                entry.subsets.push((at, place));
            }
        }
        let (is_generated, was_generated) = (rule.is_fallback(), all[entry.policy].is_fallback());
        if is_generated != was_generated && rule.policy.is_present {
            let (user, generated) = if is_generated { (entry.policy, at) } else { (at, entry.policy) };
            (entry.policy, entry.fallback) = (user, Some(generated));
        } else if !all[entry.policy].policy.is_present {
            entry.policy = at;
        }
    }
    if is_separate {
        let subsets = (0..rule.subsets.len()).map(|place| (at, place)).collect();
        list.push(MergedRule { export_to: exports, selector: rule.selector.clone(), from: vec![at], policy: at, fallback: None, subsets });
    }
}

impl MergedRule {
    /// Whether clients of another namespace see it.
    fn is_visible(&self, client: &str) -> bool {
        self.export_to.is_public() || self.export_to.namespaces().any(|to| to == client)
    }

    fn in_force<'m>(&self, all: &'m [DestinationRule]) -> RuleInForce<'m> {
        RuleInForce {
            from: self.from.iter().map(|&at| &all[at]).collect(),
            policy: &all[self.policy],
            fallback: self.fallback.map(|at| &all[at]),
            subsets: self.subsets.iter().map(|&(rule, place)| (&all[rule], &all[rule].subsets[place])).collect(),
        }
    }
}
