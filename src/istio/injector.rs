//! The injector's configuration: keys `config` and `values` of its `ConfigMap` (S139, S148).

use super::ClusterDomain;
use crate::object::{LabelSelector, Labels, Text, wire};

/// The injector's configuration of one revision; defaults if it was not read.
#[derive(Clone, Copy, Debug, Default)]
pub struct InjectorConfig<'s> {
    policy: Option<&'s wire::InjectorPolicy>,
    values: Option<&'s wire::InjectorValues>,
}

/// What happens to pods that no label, annotation or selector enrols or excludes (S139).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectionPolicy {
    /// They are injected.
    Enabled,
    /// They are not.
    Disabled,
    /// Any other value: istiod logs an error and injects nothing at all.
    Invalid,
}

impl<'s> InjectorConfig<'s> {
    pub(super) fn of(map: &'s wire::ConfigMap) -> Self {
        Self { policy: map.injector.0.as_deref(), values: map.values.0.as_deref() }
    }

    /// What happens to pods that no label, annotation or selector enrols or excludes.
    #[must_use]
    pub fn policy(&self) -> InjectionPolicy {
        match self.policy.map_or("enabled", |config| config.policy.as_str()) {
            "enabled" => InjectionPolicy::Enabled,
            "disabled" => InjectionPolicy::Disabled,
            _ => InjectionPolicy::Invalid,
        }
    }

    /// Whether selectors inject a pod with these labels: `neverInjectSelector` decides first, then `alwaysInjectSelector`; `None` if
    /// neither selects it.
    #[must_use]
    pub fn selected(&self, pod: &Labels) -> Option<bool> {
        // An empty selector would select everything; istiod ignores it.
        let any = |selectors: &[LabelSelector]| selectors.iter().any(|one| !one.is_empty() && one.selects(pod));
        let config = self.policy?;
        if any(&config.never_inject_selector) {
            return Some(false);
        }
        any(&config.always_inject_selector).then_some(true)
    }

    /// The templates of pods that request none (S148); empty means `sidecar`.
    #[must_use]
    pub fn default_templates(&self) -> &'s [Text] {
        self.policy.map(|policy| &policy.default_templates[..]).unwrap_or_default()
    }

    /// Whether namespaces without any label are injected (S138).
    #[must_use]
    pub fn injects_by_default(&self) -> bool {
        self.values.is_some_and(|values| values.sidecar_injector_webhook.enable_namespaces_by_default.0)
    }

    /// Whether probes are rewritten to the agent (S182); `None` if the values do not set it.
    #[must_use]
    pub fn rewrites_probes(&self) -> Option<bool> {
        self.values?.sidecar_injector_webhook.rewrite_app_http_probe.map(|flag| flag.0)
    }

    /// The inbound ports that are captured (S32); `None` if the values do not set them.
    #[must_use]
    pub fn include_inbound_ports(&self) -> Option<&'s str> {
        self.values?.global.proxy.include_inbound_ports.as_deref()
    }

    /// The inbound ports that are not captured (S32); `None` if no values were read.
    #[must_use]
    pub fn exclude_inbound_ports(&self) -> Option<&'s str> {
        self.values.map(|values| values.global.proxy.exclude_inbound_ports.as_str())
    }

    /// The domain of the cluster, if the values set it (S52).
    #[must_use]
    pub fn cluster_domain(&self) -> Option<ClusterDomain> {
        ClusterDomain::new(&self.values?.global.proxy.cluster_domain)
    }
}
