//! `MeshConfig`, and the `ConfigMaps` of a control plane (S18–S21).

use super::{ExportTo, InjectorConfig, OutboundPolicy, ProxyDefaults};
use crate::object::{Id, Read, Text, wire};

/// A `ConfigMap` of a control plane.
#[derive(Clone, Copy, Debug)]
pub struct ControlPlaneMap<'s> {
    pub id: &'s Id,
    body: &'s wire::ConfigMap,
}

/// One layer of mesh configuration.
#[derive(Clone, Copy, Debug)]
pub struct MeshConfigLayer<'s>(&'s wire::MeshConfig);

/// The mesh configuration of one revision, defaults filled in (S21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeshConfig {
    /// The `ConfigMap` it was read from; `None` for Istio's defaults.
    pub read_from: Option<Id>,
    pub root_namespace: Text,
    /// Whether automatic mTLS is on.
    pub auto_mtls: bool,
    pub trust_domain: Text,
    /// Other names of the trust domain.
    pub trust_domain_aliases: Vec<Text>,
    /// Trust domains with CA certificates of their own (S31).
    pub other_trust_domains: Vec<Text>,
    /// The namespaces that see Services without `exportTo` (S47).
    pub service_export_to: ExportTo,
    /// Whether `DestinationRules` without `exportTo` are private to their namespace (S55).
    pub has_private_rules: bool,
    /// What happens to calls to unknown destinations; `None` lets them pass (S49).
    pub outbound: Option<OutboundPolicy>,
    /// Whether agents merge the metrics of application and proxy (S188).
    pub merges_metrics: bool,
    /// Default settings of every proxy.
    pub proxy: ProxyDefaults,
}

impl<'s> ControlPlaneMap<'s> {
    /// The map as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::ConfigMap>) -> Self {
        Self { id: &read.id, body: &read.body }
    }

    /// Its key `mesh`.
    #[must_use]
    pub fn mesh(&self) -> Option<MeshConfigLayer<'s>> {
        self.body.mesh.0.as_deref().map(MeshConfigLayer)
    }

    /// Its keys `config` and `values`.
    #[must_use]
    pub fn injector(&self) -> InjectorConfig<'s> {
        InjectorConfig::of(self.body)
    }
}

impl MeshConfig {
    /// The shared configuration is applied first and the revision's own on top (S18).
    #[must_use]
    pub fn of(read_from: Option<&Id>, shared: Option<MeshConfigLayer<'_>>, own: Option<MeshConfigLayer<'_>>) -> Self {
        let layers = || own.iter().chain(&shared).map(|layer| layer.0);
        let text = |pick: fn(&wire::MeshConfig) -> &Text, default: &str| {
            layers().map(pick).find(|text| !text.is_empty()).cloned().unwrap_or_else(|| default.into())
        };
        let list = |pick: fn(&wire::MeshConfig) -> &[Text]| layers().map(pick).find(|all| !all.is_empty()).unwrap_or_default();
        let authorities = layers().map(|mesh| &mesh.ca_certificates).find(|all| !all.is_empty());
        let with_own_ca = authorities.into_iter().flat_map(|all| all.iter()).flat_map(|authority| authority.trust_domains.iter());
        Self {
            read_from: read_from.cloned(),
            root_namespace: text(|mesh| &mesh.root_namespace, "istio-system"),
            trust_domain: text(|mesh| &mesh.trust_domain, "cluster.local"),
            auto_mtls: layers().find_map(|mesh| mesh.enable_auto_mtls).is_none_or(|flag| flag.0),
            trust_domain_aliases: list(|mesh| &mesh.trust_domain_aliases).to_vec(),
            other_trust_domains: with_own_ca.cloned().collect(),
            service_export_to: ExportTo::of(list(|mesh| &mesh.default_service_export_to)),
            has_private_rules: ExportTo::of(list(|mesh| &mesh.default_destination_rule_export_to)).has_own_namespace(),
            outbound: layers().find_map(|mesh| mesh.outbound_traffic_policy.as_ref()).map(OutboundPolicy::of),
            merges_metrics: layers().find_map(|mesh| mesh.enable_prometheus_merge).is_none_or(|flag| flag.0),
            proxy: ProxyDefaults::of(layers().map(|mesh| &mesh.default_config)),
        }
    }
}
