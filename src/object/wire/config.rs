//! Istio's own configuration, which is stored as text in `ConfigMaps` and annotations.

use std::sync::Arc;

use serde::Deserialize;

use super::{Flag, Int, List, Meta, Pairs, Tls, or_default};
use crate::object::{LabelSelector, Labels, Text};

/// A `ConfigMap` of the control plane. The source decodes the YAML inside; other data is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ConfigMap {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// The data, until the source has decoded it.
    pub data: Labels,
    /// Key `mesh`.
    #[serde(skip)]
    pub mesh: EmbeddedConfig<MeshConfig>,
    /// Key `config` of the injector's map.
    #[serde(skip)]
    pub injector: EmbeddedConfig<InjectorPolicy>,
    /// Key `values` of the injector's map.
    #[serde(skip)]
    pub values: EmbeddedConfig<InjectorValues>,
}

/// YAML inside YAML, decoded; `None` if absent. One that cannot be decoded is a gap and treated as absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedConfig<T>(pub Option<Arc<T>>);

impl<T> Default for EmbeddedConfig<T> {
    fn default() -> Self {
        Self(None)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MeshConfig {
    /// Root namespace; empty means the default.
    pub root_namespace: Text,
    /// Whether clients use mTLS wherever the server can; true if absent.
    pub enable_auto_mtls: Option<Flag>,
    /// Trust domain; empty means the default.
    pub trust_domain: Text,
    /// Aliases of the trust domain.
    pub trust_domain_aliases: List<Text>,
    /// CAs besides the mesh's own, and the trust domains that they are valid for.
    pub ca_certificates: List<CaCertificate>,
    /// `exportTo` of Services that set none (S47).
    pub default_service_export_to: List<Text>,
    /// `exportTo` of `DestinationRules` that set none (S55).
    pub default_destination_rule_export_to: List<Text>,
    /// How calls to unknown destinations are handled.
    pub outbound_traffic_policy: Option<OutboundTrafficPolicy>,
    /// Whether agents merge the metrics of application and proxy; true if absent (S188).
    pub enable_prometheus_merge: Option<Flag>,
    /// Defaults for every proxy.
    #[serde(deserialize_with = "or_default")]
    pub default_config: ProxyConfig,
}

/// A CA besides the mesh's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct CaCertificate {
    /// The trust domains it is valid for.
    pub trust_domains: List<Text>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct OutboundTrafficPolicy {
    /// `REGISTRY_ONLY` (also when empty), `ALLOW_ANY` or `ALLOW_ANY_DYNAMIC_DNS`.
    pub mode: Text,
    /// TLS of calls that dynamic DNS resolves (S49).
    pub tls: Option<Tls>,
}

/// `ProxyConfig`, in the mesh's defaults or in a pod's annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ProxyConfig {
    /// Port of the agent's own server; 15020 if absent.
    pub status_port: Option<Int>,
    /// How traffic is captured; empty means `REDIRECT`.
    pub interception_mode: Text,
    /// Environment variables of the proxy.
    pub proxy_metadata: Pairs<Text>,
}

impl ProxyConfig {
    /// These settings, with those of a wider scope for fields that are not set; metadata is merged key by key (S18).
    #[must_use]
    pub fn over(self, wider: &Self) -> Self {
        let Self { status_port, interception_mode, proxy_metadata } = self;
        let mut metadata = proxy_metadata.0;
        let added = wider.proxy_metadata.iter().filter(|(key, _)| metadata.iter().all(|(own, _)| own != key));
        let added: Vec<(Text, Text)> = added.cloned().collect();
        metadata.extend(added);
        Self {
            status_port: status_port.or(wider.status_port),
            interception_mode: if interception_mode.is_empty() { wider.interception_mode.clone() } else { interception_mode },
            proxy_metadata: Pairs(metadata),
        }
    }
}

/// The injector's policy: key `config` of `istio-sidecar-injector`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct InjectorPolicy {
    /// `enabled` or `disabled`: whether pods without an injection label are injected.
    pub policy: Text,
    /// Pods that are never injected.
    pub never_inject_selector: List<LabelSelector>,
    /// Pods that are always injected.
    pub always_inject_selector: List<LabelSelector>,
    /// Templates of pods that select none; empty means `sidecar`.
    pub default_templates: List<Text>,
}

/// Helm values that the injector keeps: key `values` of `istio-sidecar-injector`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct InjectorValues {
    #[serde(deserialize_with = "or_default")]
    pub global: Global,
    #[serde(deserialize_with = "or_default")]
    pub sidecar_injector_webhook: WebhookValues,
}

/// `global` of the Helm values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Global {
    /// `global.proxy`.
    #[serde(deserialize_with = "or_default")]
    pub proxy: ProxyValues,
}

/// `global.proxy` of the Helm values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ProxyValues {
    /// Inbound ports that are captured; absent means `*`.
    pub include_inbound_ports: Option<Text>,
    /// Inbound ports that are excluded from capture.
    pub exclude_inbound_ports: Text,
    /// The domain of the cluster; empty means the default.
    pub cluster_domain: Text,
}

/// `sidecarInjectorWebhook` of the Helm values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct WebhookValues {
    /// Whether namespaces without an injection label are injected.
    pub enable_namespaces_by_default: Flag,
    /// Whether probes are redirected to the agent; true if absent (S182).
    #[serde(rename = "rewriteAppHTTPProbe")]
    pub rewrite_app_http_probe: Option<Flag>,
}
