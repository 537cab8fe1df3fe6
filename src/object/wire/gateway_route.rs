//! Routes of the Gateway API: `HTTPRoute`, `GRPCRoute`, `TLSRoute` and `TCPRoute`.

use serde::Deserialize;

use super::{Int, List, Meta, Present, or_default};
use crate::object::Text;

/// A route of the Gateway API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct GatewayRoute {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: GatewayRouteSpec,
}

/// Spec of a route of the Gateway API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct GatewayRouteSpec {
    /// The Gateways and Services whose calls it routes.
    pub parent_refs: List<ParentRef>,
    pub rules: List<RouteRule>,
}

/// What a route is attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ParentRef {
    /// The API group; absent means that of Gateways, empty the core group.
    pub group: Option<Text>,
    /// The kind; absent means a Gateway.
    pub kind: Option<Text>,
    /// The namespace; absent means that of the route.
    pub namespace: Option<Text>,
    pub name: Text,
    /// The only port that it applies to; absent means all.
    pub port: Option<Int>,
}

/// A rule of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct RouteRule {
    /// What it matches; absent means everything.
    pub matches: List<RouteMatch>,
    pub filters: List<RouteFilter>,
    /// Where it sends calls.
    pub backend_refs: List<RouteBackend>,
}

/// A match condition. The method of an `HTTPRoute` is a word, that of a `GRPCRoute` a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct RouteMatch {
    pub path: Option<PathMatch>,
    pub method: Option<AnyMethod>,
    pub headers: List<Present>,
    pub query_params: List<Present>,
}

/// A method, of which only the presence matters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a word or a mapping")]
pub enum AnyMethod {
    Word(Text),
    Mapping(Present),
}

/// A condition on the path of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct PathMatch {
    /// `PathPrefix` (also when absent), `Exact` or `RegularExpression`.
    #[serde(rename = "type")]
    pub kind: Option<Text>,
    /// The path; absent means `/`.
    pub value: Option<Text>,
}

/// What a rule does with a request, limited to the fields that change where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct RouteFilter {
    #[serde(rename = "type")]
    pub kind: Text,
    pub request_mirror: Option<RouteMirror>,
}

/// Where copies of requests are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct RouteMirror {
    #[serde(deserialize_with = "or_default")]
    pub backend_ref: RouteBackend,
}

/// A destination of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct RouteBackend {
    /// The API group; absent or empty means the core group.
    pub group: Option<Text>,
    /// The kind; absent means a Service.
    pub kind: Option<Text>,
    /// The namespace; absent means that of the route.
    pub namespace: Option<Text>,
    pub name: Text,
    pub port: Option<Int>,
    /// The share; absent means 1.
    pub weight: Option<Int>,
}
