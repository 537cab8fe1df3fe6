//! Specs of Istio's `AuthorizationPolicy` (which clients may call) and `VirtualService` (where calls to a host are routed).

use serde::Deserialize;

use super::{Int, List, Pairs, Selector, TargetRef, or_default};
use crate::object::{Labels, Text};

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

/// An object of which only the presence matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Present {}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Route {
    /// What it matches; absent means everything.
    #[serde(rename = "match")]
    pub matches: List<Match>,
    /// Its destinations.
    pub route: List<Weighted>,
    /// An answer that redirects the client, instead of destinations.
    pub redirect: Option<Present>,
    /// A fixed answer, instead of destinations.
    pub direct_response: Option<Present>,
    /// Another `VirtualService` that has the routes.
    pub delegate: Option<Present>,
    /// Where copies of requests are sent.
    pub mirror: Option<RouteDestination>,
    /// The same, several of them.
    pub mirrors: List<Weighted>,
}

/// A match condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Match {
    /// The service port that was called.
    pub port: Int,
    /// The gateways whose calls it matches, `mesh` for sidecars; empty for all of the `VirtualService`.
    pub gateways: List<Text>,
    /// The namespace of the client; empty means any.
    pub source_namespace: Text,
    /// Labels of the client.
    pub source_labels: Labels,
    /// SNI of the client's own TLS.
    pub sni_hosts: List<Text>,
    /// Addresses that are called.
    pub destination_subnets: List<Text>,
    pub uri: Option<UriMatch>,
    pub scheme: Option<Present>,
    pub method: Option<Present>,
    pub authority: Option<Present>,
    pub headers: Pairs<Option<Present>>,
    pub without_headers: Pairs<Option<Present>>,
    pub query_params: Pairs<Option<Present>>,
}

/// A condition on the path of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct UriMatch {
    pub exact: Option<Text>,
    pub prefix: Option<Text>,
    pub regex: Option<Text>,
}

/// A destination of a route, and its share of the calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Weighted {
    #[serde(deserialize_with = "or_default")]
    pub destination: RouteDestination,
    /// The share; 0 for none if there are other destinations.
    pub weight: Int,
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
