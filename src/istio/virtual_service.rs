//! `VirtualService`: the hosts to which calls are routed (S46, S53, S83).

use super::{ClusterDomain, ExportTo, Route, RouteDestination, RouteType};
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
    pub(super) gateways: &'s [Text],
    pub(super) http: Vec<Route<'s>>,
    pub(super) tls: Vec<Route<'s>>,
    pub(super) tcp: Vec<Route<'s>>,
}

impl<'s> VirtualService<'s> {
    /// Decodes a `VirtualService`.
    #[must_use]
    pub fn decode(read: &'s Read<wire::VirtualService>, domain: &ClusterDomain) -> Self {
        let (spec, namespace) = (&read.body.spec, &read.id.namespace);
        let resolved = |host: &Text| domain.resolved(host, namespace);
        let routes = |routes: &'s [wire::Route], route_type: RouteType| {
            let of = |(at, route)| Route::of(route, route_type, &field(route_type, at), &resolved);
            routes.iter().enumerate().map(of).collect()
        };
        Self {
            id: &read.id,
            hosts: spec.hosts.iter().map(resolved).collect(),
            exports: ExportTo::of(&spec.export_to),
            is_for_mesh: spec.gateways.is_empty() || spec.gateways.iter().any(|gateway| gateway == "mesh"),
            gateways: &spec.gateways,
            is_for_gateways: spec.gateways.iter().any(|gateway| gateway != "mesh"),
            http: routes(&spec.http, RouteType::Http),
            tls: routes(&spec.tls, RouteType::Tls),
            tcp: routes(&spec.tcp, RouteType::Tcp),
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

    /// Whether istiod converts a route of the Gateway API to it.
    #[must_use]
    pub fn is_converted(&self) -> bool {
        self.id.kind != Kind::VirtualService
    }

    /// The routes of one type.
    #[must_use]
    pub fn routes(&self, route_type: RouteType) -> &[Route<'s>] {
        match route_type {
            RouteType::Http => &self.http,
            RouteType::Tls => &self.tls,
            RouteType::Tcp => &self.tcp,
        }
    }

    /// Every route.
    pub fn all_routes(&self) -> impl Iterator<Item = &Route<'s>> {
        [&self.http, &self.tls, &self.tcp].into_iter().flatten()
    }

    /// Every destination of every route.
    pub fn destinations(&self) -> impl Iterator<Item = &RouteDestination<'s>> {
        self.all_routes().flat_map(|route| &route.destinations)
    }
}

/// The field of a route.
fn field(route_type: RouteType, at: usize) -> FieldPath {
    let name = match route_type {
        RouteType::Http => "http",
        RouteType::Tls => "tls",
        RouteType::Tcp => "tcp",
    };
    ["spec", name, &at.to_string()].into_iter().collect()
}
