//! Settings of proxies: the mesh's `defaultConfig`, and the annotation `proxy.istio.io/config` of a pod (S18).

use super::{parse_bool, port};
use crate::object::wire;

/// The settings that a pod's annotation sets for its own proxy.
#[derive(Clone, Copy, Debug)]
pub struct PodProxyConfig<'s>(&'s wire::ProxyConfig);

/// The default settings of every proxy in a mesh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyDefaults(wire::ProxyConfig);

/// The effective settings of one proxy: the pod's own, else the mesh's; metadata is merged key by key (S18).
#[derive(Clone, Copy, Debug)]
pub struct ProxySettings<'a> {
    own: Option<&'a wire::ProxyConfig>,
    mesh: &'a wire::ProxyConfig,
}

/// Port of the agent's own server if none is set.
const DEFAULT_STATUS_PORT: u16 = 15020;

impl<'s> PodProxyConfig<'s> {
    pub(super) fn of(config: &'s wire::EmbeddedConfig<wire::ProxyConfig>) -> Option<Self> {
        config.0.as_deref().map(Self)
    }
}

impl ProxyDefaults {
    /// Merges layers; earlier ones override later ones.
    pub(super) fn of<'a>(layers: impl Iterator<Item = &'a wire::ProxyConfig>) -> Self {
        Self(layers.fold(wire::ProxyConfig::default(), wire::ProxyConfig::over))
    }

    /// The settings of a proxy whose pod sets these.
    #[must_use]
    pub fn with<'a>(&'a self, own: Option<PodProxyConfig<'a>>) -> ProxySettings<'a> {
        ProxySettings { own: own.map(|own| own.0), mesh: &self.0 }
    }
}

impl<'a> ProxySettings<'a> {
    /// Port of the agent's own server (S184); `None` if it is disabled by 0, or not a valid port.
    #[must_use]
    pub fn status_port(&self) -> Option<u16> {
        let set = self.own.and_then(|own| own.status_port).or(self.mesh.status_port);
        set.map_or(Some(DEFAULT_STATUS_PORT), |number| port(number.0))
    }

    /// How traffic is captured, as written; empty means `REDIRECT`.
    #[must_use]
    pub fn interception_mode(&self) -> &'a str {
        let own = self.own.map(|own| own.interception_mode.as_str()).filter(|mode| !mode.is_empty());
        own.unwrap_or(&self.mesh.interception_mode)
    }

    /// Whether the proxy has certificates of its own (S91).
    #[must_use]
    pub fn has_own_certificates(&self) -> bool {
        self.metadata().any(|(key, value)| key.ends_with("TLS_CLIENT_CERT_CHAIN") && !value.is_empty())
    }

    /// Whether the agent writes the mesh's certificate to files, where the application can read it (S248).
    #[must_use]
    pub fn outputs_certificates(&self) -> bool {
        self.metadata().any(|(key, value)| key == "OUTPUT_CERTS" && !value.is_empty())
    }

    /// Whether the proxy is configured not to send HBONE (S78).
    #[must_use]
    pub fn disables_hbone_send(&self) -> bool {
        self.metadata().any(|(key, value)| key.ends_with("DISABLE_HBONE_SEND") && parse_bool(value) == Some(true))
    }

    /// Whether injection labels the pod for HBONE (S150): the template compares with exactly `true`.
    #[must_use]
    pub fn is_labelled_for_hbone(&self) -> bool {
        self.metadata().any(|(key, value)| key == "ISTIO_META_ENABLE_HBONE" && value == "true")
    }

    /// Whether the proxy answers DNS queries of the application itself (S234).
    #[must_use]
    pub fn captures_dns(&self) -> bool {
        self.is_set("ISTIO_META_DNS_CAPTURE")
    }

    /// Whether addresses are allocated for it to entries that declare none, as istiod did before it wrote them into their status (S234).
    #[must_use]
    pub fn allocates_addresses(&self) -> bool {
        self.is_set("ISTIO_META_DNS_AUTO_ALLOCATE")
    }

    fn is_set(&self, name: &str) -> bool {
        self.metadata().any(|(key, value)| key == name && parse_bool(value) == Some(true))
    }

    fn metadata(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let own = self.own.map(|own| &own.proxy_metadata[..]).unwrap_or_default();
        let wider = self.mesh.proxy_metadata.iter().filter(|(key, _)| own.iter().all(|(same, _)| same != key));
        own.iter().chain(wider).map(|(key, value)| (key.as_str(), value.as_str()))
    }
}
