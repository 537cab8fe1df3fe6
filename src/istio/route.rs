//! Routes: whose calls they apply to, and where they send them (S46, S53, S83, S330, S331).

use super::port;
use crate::object::{FieldPath, Labels, Text, wire};

/// A route of a `VirtualService`, or of what istiod converts to one.
#[derive(Clone, Debug)]
pub struct Route<'s> {
    /// Its destinations, also those that get no calls.
    pub destinations: Vec<RouteDestination<'s>>,
    /// Where copies of requests are sent.
    pub mirrors: Vec<RouteDestination<'s>>,
    pub action: RouteAction,
    /// What it matches; empty means everything.
    pub(super) matches: Vec<RouteCondition<'s>>,
}

/// What a route does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteAction {
    /// It sends it to a destination.
    Forward,
    /// The proxy answers it itself, with a redirect or a fixed response.
    Answer,
    /// This tool does not evaluate it: another object, or an extension, defines where the call goes.
    Unevaluated,
}

/// Which routes of a `VirtualService` apply to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteType {
    /// HTTP routes.
    Http,
    /// Routes for the application's own TLS.
    Tls,
    /// TCP routes.
    Tcp,
}

/// A call to be routed.
#[derive(Clone, Copy, Debug)]
pub struct RoutedCall<'a> {
    pub route_type: RouteType,
    /// The service port that is called.
    pub port: u16,
    /// The namespace of the client.
    pub namespace: &'a str,
    /// The labels of the client.
    pub labels: &'a Labels,
    /// Whether a waypoint routes it, which knows neither labels nor, for TCP, the namespace of the client.
    pub is_at_waypoint: bool,
}

/// A destination of a route.
#[derive(Clone, Debug)]
pub struct RouteDestination<'s> {
    /// Its field.
    pub at: FieldPath,
    /// The last step of the field with its host.
    pub host_step: &'static str,
    /// The host, a short name resolved (S52).
    pub host: Text,
    /// The port; `None` means the port that was called.
    pub port: Option<u16>,
    pub subset: Option<&'s Text>,
    /// Whether it gets calls: a weight of 0 means none if there are other destinations (S331).
    pub is_used: bool,
}

/// A match condition.
#[derive(Clone, Debug)]
pub(super) struct RouteCondition<'s> {
    pub(super) port: Option<u16>,
    gateways: &'s [Text],
    source_namespace: Option<&'s Text>,
    source_labels: Labels,
    /// Whether it applies to every request or connection, apart from the conditions above.
    pub(super) is_unconditional: bool,
}

/// Whether a route applies to all calls of a kind, or to some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    ToAll,
    ToSome,
}

impl<'s> Route<'s> {
    pub(super) fn of(route: &'s wire::Route, route_type: RouteType, at: &FieldPath, resolved: &impl Fn(&Text) -> Text) -> Self {
        let is_only = route.route.len() == 1;
        let weighted = |(index, one): (usize, &'s wire::Weighted)| {
            let at = at.clone().then("route").then(index.to_string()).then("destination");
            destination(&one.destination, at, is_only || one.weight.0 != 0, resolved)
        };
        let mirrors = route.mirrors.iter().enumerate().map(|(index, one)| {
            let at = at.clone().then("mirrors").then(index.to_string()).then("destination");
            destination(&one.destination, at, true, resolved)
        });
        let mirror = route.mirror.iter().map(|one| destination(one, at.clone().then("mirror"), true, resolved));
        let action = match route {
            wire::Route { redirect: Some(_), .. } | wire::Route { direct_response: Some(_), .. } => RouteAction::Answer,
            wire::Route { delegate: Some(_), .. } => RouteAction::Unevaluated,
            _ => RouteAction::Forward,
        };
        let mut destinations: Vec<_> = route.route.iter().enumerate().map(weighted).collect();
        // Without any weight the API server rejects several destinations (S331); in files the shares are not known.
        if destinations.iter().all(|to| !to.is_used) {
            for to in &mut destinations {
                to.is_used = true;
            }
        }
        Self {
            destinations,
            mirrors: mirror.chain(mirrors).collect(),
            action,
            matches: route.matches.iter().map(|one| RouteCondition::of(one, route_type)).collect(),
        }
    }

    /// Whether it applies to calls of a service port from some application in the mesh.
    #[must_use]
    pub fn is_for(&self, port: u16) -> bool {
        let of_mesh = || self.matches.iter().filter(|one| one.is_of_mesh());
        self.matches.is_empty() || of_mesh().any(|one| one.port.is_none_or(|own| own == port))
    }

    /// Whether it applies to calls that arrive at gateways of its `VirtualService`.
    #[must_use]
    pub fn is_for_gateways(&self) -> bool {
        self.matches.is_empty() || self.matches.iter().any(RouteCondition::is_of_gateways)
    }

    /// Where it sends calls, and copies of them.
    pub fn all_destinations(&self) -> impl Iterator<Item = &RouteDestination<'s>> {
        self.destinations.iter().chain(&self.mirrors)
    }

    /// Whether it applies to calls of a client; `None` if it applies to none of them (S330).
    #[must_use]
    pub fn applies(&self, call: RoutedCall<'_>) -> Option<Applies> {
        if self.matches.is_empty() {
            return (call.route_type != RouteType::Tls).then_some(Applies::ToAll);
        }
        let mut found = None;
        for one in self.matches.iter().filter(|one| one.is_for(call)) {
            if one.is_unconditional {
                return Some(Applies::ToAll);
            }
            found = Some(Applies::ToSome);
        }
        found
    }

    /// The namespaces of clients that its conditions name.
    pub fn source_namespaces(&self) -> impl Iterator<Item = &'s Text> {
        self.matches.iter().filter_map(|one| one.source_namespace)
    }

    /// The labels of clients that its conditions name.
    pub fn source_labels(&self) -> impl Iterator<Item = &Labels> {
        self.matches.iter().map(|one| &one.source_labels).filter(|labels| !labels.is_empty())
    }

    /// Whether its destinations are in the scope of a namespace: they are, unless its conditions name namespaces and none of them is this one
    /// (S46).
    #[must_use]
    pub fn is_in_scope_of(&self, namespace: &str) -> bool {
        let mut named = self.source_namespaces().peekable();
        named.peek().is_none() || named.any(|one| *one == *namespace)
    }
}

impl<'s> RouteCondition<'s> {
    fn of(one: &'s wire::Match, route_type: RouteType) -> Self {
        let is_unconditional = match route_type {
            RouteType::Http => is_catch_all(one),
            RouteType::Tcp => one.destination_subnets.is_empty(),
            RouteType::Tls => false,
        };
        Self {
            port: port(one.port.0),
            gateways: &one.gateways,
            source_namespace: Some(&one.source_namespace).filter(|name| !name.is_empty()),
            source_labels: one.source_labels.clone(),
            is_unconditional,
        }
    }

    /// A condition that istiod generates, for one port or for all.
    pub(super) fn generated(port: Option<u16>, is_unconditional: bool) -> Self {
        Self { port, gateways: &[], source_namespace: None, source_labels: Labels::default(), is_unconditional }
    }

    /// An HTTP condition that names gateways applies without regard to the client's namespace and labels.
    fn is_for(&self, call: RoutedCall<'_>) -> bool {
        let ignores_source = call.route_type == RouteType::Http && !self.gateways.is_empty();
        let has_labels = self.source_labels.selects(call.labels);
        let has_namespace = !call.is_at_waypoint || call.route_type == RouteType::Http;
        let is_from_namespace = self.source_namespace.is_none_or(|own| has_namespace && *own == *call.namespace);
        let is_from_source = ignores_source || has_labels && is_from_namespace;
        let is_dropped = call.is_at_waypoint && !self.source_labels.is_empty();
        self.port.is_none_or(|own| own == call.port) && self.is_of_mesh() && is_from_source && !is_dropped
    }

    /// Whether it applies to clients in the mesh.
    fn is_of_mesh(&self) -> bool {
        self.gateways.is_empty() || self.gateways.iter().any(|gateway| gateway == "mesh")
    }

    fn is_of_gateways(&self) -> bool {
        self.gateways.is_empty() || self.gateways.iter().any(|gateway| gateway != "mesh")
    }
}

/// Whether an HTTP condition matches every request.
fn is_catch_all(one: &wire::Match) -> bool {
    let is_any_path = match &one.uri {
        None => true,
        Some(wire::UriMatch { prefix: Some(prefix), .. }) => prefix == "/",
        Some(wire::UriMatch { regex: Some(regex), .. }) => regex == ".*",
        Some(wire::UriMatch { exact, .. }) => exact.is_none(),
    };
    let is_any_request = one.scheme.is_none() && one.method.is_none() && one.authority.is_none();
    is_any_path && is_any_request && one.headers.is_empty() && one.without_headers.is_empty() && one.query_params.is_empty()
}

fn destination<'s>(
    to: &'s wire::RouteDestination,
    at: FieldPath,
    is_used: bool,
    resolved: &impl Fn(&Text) -> Text,
) -> RouteDestination<'s> {
    RouteDestination {
        at,
        host_step: "host",
        host: resolved(&to.host),
        port: to.port.as_ref().and_then(|to| port(to.number.0)),
        subset: Some(&to.subset).filter(|subset| !subset.is_empty()),
        is_used,
    }
}
