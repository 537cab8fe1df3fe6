//! Which settings of rules some client uses (S55–S59): evaluated per host of a rule and per service, never for every client-service pair.

use std::collections::{BTreeMap, BTreeSet};

use super::{ByHost, MergedRule, Query};
use crate::{
    istio::Selector,
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// Settings that some client uses. Numbers are positions in the mesh's list of rules.
#[derive(Debug, Default)]
pub struct SettingsInUse {
    policies: BTreeSet<usize>,
    subsets: BTreeSet<(usize, usize)>,
}

impl SettingsInUse {
    /// Whether the policy of a rule for the whole host applies to any client.
    #[must_use]
    pub fn policy(&self, rule: usize) -> bool {
        self.policies.contains(&rule)
    }

    /// Whether a subset of a rule applies to any client.
    #[must_use]
    pub fn subset(&self, rule: usize, place: usize) -> bool {
        self.subsets.contains(&(rule, place))
    }

    fn add(&mut self, merged: &MergedRule) {
        self.policies.insert(merged.policy);
        self.policies.extend(merged.fallback);
        self.subsets.extend(&merged.subsets);
    }

    fn has(&self, merged: &MergedRule) -> bool {
        self.policy(merged.policy) && merged.subsets.iter().all(|subset| self.subsets.contains(subset))
    }
}

/// Namespaces with the same root namespace that may have clients.
struct ClientGroup<'m> {
    root: &'m Text,
    namespaces: BTreeSet<&'m Text>,
    /// By host: namespaces with a rule of their own for it.
    owners: ByHost<BTreeSet<&'m Text>>,
    /// By wildcard, the longest that matches a host and has a rule: the namespaces without a rule of their own for it.
    open: BTreeMap<Text, Vec<&'m Text>>,
}

impl Indices<'_> {
    /// Every setting that some client of these namespaces uses for some service.
    pub(in crate::mesh) fn settings_in_use<'m>(&'m self, clients: &BTreeSet<&'m Text>) -> SettingsInUse {
        let mut used = SettingsInUse::default();
        for mut group in self.client_groups(clients) {
            self.mark_own(&group, &mut used);
            for service in self.registry().services().iter().filter(|service| service.is_called()) {
                self.mark_exported(&mut group, &service.id.namespace, &service.host, &mut used);
            }
            for (namespace, rules) in &self.rules().exported {
                for wildcard in rules.0.hosts().filter(|host| host.starts_with('*') && self.registry().matches_any(host)) {
                    self.mark_exported(&mut group, namespace, wildcard, &mut used);
                }
            }
        }
        used
    }

    fn client_groups<'m>(&'m self, clients: &BTreeSet<&'m Text>) -> Vec<ClientGroup<'m>> {
        let mut roots: BTreeMap<&'m Text, BTreeSet<&'m Text>> = BTreeMap::new();
        for &namespace in clients {
            let root = &self.control_planes().of_namespace(self.namespace_labels(namespace)).root_namespace;
            roots.entry(root).or_default().insert(namespace);
        }
        let group = |(root, namespaces): (&'m Text, BTreeSet<&'m Text>)| {
            let mut owners: ByHost<BTreeSet<&'m Text>> = ByHost::default();
            for &namespace in &namespaces {
                for host in self.rules().own(root, namespace).into_iter().flat_map(|rules| rules.0.hosts()) {
                    owners.entry(host.clone()).insert(namespace);
                }
            }
            ClientGroup { root, namespaces, owners, open: BTreeMap::new() }
        };
        roots.into_iter().map(group).collect()
    }

    /// Marks what clients use from their own namespace (the first step of S56).
    fn mark_own(&self, group: &ClientGroup<'_>, used: &mut SettingsInUse) {
        for namespace in &group.namespaces {
            let Some(rules) = self.rules().own(group.root, namespace) else { continue };
            // A wildcard also applies to services created later, whatever more specific hosts there are.
            for (_, list) in rules.0.iter().filter(|(host, _)| self.registry().matches_any(host)) {
                list.iter().enumerate().filter(|(at, _)| is_used(list, *at)).for_each(|(_, merged)| used.add(merged));
            }
        }
    }

    /// Marks what clients without a rule of their own use for a service (the other steps of S56).
    fn mark_exported(&self, group: &mut ClientGroup<'_>, service: &Text, host: &Text, used: &mut SettingsInUse) {
        let rules = self.rules();
        let lists = [service, group.root].map(|namespace| rules.exported.get(namespace).and_then(|rules| rules.most_specific(host)));
        let entries = || lists.iter().flatten().flat_map(|list| list.iter());
        if entries().all(|merged| used.has(merged)) {
            return;
        }
        // All namespaces that no `exportTo` names see the same rules, so one of them is enough.
        let named: BTreeSet<&Text> = entries().flat_map(|merged| merged.export_to.namespaces()).collect();
        let one = group.namespace_without_rule(host, &named);
        let known: Vec<&Text> = named.into_iter().filter(|namespace| group.namespaces.contains(namespace)).chain(one).collect();
        for client in known {
            let query = Query { root: group.root, client, labels: &Labels::default(), service, host };
            if let Some(merged) = rules.find(self.destination_rules(), &query) {
                used.add(merged);
            }
        }
    }
}

impl<'m> ClientGroup<'m> {
    /// A namespace without a rule of its own for a host that is not in `named`.
    fn namespace_without_rule(&mut self, host: &Text, named: &BTreeSet<&Text>) -> Option<&'m Text> {
        let exact = self.owners.get(host.as_str()).filter(|_| !host.starts_with('*'));
        let has_no_rule = |namespace: &&&'m Text| !named.contains(**namespace) && exact.is_none_or(|exact| !exact.contains(**namespace));
        let Some(longest) = self.owners.wildcards(host).next().map(|(wildcard, _)| wildcard.clone()) else {
            return self.namespaces.iter().find(has_no_rule).copied();
        };
        let open = self.open.entry(longest).or_insert_with_key(|longest| {
            let taken: BTreeSet<&Text> = self.owners.wildcards(longest).flat_map(|(_, namespaces)| namespaces).copied().collect();
            self.namespaces.difference(&taken).copied().collect()
        });
        open.iter().find(has_no_rule).copied()
    }
}

/// Whether any client uses this rule among those for a host in its own namespace (S59).
fn is_used(list: &[MergedRule], at: usize) -> bool {
    match &list[at].selector {
        Selector::Absent => {
            let is_last = list[at + 1..].iter().all(|later| later.selector != Selector::Absent);
            is_last && list.iter().all(|other| other.selector != Selector::Empty)
        }
        selector @ (Selector::Empty | Selector::Labels(_)) => {
            let wanted = selector.labels().cloned().unwrap_or_default();
            let selects_all = |earlier: &MergedRule| match &earlier.selector {
                Selector::Absent => false,
                Selector::Empty => true,
                Selector::Labels(labels) => labels.selects(&wanted),
            };
            !list[..at].iter().any(selects_all)
        }
    }
}
