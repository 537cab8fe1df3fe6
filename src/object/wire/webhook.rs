//! Webhooks and APIs that the API server calls: which injects sidecars, and where they are.

use serde::Deserialize;

use super::{Int, List, Meta, or_default};
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
    /// Where it is.
    #[serde(deserialize_with = "or_default")]
    pub client_config: WebhookClientConfig,
    /// Which namespaces it is called for.
    #[serde(deserialize_with = "or_default")]
    pub namespace_selector: LabelSelector,
    /// Which pods it is called for.
    #[serde(deserialize_with = "or_default")]
    pub object_selector: LabelSelector,
}

/// A `ValidatingWebhookConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ValidatingWebhookConfiguration {
    /// Metadata.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Its webhooks.
    pub webhooks: List<ValidatingWebhook>,
}

/// One webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ValidatingWebhook {
    /// Name.
    pub name: Text,
    /// Where it is.
    #[serde(deserialize_with = "or_default")]
    pub client_config: WebhookClientConfig,
}

/// Where a webhook is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct WebhookClientConfig {
    /// The Service in front of it; none where a URL says where it is.
    pub service: Option<ServiceReference>,
}

/// A Service that the API server calls over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ServiceReference {
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// Its port; 443 if absent.
    pub port: Option<Int>,
}

/// A `CustomResourceDefinition`, as far as a webhook converts its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CustomResourceDefinition {
    /// Metadata.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec.
    #[serde(deserialize_with = "or_default")]
    pub spec: CustomResourceDefinitionSpec,
}

/// Spec of a `CustomResourceDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CustomResourceDefinitionSpec {
    /// How one version becomes another.
    #[serde(deserialize_with = "or_default")]
    pub conversion: CustomResourceConversion,
}

/// `conversion` of a `CustomResourceDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CustomResourceConversion {
    /// The webhook that does it.
    #[serde(deserialize_with = "or_default")]
    pub webhook: WebhookConversion,
}

/// `conversion.webhook`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct WebhookConversion {
    /// Where it is.
    #[serde(deserialize_with = "or_default")]
    pub client_config: WebhookClientConfig,
}

/// An `APIService`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ApiService {
    /// Metadata.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec.
    #[serde(deserialize_with = "or_default")]
    pub spec: ApiServiceSpec,
}

/// Spec of an `APIService`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ApiServiceSpec {
    /// The Service that offers the API; none where the API server does it itself.
    pub service: Option<ServiceReference>,
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
    /// A selector of conditions that must all hold.
    #[must_use]
    pub fn requiring(conditions: Vec<Expression>) -> Self {
        Self { match_labels: Labels::default(), match_expressions: List(conditions) }
    }

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
