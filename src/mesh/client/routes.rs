//! Where `VirtualServices` route the calls of clients in the mesh, and what they bring into a client's scope (S46, S53, S83).

use std::collections::{BTreeMap, BTreeSet};

use super::{by_host::ByHost, converted_routes::converted_routes, registry::Registry};
use crate::{
    istio::{Applies, ClusterDomain, Route, RouteAction, RouteType, RoutedCall, VirtualService},
    object::{Id, Labels, Snapshot, Text},
};

/// Every `VirtualService` for clients in the mesh, by the hosts that are called and by their destinations.
#[derive(Debug)]
pub struct Routes<'s> {
    all: Vec<VirtualService<'s>>,
    /// Destinations of gateways: host and port, and the kinds of routes to them.
    of_gateways: BTreeMap<(Text, Option<u16>), BTreeSet<RouteType>>,
    by_host: ByHost<Vec<usize>>,
    by_destination: BTreeMap<Text, Vec<usize>>,
}

/// Where the routes of a `VirtualService` send a call.
#[derive(Clone, Debug)]
pub struct Routing<'s> {
    /// The first object whose routes apply.
    pub by: &'s Id,
    /// The destinations, sorted.
    pub targets: Vec<RouteTarget>,
    /// Whether the proxy answers some requests itself (S336).
    pub is_answered: bool,
    /// Whether a route applies that this tool does not evaluate.
    pub is_unevaluated: bool,
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
    pub(in crate::mesh) fn new(snapshot: &'s Snapshot, registry: &Registry<'_>, domain: &ClusterDomain) -> Self {
        let mut decoded: Vec<(i64, VirtualService<'s>)> = converted_routes(snapshot, registry, domain);
        let of_users = snapshot.virtual_services.iter();
        decoded.extend(of_users.map(|read| (read.created.unwrap_or(i64::MAX), VirtualService::decode(read, domain))));
        decoded.sort_by(|(a_age, a), (b_age, b)| {
            (a_age, &a.id.name, &a.id.namespace, &a.hosts).cmp(&(b_age, &b.id.name, &b.id.namespace, &b.hosts))
        });
        let decoded: Vec<VirtualService<'s>> = decoded.into_iter().map(|(_, one)| one).collect();
        let mut of_gateways = BTreeMap::<(Text, Option<u16>), BTreeSet<RouteType>>::new();
        for one in decoded.iter().filter(|one| one.is_for_gateways) {
            for route_type in [RouteType::Http, RouteType::Tls, RouteType::Tcp] {
                let routes = one.routes(route_type).iter().filter(|route| route.is_for_gateways());
                for to in routes.flat_map(|route| &route.destinations).filter(|to| to.is_used) {
                    of_gateways.entry((to.host.clone(), to.port)).or_default().insert(route_type);
                }
            }
        }
        let all: Vec<VirtualService<'s>> = decoded.into_iter().filter(|one| one.is_for_mesh).collect();
        let (mut by_host, mut by_destination) = (ByHost::<Vec<usize>>::default(), BTreeMap::<Text, Vec<usize>>::new());
        for (at, one) in all.iter().enumerate() {
            for host in &one.hosts {
                by_host.entry(host.clone()).push(at);
            }
            for to in one.all_routes().flat_map(Route::all_destinations) {
                by_destination.entry(to.host.clone()).or_default().push(at);
            }
        }
        by_destination.values_mut().for_each(Vec::dedup);
        Self { all, of_gateways, by_host, by_destination }
    }

    /// Whether there is no route for clients in the mesh.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
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

    /// The `VirtualServices` for a host, highest precedence first: exact hosts before wildcards, and the longest of these first.
    pub(in crate::mesh) fn calls(&self, host: &str) -> impl Iterator<Item = &VirtualService<'s>> {
        self.by_host.matching(host).flatten().map(|&at| &self.all[at])
    }

    /// Labels of clients that some condition of a route names.
    pub(super) fn source_labels(&self) -> impl Iterator<Item = &Labels> {
        self.all.iter().flat_map(VirtualService::all_routes).flat_map(Route::source_labels)
    }

    /// Where the routes send a client's call; `None` if none applies to it. Requests are routed by the first `VirtualService` that has a
    /// route for the client, of the most specific host; connections by the routes of all of them (S330, S335).
    pub(super) fn routing(
        &self,
        host: &str,
        call: RoutedCall<'_>,
        is_imported: &dyn Fn(&VirtualService<'s>) -> bool,
        only_port: &dyn Fn(&Text) -> Option<u16>,
    ) -> Option<Routing<'s>> {
        let is_seen = |one: &VirtualService<'s>| is_visible(one, call.namespace) && is_imported(one);
        if call.is_at_waypoint || call.route_type != RouteType::Http {
            let mut all: Vec<usize> = self.by_host.matching(host).flatten().copied().collect();
            all.sort_unstable();
            all.dedup();
            return self.of_all(host, call, &self.in_order(&all, call.namespace, &is_seen), only_port);
        }
        let hosts = self.by_host.matching_hosts(host);
        let mut seen = hosts.map(|(pattern, all)| (pattern, self.in_order(all, call.namespace, &is_seen)));
        let (pattern, all) = seen.find(|(_, all)| !all.is_empty())?;
        let considered = if pattern.starts_with('*') { 1 } else { all.len() };
        all.iter().take(considered).find_map(|&at| self.of_all(host, call, &[at], only_port))
    }

    /// `VirtualServices` in the order in which istiod gives them to the proxies of a namespace (S335).
    fn in_order(&self, all: &[usize], namespace: &str, is_seen: &dyn Fn(&VirtualService<'s>) -> bool) -> Vec<usize> {
        let mut found: Vec<usize> = all.iter().copied().filter(|&at| is_seen(&self.all[at])).collect();
        found.sort_by_key(|&at| {
            let one = &self.all[at];
            let is_own = *one.id.namespace == *namespace;
            // Those of the Gateway API are exported to all namespaces, and effective for consumers in their own only.
            let is_public = one.is_converted() || one.exports.is_public();
            match (is_public, is_own) {
                (false, true) => 0,
                (false, false) => 1,
                (true, true) if one.is_converted() => 2,
                (true, _) => 3,
            }
        });
        found
    }

    /// Where the routes of these `VirtualServices` send a call, up to the first that applies to all of its kind.
    fn of_all(&self, host: &str, call: RoutedCall<'_>, all: &[usize], only_port: &dyn Fn(&Text) -> Option<u16>) -> Option<Routing<'s>> {
        let mut found: Option<Routing<'s>> = None;
        let mut is_for_all = false;
        let routes = all.iter().map(|&at| &self.all[at]).flat_map(|one| one.routes(call.route_type).iter().map(move |route| (one, route)));
        for (one, route) in routes {
            let has_effect = route.action != RouteAction::Forward || !route.destinations.is_empty();
            let Some(applies) = route.applies(call).filter(|_| has_effect) else { continue };
            let new = || Routing { by: one.id, targets: Vec::new(), is_answered: false, is_unevaluated: false };
            found.get_or_insert_with(new).add(route, call.port, only_port);
            is_for_all = applies == Applies::ToAll;
            if is_for_all {
                break;
            }
        }
        let mut found = found?;
        // Connections that no route matches go to the service itself.
        if call.route_type == RouteType::Tcp && !is_for_all {
            found.targets.push(RouteTarget { host: host.into(), port: call.port, subset: None });
        }
        found.targets.sort();
        found.targets.dedup();
        Some(found)
    }
}

impl Routing<'_> {
    /// Whether all calls go where they would go without it.
    pub(super) fn is_only(&self, host: &str, port: u16) -> bool {
        let is_itself = matches!(self.targets.as_slice(), [only] if *only.host == *host && only.port == port && only.subset.is_none());
        is_itself && !self.is_answered && !self.is_unevaluated
    }

    fn add(&mut self, route: &Route<'_>, called: u16, only_port: &dyn Fn(&Text) -> Option<u16>) {
        match route.action {
            RouteAction::Answer => self.is_answered = true,
            RouteAction::Unevaluated => self.is_unevaluated = true,
            RouteAction::Forward => self.targets.extend(route.destinations.iter().filter(|to| to.is_used).map(|to| RouteTarget {
                host: to.host.clone(),
                port: to.port.or_else(|| only_port(&to.host)).unwrap_or(called),
                subset: to.subset.cloned(),
            })),
        }
    }
}

fn is_visible(one: &VirtualService<'_>, client: &str) -> bool {
    one.exports.is_visible_in(&one.id.namespace, client)
}
