//! Where `VirtualServices` route the calls of clients in the mesh, and what they bring into a client's scope (S46, S53, S83).

use std::collections::{BTreeMap, BTreeSet};

use super::rules::host_matches;
use crate::{
    istio::{ClusterDomain, RouteType, VirtualService},
    object::{Id, Snapshot, Text},
};

/// Every `VirtualService` for clients in the mesh, by the hosts that are called and by their destinations.
#[derive(Debug)]
pub struct Routes<'s> {
    all: Vec<VirtualService<'s>>,
    /// Destinations of gateways: host and port, and the kinds of routes to them.
    of_gateways: BTreeMap<(Text, Option<u16>), BTreeSet<RouteType>>,
    by_host: BTreeMap<Text, Vec<usize>>,
    by_destination: BTreeMap<Text, Vec<usize>>,
}

/// A destination of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteTarget {
    /// The host, a short name resolved.
    pub host: Text,
    pub port: u16,
    pub subset: Option<Text>,
}

impl std::fmt::Display for RouteTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)?;
        self.subset.iter().try_for_each(|subset| write!(f, " subset {subset}"))
    }
}

impl<'s> Routes<'s> {
    pub(in crate::mesh) fn new(snapshot: &'s Snapshot, domain: &ClusterDomain) -> Self {
        let mut reads: Vec<_> = snapshot.virtual_services.iter().collect();
        reads.sort_by(|a, b| a.age().cmp(&b.age()));
        let decoded: Vec<VirtualService<'s>> = reads.into_iter().map(|read| VirtualService::decode(read, domain)).collect();
        let mut of_gateways = BTreeMap::<(Text, Option<u16>), BTreeSet<RouteType>>::new();
        for one in decoded.iter().filter(|one| one.is_for_gateways) {
            for route_type in [RouteType::Http, RouteType::Tls, RouteType::Tcp] {
                let routes = one.own_routes(route_type).iter().filter(|route| route.is_for_gateways);
                for to in routes.flat_map(|route| &route.destinations) {
                    of_gateways.entry((to.host.clone(), to.port)).or_default().insert(route_type);
                }
            }
        }
        let all: Vec<VirtualService<'s>> = decoded.into_iter().filter(|one| one.is_for_mesh).collect();
        let (mut by_host, mut by_destination) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeMap::<Text, Vec<usize>>::new());
        for (at, one) in all.iter().enumerate() {
            for host in &one.hosts {
                by_host.entry(host.clone()).or_default().push(at);
            }
            for to in one.destinations() {
                by_destination.entry(to.host.clone()).or_default().push(at);
            }
        }
        by_destination.values_mut().for_each(Vec::dedup);
        Self { all, of_gateways, by_host, by_destination }
    }

    /// Whether gateways route TLS that they do not terminate to a port, and nothing else (S239); `None` if no gateway routes to it.
    pub(super) fn passes_tls_through(&self, host: &Text, port: u16) -> Option<bool> {
        let types = self.types_of_gateways(host, port);
        types.first()?;
        Some(types.iter().all(|route_type| *route_type == RouteType::Tls))
    }

    /// Whether gateways route to any port of a host.
    #[must_use]
    pub fn is_called_by_gateways(&self, host: &Text) -> bool {
        self.of_gateways.range((host.clone(), None)..).next().is_some_and(|((called, _), _)| called == host)
    }

    /// Whether gateways route to a port what they parse as HTTP, and nothing else (S239).
    #[must_use]
    pub fn is_parsed_by_gateways(&self, host: &Text, port: u16) -> bool {
        let types = self.types_of_gateways(host, port);
        !types.is_empty() && types.iter().all(|route_type| *route_type == RouteType::Http)
    }

    fn types_of_gateways(&self, host: &Text, port: u16) -> BTreeSet<RouteType> {
        if self.of_gateways.is_empty() {
            return BTreeSet::new();
        }
        let of = |port: Option<u16>| self.of_gateways.get(&(host.clone(), port));
        [of(Some(port)), of(None)].into_iter().flatten().flatten().copied().collect()
    }

    /// The `VirtualServices` that route to a host.
    pub(in crate::mesh) fn routed_to(&self, host: &str) -> impl Iterator<Item = &VirtualService<'s>> {
        self.by_destination.get(host).into_iter().flatten().map(|&at| &self.all[at])
    }

    /// Those of them that clients of a namespace see.
    pub(super) fn visible_routes_to(&self, host: &str, client: &str) -> impl Iterator<Item = &VirtualService<'s>> {
        self.routed_to(host).filter(move |one| is_visible(one, client))
    }

    /// The `VirtualService` that routes a client's calls to a host: the oldest that it sees, exact hosts before wildcards.
    fn virtual_service(&self, host: &str, client: &str) -> Option<&VirtualService<'s>> {
        self.calls(host).find(|one| is_visible(one, client))
    }

    /// The `VirtualServices` for a host, highest precedence first.
    pub(in crate::mesh) fn calls(&self, host: &str) -> impl Iterator<Item = &VirtualService<'s>> {
        let wildcards = self.by_host.range(Text::from("*")..).take_while(|(pattern, _)| pattern.starts_with('*'));
        let wild = wildcards.filter(|(pattern, _)| host_matches(pattern, host)).flat_map(|(_, all)| all);
        let exact = self.by_host.get(host).into_iter().flatten();
        exact.chain(wild).map(|&at| &self.all[at])
    }

    /// The destinations of a client's call to a host and port, and the `VirtualService` that defines them; `None` if none routes it.
    #[must_use]
    pub fn targets(
        &self,
        host: &str,
        port: u16,
        client: &str,
        route_type: RouteType,
        only_port: impl Fn(&Text) -> Option<u16>,
    ) -> Option<(&'s Id, Vec<RouteTarget>)> {
        let virtual_service = self.virtual_service(host, client)?;
        let routes = virtual_service.routes(route_type).iter().filter(|route| route.is_for(port));
        let destinations = routes.flat_map(|route| &route.destinations).map(|to| RouteTarget {
            host: to.host.clone(),
            port: to.port.or_else(|| only_port(&to.host)).unwrap_or(port),
            subset: to.subset.cloned(),
        });
        let mut targets: Vec<RouteTarget> = destinations.collect();
        targets.sort();
        targets.dedup();
        (!targets.is_empty()).then_some((virtual_service.id, targets))
    }
}

fn is_visible(one: &VirtualService<'_>, client: &str) -> bool {
    one.exports.is_visible_in(&one.id.namespace, client)
}
