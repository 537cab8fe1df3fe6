//! `VirtualService`: the hosts to which calls are routed (S46, S53, S83).

use super::{ClusterDomain, ExportTo, port};
use crate::object::{FieldPath, Id, Kind, Read, Text, wire};

#[derive(Clone, Debug)]
pub struct VirtualService<'s> {
    pub id: &'s Id,
    /// The hosts whose calls it routes, short names resolved in its own namespace (S52).
    pub hosts: Vec<Text>,
    /// The namespaces that it is exported to.
    pub exports: ExportTo,
    /// Whether it applies to sidecars: it has no `gateways`, or `mesh` is one of them.
    pub is_for_mesh: bool,
    /// Whether it applies to gateways.
    pub is_for_gateways: bool,
    gateways: &'s [Text],
    http: Vec<Route<'s>>,
    tls: Vec<Route<'s>>,
    tcp: Vec<Route<'s>>,
}

#[derive(Clone, Debug)]
pub struct Route<'s> {
    pub destinations: Vec<RouteDestination<'s>>,
    /// The ports that applications in the mesh call.
    ports: RoutePorts,
    /// Whether it applies to calls that arrive at gateways.
    pub is_for_gateways: bool,
}

/// The service ports that a route applies to.
#[derive(Clone, Debug)]
enum RoutePorts {
    /// All ports.
    All,
    /// Only these.
    Only(Vec<u16>),
}

/// A destination of a route.
#[derive(Clone, Debug)]
pub struct RouteDestination<'s> {
    /// The host, a short name resolved (S52).
    pub host: Text,
    /// The port; `None` means the port that was called.
    pub port: Option<u16>,
    pub subset: Option<&'s Text>,
}

/// Which routes of a `VirtualService` apply to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteType {
    /// HTTP routes.
    Http,
    /// Routes for the application's own TLS, else TCP routes.
    Tls,
    /// TCP routes.
    Tcp,
}

impl<'s> VirtualService<'s> {
    /// Decodes a `VirtualService`.
    #[must_use]
    pub fn decode(read: &'s Read<wire::VirtualService>, domain: &ClusterDomain) -> Self {
        let (spec, namespace) = (&read.body.spec, &read.id.namespace);
        let resolved = |host: &Text| domain.resolved(host, namespace);
        let routes = |routes: &'s [wire::Route]| routes.iter().map(|route| Route::of(route, &resolved)).collect();
        Self {
            id: &read.id,
            hosts: spec.hosts.iter().map(resolved).collect(),
            exports: ExportTo::of(&spec.export_to),
            is_for_mesh: spec.gateways.is_empty() || spec.gateways.iter().any(|gateway| gateway == "mesh"),
            gateways: &spec.gateways,
            is_for_gateways: spec.gateways.iter().any(|gateway| gateway != "mesh"),
            http: routes(&spec.http),
            tls: routes(&spec.tls),
            tcp: routes(&spec.tcp),
        }
    }

    /// The gateways that it applies to, as `NAME` or `NAMESPACE/NAME`; `mesh` represents all sidecars.
    pub fn gateway_names(&self) -> impl Iterator<Item = &'s Text> + use<'s> {
        self.gateways.iter()
    }

    /// The Gateways that it applies to.
    pub fn gateway_ids(&self) -> impl Iterator<Item = Id> {
        self.gateway_names().filter(|name| *name != "mesh").map(|name| match name.split_once('/') {
            Some((namespace, name)) => Id::new(Kind::Gateway, namespace, name),
            None => Id::new(Kind::Gateway, self.id.namespace.clone(), name.clone()),
        })
    }

    /// The routes of one type.
    #[must_use]
    pub fn own_routes(&self, route_type: RouteType) -> &[Route<'s>] {
        match route_type {
            RouteType::Http => &self.http,
            RouteType::Tls => &self.tls,
            RouteType::Tcp => &self.tcp,
        }
    }

    /// The routes that apply to a call of this protocol.
    #[must_use]
    pub fn routes(&self, route_type: RouteType) -> &[Route<'s>] {
        if route_type == RouteType::Tls && self.tls.is_empty() { &self.tcp } else { self.own_routes(route_type) }
    }

    /// Every destination of the routes of one type, with its field and its route.
    pub fn destinations_of(&self, route_type: RouteType) -> impl Iterator<Item = (FieldPath, &Route<'s>, &RouteDestination<'s>)> {
        let name = match route_type {
            RouteType::Http => "http",
            RouteType::Tls => "tls",
            RouteType::Tcp => "tcp",
        };
        self.own_routes(route_type).iter().enumerate().flat_map(move |(at, route)| {
            route.destinations.iter().enumerate().map(move |(index, to)| {
                let (at, index) = (at.to_string(), index.to_string());
                (["spec", name, &at, "route", &index, "destination"].into_iter().collect(), route, to)
            })
        })
    }

    /// Every destination of every route, with its field.
    pub fn destination_fields(&self) -> impl Iterator<Item = (FieldPath, &RouteDestination<'s>)> {
        let types = [RouteType::Http, RouteType::Tls, RouteType::Tcp];
        types.into_iter().flat_map(|route_type| self.destinations_of(route_type)).map(|(at, _, to)| (at, to))
    }

    /// Every destination of every route.
    pub fn destinations(&self) -> impl Iterator<Item = &RouteDestination<'s>> {
        [&self.http, &self.tls, &self.tcp].into_iter().flatten().flat_map(|route| &route.destinations)
    }
}

impl<'s> Route<'s> {
    fn of(route: &'s wire::Route, resolved: &impl Fn(&Text) -> Text) -> Self {
        let is_unmatched = route.matches.is_empty();
        let of_mesh = |one: &&wire::Match| one.gateways.is_empty() || one.gateways.iter().any(|gateway| gateway == "mesh");
        let of_gateways = |one: &wire::Match| one.gateways.is_empty() || one.gateways.iter().any(|gateway| gateway != "mesh");
        // A match without a port applies to all ports.
        let is_for_all = is_unmatched || route.matches.iter().filter(of_mesh).any(|one| one.port.0 == 0);
        let only = || route.matches.iter().filter(of_mesh).filter_map(|one| port(one.port.0)).collect();
        let destination = |to: &'s wire::RouteDestination| RouteDestination {
            host: resolved(&to.host),
            port: to.port.as_ref().and_then(|to| port(to.number.0)),
            subset: Some(&to.subset).filter(|subset| !subset.is_empty()),
        };
        Self {
            destinations: route.route.iter().map(|weighted| destination(&weighted.destination)).collect(),
            ports: if is_for_all { RoutePorts::All } else { RoutePorts::Only(only()) },
            is_for_gateways: is_unmatched || route.matches.iter().any(of_gateways),
        }
    }

    /// Whether it applies to calls of a service port from applications in the mesh.
    #[must_use]
    pub fn is_for(&self, port: u16) -> bool {
        match &self.ports {
            RoutePorts::All => true,
            RoutePorts::Only(ports) => ports.contains(&port),
        }
    }
}
