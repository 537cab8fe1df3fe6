//! `outboundTrafficPolicy`: what happens to calls to unknown destinations (S49).

use super::Tls;
use crate::object::wire;

/// What happens to calls to unknown destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundPolicy {
    /// `ALLOW_ANY`: they pass unchanged.
    AllowAny,
    /// `REGISTRY_ONLY`, the enum's zero value and so also the default if the mode is omitted: they are refused.
    RegistryOnly,
    /// `ALLOW_ANY_DYNAMIC_DNS`: HTTP is resolved by name, with these TLS settings.
    DynamicDns(Option<Tls>),
}

impl OutboundPolicy {
    pub(super) fn of(policy: &wire::OutboundTrafficPolicy) -> Self {
        match policy.mode.as_str() {
            "ALLOW_ANY" => Self::AllowAny,
            "ALLOW_ANY_DYNAMIC_DNS" => Self::DynamicDns(policy.tls.as_ref().and_then(Tls::of)),
            _ => Self::RegistryOnly,
        }
    }
}
