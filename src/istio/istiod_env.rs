//! The variables of istiod's environment that this tool reads.

use std::collections::BTreeMap;

use super::parse_bool;
use crate::object::Text;

/// The environment variables of an istiod that affect mTLS.
///
/// A value that `strconv.ParseBool` rejects counts as the default, and istiod logs it; all of these are off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate variable, and none depends on another")]
pub struct IstiodEnv {
    /// `ENABLE_TLS_ON_SIDECAR_INGRESS`: whether the TLS settings of a Sidecar's ingress apply (S36).
    pub tls_on_sidecar_ingress: bool,
    /// `PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES`: whether headless Services have endpoints of their own (S75).
    pub eds_for_headless_services: bool,
    /// `PILOT_PREFER_SENDING_HBONE`: whether HBONE is preferred to the mesh's mTLS if an endpoint accepts both (S78).
    pub prefers_sending_hbone: bool,
    /// `PILOT_SKIP_VALIDATE_TRUST_DOMAIN`: whether servers accept clients of every trust domain (S31).
    pub skips_trust_domain_validation: bool,
    /// `PILOT_ENABLE_AMBIENT`: whether ambient is enabled (S109); `None` if the variable is absent.
    pub ambient: Option<bool>,
    /// `ENABLE_NATIVE_SIDECARS`: whether injected sidecars are native; `None` if the versions of the nodes decide (S151).
    pub native_sidecars: Option<bool>,
    /// `PILOT_ENABLE_ALPHA_GATEWAY_API`: whether Istio up to 1.27 reads policies for backends (S260).
    pub alpha_gateway_api: bool,
    /// `SHARED_MESH_CONFIG`: the `ConfigMap` with the configuration shared between revisions (S18).
    pub shared_mesh_config: Option<Text>,
}

impl IstiodEnv {
    /// Reads the variables of an environment.
    #[must_use]
    pub fn of(variables: &BTreeMap<Text, Text>) -> Self {
        let boolean = |name: &str| variables.get(name).map(|value| parse_bool(value).unwrap_or_default());
        let is_on = |name: &str| boolean(name).unwrap_or_default();
        Self {
            tls_on_sidecar_ingress: is_on("ENABLE_TLS_ON_SIDECAR_INGRESS"),
            eds_for_headless_services: is_on("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES"),
            prefers_sending_hbone: is_on("PILOT_PREFER_SENDING_HBONE"),
            skips_trust_domain_validation: is_on("PILOT_SKIP_VALIDATE_TRUST_DOMAIN"),
            ambient: boolean("PILOT_ENABLE_AMBIENT"),
            native_sidecars: variables.get("ENABLE_NATIVE_SIDECARS").and_then(|value| parse_bool(value)),
            alpha_gateway_api: is_on("PILOT_ENABLE_ALPHA_GATEWAY_API"),
            shared_mesh_config: variables.get("SHARED_MESH_CONFIG").cloned(),
        }
    }
}
