//! Who may call, and where a host leads: Istio's `AuthorizationPolicy` and `VirtualService`.

use serde::Deserialize;

use super::{Int, List, Selector, TargetRef, or_default};
use crate::object::Text;

/// Spec of an `AuthorizationPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct AuthorizationPolicySpec {
    /// Which workloads it is for; absent and empty mean all of the namespace, of the mesh in the root namespace.
    pub selector: Option<Selector>,
    /// What it is attached to, in place of a selector: a waypoint or a gateway enforces it then.
    pub target_refs: List<TargetRef>,
    /// The same, for one.
    pub target_ref: Option<TargetRef>,
    /// `ALLOW` (also when empty), `DENY`, `AUDIT` or `CUSTOM`.
    pub action: Text,
    /// Its rules.
    pub rules: List<AuthorizationRule>,
}

/// A rule of an `AuthorizationPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct AuthorizationRule {
    /// Where calls come from.
    pub from: List<RuleFrom>,
    /// What else holds.
    pub when: List<RuleCondition>,
}

/// Where calls come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RuleFrom {
    /// The caller.
    #[serde(deserialize_with = "or_default")]
    pub source: Source,
}

/// A caller, as far as its identity counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Source {
    /// Identities without `spiffe://`.
    pub principals: List<Text>,
    /// Those it must not have.
    pub not_principals: List<Text>,
    /// Namespaces of identities.
    pub namespaces: List<Text>,
    /// Those it must not have.
    pub not_namespaces: List<Text>,
    /// Service accounts, as `NAMESPACE/NAME` or `NAME`.
    pub service_accounts: List<Text>,
    /// Those it must not have.
    pub not_service_accounts: List<Text>,
}

/// A condition of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RuleCondition {
    /// What is looked at, such as `source.principal`.
    pub key: Text,
}

/// Spec of a `VirtualService`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct VirtualServiceSpec {
    /// Hosts that it is for.
    pub hosts: List<Text>,
    /// Gateways it is for; absent means `mesh`, which stands for all sidecars.
    pub gateways: List<Text>,
    /// Who sees it.
    pub export_to: List<Text>,
    /// Routes of HTTP.
    pub http: List<Route>,
    /// Routes of TLS that the application brings itself.
    pub tls: List<Route>,
    /// Routes of everything else.
    pub tcp: List<Route>,
}

/// A route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Route {
    /// What it is for; absent means everything.
    #[serde(rename = "match")]
    pub matches: List<Match>,
    /// Where it leads.
    pub route: List<Weighted>,
}

/// What a route is for, as far as ports and names count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Match {
    /// The service port that was called.
    pub port: Int,
    /// Names in the application's own TLS.
    pub sni_hosts: List<Text>,
}

/// A destination and its share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Weighted {
    /// The destination.
    #[serde(deserialize_with = "or_default")]
    pub destination: RouteDestination,
}

/// A destination of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RouteDestination {
    /// The host; a name without a dot lies in the namespace of the `VirtualService`.
    pub host: Text,
    /// The subset.
    pub subset: Text,
    /// The port; absent means the one that was called.
    pub port: Option<super::PortSelector>,
}
