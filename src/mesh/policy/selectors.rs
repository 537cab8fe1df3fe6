//! Finds the selectors that match some labels without trying all of them.

use std::collections::BTreeMap;

use crate::object::{Labels, Text};

/// An index of selectors by the rarest label of each.
#[derive(Debug, Default)]
pub(in crate::mesh) struct SelectorIndex {
    by_label: BTreeMap<Text, BTreeMap<Text, Vec<usize>>>,
}

impl SelectorIndex {
    /// Indexes selectors, each with the number of its owner. Empty selectors select nothing here.
    pub(in crate::mesh) fn new<'l>(selectors: impl Iterator<Item = (usize, &'l Labels)> + Clone) -> Self {
        let mut frequency: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (key, value) in selectors.clone().flat_map(|(_, selector)| selector.iter()) {
            *frequency.entry((key, value)).or_default() += 1;
        }
        let mut by_label: BTreeMap<Text, BTreeMap<Text, Vec<usize>>> = BTreeMap::new();
        for (owner, selector) in selectors {
            let rarest = selector.iter().min_by_key(|(key, value)| frequency[&(key.as_str(), value.as_str())]);
            if let Some((key, value)) = rarest {
                by_label.entry(key.clone()).or_default().entry(value.clone()).or_default().push(owner);
            }
        }
        Self { by_label }
    }

    /// The owners whose selector may match these labels, in ascending order; the caller evaluates the selectors.
    pub(in crate::mesh) fn candidates(&self, labels: &Labels) -> Vec<usize> {
        // Selectors use fewer label keys than a pod has labels.
        let values = self.by_label.iter().filter_map(|(key, values)| values.get(labels.get(key)?));
        let mut found: Vec<usize> = values.flatten().copied().collect();
        found.sort_unstable();
        found
    }
}
