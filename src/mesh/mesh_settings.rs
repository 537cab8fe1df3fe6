//! The mesh configuration of one revision, defaults filled in (S18, S21).

use crate::object::{
    Id, Text,
    wire::{self, ProxyConfig},
};

/// The mesh configuration of one revision, defaults filled in (S21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeshSettings {
    /// The `ConfigMap` it was read from; `None` for Istio's defaults.
    pub read_from: Option<Id>,
    /// Root namespace.
    pub root_namespace: Text,
    /// Whether clients use mTLS wherever the server can.
    pub auto_mtls: bool,
    /// Trust domain.
    pub trust_domain: Text,
    /// Other names of the trust domain.
    pub trust_domain_aliases: Vec<Text>,
    /// Trust domains that other authorities vouch for (S31).
    pub other_trust_domains: Vec<Text>,
    /// Who sees Services that do not say; empty means everybody (S47).
    pub service_export_to: Vec<Text>,
    /// Whether `DestinationRules` that do not say are private (S55).
    pub has_private_rules: bool,
    /// What happens to calls of unknown destinations; `None` lets them pass (S49).
    pub outbound: Option<wire::OutboundTrafficPolicy>,
    /// Whether agents offer the metrics of application and proxy as one (S188).
    pub merges_metrics: bool,
    /// Settings of every proxy.
    pub proxy: ProxyConfig,
}

impl MeshSettings {
    pub(super) fn of(read_from: Option<&Id>, shared: Option<&wire::MeshConfig>, own: Option<&wire::MeshConfig>) -> Self {
        // The shared configuration is applied first and the revision's own on top (S18).
        let layers = || own.into_iter().chain(shared);
        let text = |pick: fn(&wire::MeshConfig) -> &Text, default: &str| {
            layers().map(pick).find(|text| !text.is_empty()).cloned().unwrap_or_else(|| default.into())
        };
        Self {
            read_from: read_from.cloned(),
            root_namespace: text(|mesh| &mesh.root_namespace, "istio-system"),
            trust_domain: text(|mesh| &mesh.trust_domain, "cluster.local"),
            auto_mtls: layers().find_map(|mesh| mesh.enable_auto_mtls).is_none_or(|flag| flag.0),
            trust_domain_aliases: layers()
                .map(|mesh| &mesh.trust_domain_aliases)
                .find(|all| !all.is_empty())
                .map(|all| all.to_vec())
                .unwrap_or_default(),
            other_trust_domains: layers()
                .find(|mesh| !mesh.ca_certificates.is_empty())
                .map(|mesh| mesh.ca_certificates.iter().flat_map(|authority| authority.trust_domains.iter().cloned()).collect())
                .unwrap_or_default(),
            service_export_to: layers()
                .map(|mesh| &mesh.default_service_export_to)
                .find(|to| !to.is_empty())
                .map(|to| to.to_vec())
                .unwrap_or_default(),
            has_private_rules: layers()
                .map(|mesh| &mesh.default_destination_rule_export_to)
                .find(|to| !to.is_empty())
                .is_some_and(|to| to.iter().any(|to| to == ".")),
            outbound: layers().find_map(|mesh| mesh.outbound_traffic_policy.clone()),
            merges_metrics: layers().find_map(|mesh| mesh.enable_prometheus_merge).is_none_or(|flag| flag.0),
            proxy: layers().map(|mesh| &mesh.default_config).fold(ProxyConfig::default(), ProxyConfig::over),
        }
    }
}
