//! Admission webhooks, as far as they inject sidecars.

use serde::Deserialize;

use super::{List, Meta, or_default};
use crate::object::{Labels, Text};

/// A `MutatingWebhookConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct MutatingWebhookConfiguration {
    /// Metadata; labels `istio.io/rev` and `istio.io/tag` say whose it is.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Its webhooks.
    pub webhooks: List<MutatingWebhook>,
}

/// One webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MutatingWebhook {
    /// Name; Istio's injectors end in `sidecar-injector.istio.io`.
    pub name: Text,
    /// Which namespaces it is called for.
    #[serde(deserialize_with = "or_default")]
    pub namespace_selector: LabelSelector,
    /// Which pods it is called for.
    #[serde(deserialize_with = "or_default")]
    pub object_selector: LabelSelector,
}

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
    /// Whether it says nothing, and so selects everything.
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
