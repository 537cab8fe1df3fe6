//! Specs of Istio's `AuthorizationPolicy` (which clients may call) and `VirtualService` (where calls to a host are routed).

use serde::Deserialize;

use super::{Int, List, Selector, TargetRef, or_default};
use crate::object::Text;

/// Spec of an `AuthorizationPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct AuthorizationPolicySpec {
    /// Which workloads it applies to; absent or empty means all of the namespace, or of the mesh in the root namespace.
    pub selector: Option<Selector>,
    /// The targets it is attached to, instead of a selector: a waypoint or a gateway then enforces it.
    pub target_refs: List<TargetRef>,
    /// The same, as a single target.
    pub target_ref: Option<TargetRef>,
    /// `ALLOW` (also when empty), `DENY`, `AUDIT` or `CUSTOM`.
    pub action: Text,
    pub rules: List<AuthorizationRule>,
}

/// A rule of an `AuthorizationPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct AuthorizationRule {
    /// Callers that it matches.
    pub from: List<RuleFrom>,
    /// Further conditions.
    pub when: List<RuleCondition>,
}

/// A caller of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RuleFrom {
    /// The caller.
    #[serde(deserialize_with = "or_default")]
    pub source: Source,
}

/// A caller, limited to the fields that match its identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Source {
    /// Principals, without `spiffe://`.
    pub principals: List<Text>,
    /// Excluded principals.
    pub not_principals: List<Text>,
    /// Namespaces of the identity.
    pub namespaces: List<Text>,
    /// Excluded namespaces.
    pub not_namespaces: List<Text>,
    /// Service accounts, as `NAMESPACE/NAME` or `NAME`.
    pub service_accounts: List<Text>,
    /// Excluded service accounts.
    pub not_service_accounts: List<Text>,
}

/// A condition of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RuleCondition {
    /// The attribute, such as `source.principal`.
    pub key: Text,
}

/// Spec of a `VirtualService`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct VirtualServiceSpec {
    /// Hosts that it applies to.
    pub hosts: List<Text>,
    /// Gateways it applies to; absent means `mesh`, that is, all sidecars.
    pub gateways: List<Text>,
    /// Namespaces to which it is visible.
    pub export_to: List<Text>,
    /// HTTP routes.
    pub http: List<Route>,
    /// Routes of TLS that is not terminated by the proxy.
    pub tls: List<Route>,
    /// Routes of all other TCP traffic.
    pub tcp: List<Route>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Route {
    /// What it matches; absent means everything.
    #[serde(rename = "match")]
    pub matches: List<Match>,
    /// Its destinations.
    pub route: List<Weighted>,
}

/// A match condition, limited to ports, gateways and SNI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Match {
    /// The service port that was called.
    pub port: Int,
    /// The gateways whose calls it matches, `mesh` for sidecars; empty for all of the `VirtualService`.
    pub gateways: Vec<Text>,
    /// SNI of the client's own TLS.
    pub sni_hosts: List<Text>,
}

/// A destination of a route, without its weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Weighted {
    #[serde(deserialize_with = "or_default")]
    pub destination: RouteDestination,
}

/// A destination of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RouteDestination {
    /// The host; a name without a dot is resolved in the namespace of the `VirtualService`.
    pub host: Text,
    pub subset: Text,
    /// The port; absent means the one that was called.
    pub port: Option<super::PortSelector>,
}
