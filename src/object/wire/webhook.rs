//! Webhooks and aggregated APIs: which webhooks inject sidecars, and which Services the API server calls.

use serde::Deserialize;

use super::{Int, List, Meta, or_default};
use crate::object::{LabelSelector, Text};

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct MutatingWebhookConfiguration {
    /// Metadata; the labels `istio.io/rev` and `istio.io/tag` name the revision.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    pub webhooks: List<MutatingWebhook>,
}

/// One webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MutatingWebhook {
    /// Name; those of Istio's injectors end in `sidecar-injector.istio.io`.
    pub name: Text,
    /// Its address.
    #[serde(deserialize_with = "or_default")]
    pub client_config: WebhookClientConfig,
    /// Which namespaces it is called for.
    #[serde(deserialize_with = "or_default")]
    pub namespace_selector: LabelSelector,
    /// Which pods it is called for.
    #[serde(deserialize_with = "or_default")]
    pub object_selector: LabelSelector,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ValidatingWebhookConfiguration {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    pub webhooks: List<ValidatingWebhook>,
}

/// One webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ValidatingWebhook {
    pub name: Text,
    /// Its address.
    #[serde(deserialize_with = "or_default")]
    pub client_config: WebhookClientConfig,
}

/// The address of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct WebhookClientConfig {
    /// The Service in front of it; `None` if it has a URL.
    pub service: Option<ServiceReference>,
}

/// A Service that the API server calls over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ServiceReference {
    pub namespace: Text,
    pub name: Text,
    /// Its port; 443 if absent.
    pub port: Option<Int>,
}

/// A `CustomResourceDefinition`, limited to its conversion webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CustomResourceDefinition {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: CustomResourceDefinitionSpec,
}

/// Spec of a `CustomResourceDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CustomResourceDefinitionSpec {
    /// How its versions are converted.
    #[serde(deserialize_with = "or_default")]
    pub conversion: CustomResourceConversion,
}

/// `conversion` of a `CustomResourceDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CustomResourceConversion {
    /// The webhook that converts them.
    #[serde(deserialize_with = "or_default")]
    pub webhook: WebhookConversion,
}

/// `conversion.webhook`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct WebhookConversion {
    /// Its address.
    #[serde(deserialize_with = "or_default")]
    pub client_config: WebhookClientConfig,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ApiService {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: ApiServiceSpec,
}

/// Spec of an `APIService`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ApiServiceSpec {
    /// The Service that implements the API; `None` if the API server does.
    pub service: Option<ServiceReference>,
}
