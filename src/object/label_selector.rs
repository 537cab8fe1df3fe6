//! Label selectors of Kubernetes, which select as the API server does.

use serde::Deserialize;

use super::{Labels, Text, wire::List};

/// A label selector of Kubernetes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels that must all be there.
    pub match_labels: Labels,
    /// Conditions that must all hold.
    pub match_expressions: List<Expression>,
}

/// A condition of a label selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Expression {
    /// The label.
    pub key: Text,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: Text,
    /// Values of `In` and `NotIn`.
    pub values: List<Text>,
}

impl LabelSelector {
    /// A selector of conditions that must all hold.
    #[must_use]
    pub fn requiring(conditions: Vec<Expression>) -> Self {
        Self { match_labels: Labels::default(), match_expressions: List(conditions) }
    }

    /// Whether it has no conditions, and so selects everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Whether it selects something with these labels. An operator that Kubernetes does not have selects nothing.
    #[must_use]
    pub fn selects(&self, labels: &Labels) -> bool {
        self.match_labels.selects(labels) && self.match_expressions.iter().all(|e| e.holds(labels))
    }
}

impl Expression {
    /// A condition on a label: `operator` is `In`, `NotIn`, `Exists` or `DoesNotExist`.
    #[must_use]
    pub fn new(key: &str, operator: &str, values: Vec<Text>) -> Self {
        Self { key: key.into(), operator: operator.into(), values: List(values) }
    }

    fn holds(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        let listed = || value.is_some_and(|v| self.values.iter().any(|known| known == v));
        match self.operator.as_str() {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}
