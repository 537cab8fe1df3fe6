//! Routes of the Gateway API, which istiod converts to `VirtualServices` (S334).

use super::{ClusterDomain, ExportTo, Route, RouteAction, RouteDestination, VirtualService, port, route::RouteCondition};
use crate::object::{FieldPath, Id, Kind, Read, Text, wire};

/// A route of the Gateway API.
#[derive(Clone, Copy, Debug)]
pub struct GatewayRoute<'s> {
    pub id: &'s Id,
    spec: &'s wire::GatewayRouteSpec,
}

/// What a route is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteParent<'s> {
    pub kind: ParentKind,
    pub namespace: &'s Text,
    pub name: &'s Text,
    /// The only port that the route applies to; `None` means all.
    pub port: Option<u16>,
}

/// The kind of what a route is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentKind {
    Gateway,
    Service,
    ServiceEntry,
}

/// The rank of a rule: istiod moves rules with more specific conditions before others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteRank {
    Conditional,
    CatchAll,
    Regex,
}

impl<'s> GatewayRoute<'s> {
    /// The route as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::GatewayRoute>) -> Self {
        Self { id: &read.id, spec: &read.body.spec }
    }

    /// What it is attached to; references to other kinds have no effect.
    pub fn parents(&self) -> impl Iterator<Item = RouteParent<'s>> + use<'s> {
        let own = &self.id.namespace;
        self.spec.parent_refs.iter().filter_map(move |parent| {
            let group = parent.group.as_ref().map_or("gateway.networking.k8s.io", Text::as_str);
            let kind = match (group, parent.kind.as_ref().map_or("Gateway", Text::as_str)) {
                ("gateway.networking.k8s.io", "Gateway") => ParentKind::Gateway,
                ("" | "core", "Service") => ParentKind::Service,
                ("networking.istio.io", "ServiceEntry") => ParentKind::ServiceEntry,
                _ => return None,
            };
            let namespace = parent.namespace.as_ref().unwrap_or(own);
            Some(RouteParent { kind, namespace, name: &parent.name, port: parent.port.and_then(|number| port(number.0)) })
        })
    }

    /// Whether proxies parse the calls that it routes as HTTP.
    fn is_http(&self) -> bool {
        matches!(self.id.kind, Kind::HTTPRoute | Kind::GRPCRoute)
    }

    /// Its routes for calls of a parent, each with its rank.
    #[must_use]
    pub fn routes(&self, only_port: Option<u16>, domain: &ClusterDomain) -> Vec<(RouteRank, Route<'s>)> {
        let mut ranked: Vec<(RouteRank, Route<'s>)> = Vec::new();
        for (at, rule) in self.spec.rules.iter().enumerate() {
            let route = |rank: RouteRank, condition: Option<RouteCondition<'s>>| {
                (rank, Route { matches: condition.into_iter().collect(), ..self.route(at, rule, domain) })
            };
            if rule.matches.is_empty() {
                // A TLS route always has a condition: the name of the server.
                let has_condition = only_port.is_some() || self.id.kind == Kind::TLSRoute;
                ranked.push(route(RouteRank::CatchAll, has_condition.then(|| RouteCondition::generated(only_port, true))));
            }
            for one in rule.matches.iter() {
                let rank = rank(one);
                ranked.push(route(rank, Some(RouteCondition::generated(only_port, rank == RouteRank::CatchAll))));
            }
        }
        ranked
    }

    /// The destinations of its rules, and of the copies that they send, each with whether calls get there.
    #[must_use]
    pub fn destinations(&self, domain: &ClusterDomain) -> Vec<RouteDestination<'s>> {
        let routes = self.spec.rules.iter().enumerate().map(|(at, rule)| self.route(at, rule, domain));
        routes.flat_map(|route| route.destinations.into_iter().chain(route.mirrors)).collect()
    }

    /// The `VirtualService` for the mesh that istiod makes of the routes of a namespace for a host. Routes of the host's own namespace apply
    /// to all clients, those of other namespaces to clients there.
    #[must_use]
    pub fn converted(&self, is_producer: bool, host: Text, mut ranked: Vec<(RouteRank, Route<'s>)>) -> VirtualService<'s> {
        ranked.sort_by_key(|(rank, _)| *rank);
        let routes = ranked.into_iter().map(|(_, route)| route).collect();
        let (mut http, mut tls, mut tcp) = (Vec::new(), Vec::new(), Vec::new());
        if self.is_http() {
            http = routes;
        } else if self.id.kind == Kind::TLSRoute {
            tls = routes;
        } else {
            tcp = routes;
        }
        VirtualService {
            id: self.id,
            hosts: vec![host],
            exports: if is_producer { ExportTo::default() } else { ExportTo::own_namespace() },
            is_for_mesh: true,
            is_for_gateways: false,
            gateways: &[],
            http,
            tls,
            tcp,
        }
    }

    fn route(&self, at: usize, rule: &'s wire::RouteRule, domain: &ClusterDomain) -> Route<'s> {
        let field: FieldPath = ["spec", "rules", &at.to_string()].into_iter().collect();
        let is_known = |filter: &wire::RouteFilter| {
            matches!(
                filter.kind.as_str(),
                "RequestHeaderModifier" | "ResponseHeaderModifier" | "RequestRedirect" | "RequestMirror" | "URLRewrite" | "CORS"
            )
        };
        let has_redirect = rule.filters.iter().any(|filter| filter.kind == "RequestRedirect");
        let backends = rule.backend_refs.iter().enumerate();
        let destinations: Option<Vec<RouteDestination<'s>>> = backends
            .map(|(index, backend)| self.destination(backend, field.clone().then("backendRefs").then(index.to_string()), domain))
            .collect();
        let mirrors = rule.filters.iter().enumerate().filter_map(|(index, filter)| {
            let at = field.clone().then("filters").then(index.to_string()).then("requestMirror").then("backendRef");
            self.destination(&filter.request_mirror.as_ref()?.backend_ref, at, domain)
        });
        let mirrors = mirrors.collect();
        let is_evaluated = self.is_http() && rule.filters.iter().all(is_known) && destinations.is_some();
        let destinations = destinations.unwrap_or_default();
        let action = if has_redirect {
            RouteAction::Answer
        } else if !is_evaluated {
            RouteAction::Unevaluated
        } else if destinations.iter().any(|to| to.is_used) {
            RouteAction::Forward
        } else {
            // Without a backend that gets calls the answer is 500.
            RouteAction::Answer
        };
        Route { destinations, mirrors, action, matches: Vec::new() }
    }

    /// A backend; `None` if its kind is not one whose host is known, or if it has no port.
    fn destination(&self, backend: &'s wire::RouteBackend, at: FieldPath, domain: &ClusterDomain) -> Option<RouteDestination<'s>> {
        let group = backend.group.as_ref().map_or("", Text::as_str);
        let host = match (group, backend.kind.as_ref().map_or("Service", Text::as_str)) {
            ("" | "core", "Service") if !backend.name.contains('.') => {
                domain.service(backend.namespace.as_ref().unwrap_or(&self.id.namespace), &backend.name)
            }
            ("networking.istio.io", "Hostname") if backend.namespace.is_none() => backend.name.clone(),
            _ => return None,
        };
        let port = port(backend.port?.0)?;
        let is_used = backend.weight.is_none_or(|weight| weight.0 != 0);
        Some(RouteDestination { at, host_step: "name", host, port: Some(port), subset: None, is_used })
    }
}

fn rank(one: &wire::RouteMatch) -> RouteRank {
    let kind = one.path.as_ref().and_then(|path| path.kind.as_ref()).map_or("PathPrefix", Text::as_str);
    let value = one.path.as_ref().and_then(|path| path.value.as_ref()).map_or("/", Text::as_str);
    let is_any_path = kind == "PathPrefix" && value == "/";
    if kind == "RegularExpression" {
        RouteRank::Regex
    } else if is_any_path && one.method.is_none() && one.headers.is_empty() && one.query_params.is_empty() {
        RouteRank::CatchAll
    } else {
        RouteRank::Conditional
    }
}
