//! Values by host, looked up exactly or by the wildcards that match a host (S53, S54).

use std::collections::{BTreeMap, BTreeSet};

use crate::object::Text;

/// Values by host. Only wildcards of a length that occurs are looked up, so that the cost does not depend on the length of the host.
#[derive(Clone, Debug)]
pub(super) struct ByHost<V> {
    values: BTreeMap<Text, V>,
    /// The lengths of the wildcards, in bytes, without the asterisk.
    lengths: BTreeSet<usize>,
}

impl<V> Default for ByHost<V> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), lengths: BTreeSet::new() }
    }
}

impl<V: Default> ByHost<V> {
    /// The value of a host, which is created if there is none.
    pub(super) fn entry(&mut self, host: Text) -> &mut V {
        if let Some(body) = host.strip_prefix('*') {
            self.lengths.insert(body.len());
        }
        self.values.entry(host).or_default()
    }
}

impl<V> ByHost<V> {
    /// The value of exactly this host, which may be a wildcard.
    pub(super) fn get(&self, host: &str) -> Option<&V> {
        self.values.get(host)
    }

    /// Every host with its value, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Text, &V)> {
        self.values.iter()
    }

    /// Every host, in order.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &Text> {
        self.values.keys()
    }

    /// The wildcards that match a host, the most specific first; a wildcard matches itself.
    pub(super) fn wildcards(&self, host: &str) -> impl Iterator<Item = (&Text, &V)> {
        let body = host.strip_prefix('*').unwrap_or(host);
        let suffixes = self.lengths.range(..=body.len()).rev().filter_map(move |length| body.get(body.len() - length..));
        suffixes.filter_map(|suffix| self.values.get_key_value(["*", suffix].concat().as_str()))
    }

    /// The hosts that match a host, the most specific first, each with its value.
    pub(super) fn matching_hosts(&self, host: &str) -> impl Iterator<Item = (&Text, &V)> {
        let exact = self.values.get_key_value(host).filter(|_| !host.starts_with('*'));
        exact.into_iter().chain(self.wildcards(host))
    }

    /// The values of the hosts that match a host, the most specific first.
    pub(super) fn matching(&self, host: &str) -> impl Iterator<Item = &V> {
        self.matching_hosts(host).map(|(_, value)| value)
    }
}
