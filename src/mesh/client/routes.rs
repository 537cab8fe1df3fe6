//! Where `VirtualServices` lead the calls of clients in the mesh, and what they bring into a client's scope (S46, S53, S83).

use std::collections::BTreeMap;

use super::{registry::exports_to, rules::host_matches};
use crate::{
    istio::ClusterDomain,
    object::{
        Id, Read, Snapshot, Text,
        wire::{Route, VirtualService, VirtualServiceSpec},
    },
};

/// Every `VirtualService` for clients in the mesh, by the hosts that are called and by those it leads to.
#[derive(Debug)]
pub struct Routes<'s> {
    all: Vec<&'s Read<VirtualService>>,
    by_host: BTreeMap<Text, Vec<usize>>,
    by_destination: BTreeMap<Text, Vec<usize>>,
    domain: ClusterDomain,
}

/// Which routes of a `VirtualService` count for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// Those of HTTP.
    Http,
    /// Those of the application's own TLS, else those of TCP.
    Tls,
    /// Those of TCP.
    Tcp,
}

/// A destination of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteTarget {
    /// The host, a short name resolved.
    pub host: Text,
    /// The port.
    pub port: u16,
    /// The subset.
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
        let is_for_mesh = |read: &&Read<VirtualService>| {
            let gateways = &read.body.spec.gateways;
            gateways.is_empty() || gateways.iter().any(|gateway| gateway == "mesh")
        };
        let mut all: Vec<_> = snapshot.virtual_services.iter().filter(is_for_mesh).collect();
        all.sort_by(|a, b| a.age().cmp(&b.age()));
        let (mut by_host, mut by_destination) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeMap::<Text, Vec<usize>>::new());
        for (at, read) in all.iter().enumerate() {
            for host in read.body.spec.hosts.iter() {
                by_host.entry(domain.resolved(host, &read.id.namespace)).or_default().push(at);
            }
            for host in destinations(&read.body.spec, &read.id.namespace, domain) {
                by_destination.entry(host).or_default().push(at);
            }
        }
        by_destination.values_mut().for_each(Vec::dedup);
        Self { all, by_host, by_destination, domain: domain.clone() }
    }

    /// The `VirtualServices` that lead to a host: who they are, and the hosts that are called.
    pub(in crate::mesh) fn led_to(&self, host: &str) -> impl Iterator<Item = (&'s Id, Vec<Text>)> {
        self.leading_to(host, |_| true)
    }

    /// Those of them that clients of a namespace see.
    pub(super) fn seen_leading_to(&self, host: &str, client: &str) -> impl Iterator<Item = (&'s Id, Vec<Text>)> {
        self.leading_to(host, move |read| is_visible(read, client))
    }

    fn leading_to(&self, host: &str, is_seen: impl Fn(&Read<VirtualService>) -> bool) -> impl Iterator<Item = (&'s Id, Vec<Text>)> {
        let found = self.by_destination.get(host).into_iter().flatten().map(|&at| self.all[at]);
        let hosts = |read: &'s Read<VirtualService>| {
            read.body.spec.hosts.iter().map(|host| self.domain.resolved(host, &read.id.namespace)).collect()
        };
        found.filter(move |read| is_seen(read)).map(move |read| (&read.id, hosts(read)))
    }

    /// The `VirtualService` that leads a client's calls of a host: the oldest that it sees, exact hosts before wildcards.
    fn leading(&self, host: &str, client: &str) -> Option<&'s Read<VirtualService>> {
        self.calls(host).find(|read| is_visible(read, client))
    }

    /// Those that are for a host, the first first.
    pub(in crate::mesh) fn calls(&self, host: &str) -> impl Iterator<Item = &'s Read<VirtualService>> {
        let wildcards = self.by_host.range(Text::from("*")..).take_while(|(said, _)| said.starts_with('*'));
        let wild = wildcards.filter(|(said, _)| host_matches(said, host)).flat_map(|(_, all)| all);
        let exact = self.by_host.get(host).into_iter().flatten();
        exact.chain(wild).map(|&at| self.all[at])
    }

    /// Where a client's call of a host and port is led, and by whom; `None` where nothing leads it.
    #[must_use]
    pub fn targets(&self, host: &str, port: u16, client: &str, protocols: Protocols) -> Option<(&'s Id, Vec<RouteTarget>)> {
        let read = self.leading(host, client)?;
        let spec = &read.body.spec;
        let routes: Vec<&Route> = match protocols {
            Protocols::Http => spec.http.iter().collect(),
            Protocols::Tls if !spec.tls.is_empty() => spec.tls.iter().collect(),
            Protocols::Tls | Protocols::Tcp => spec.tcp.iter().collect(),
        };
        let is_for_port =
            |route: &&&Route| route.matches.is_empty() || route.matches.iter().any(|one| one.port.0 == 0 || one.port.0 == i64::from(port));
        let led = routes.iter().filter(is_for_port).flat_map(|route| route.route.iter()).map(|weighted| {
            let to = &weighted.destination;
            RouteTarget {
                host: self.domain.resolved(&to.host, &read.id.namespace),
                port: to.port.as_ref().and_then(|port| u16::try_from(port.number.0).ok()).filter(|port| *port != 0).unwrap_or(port),
                subset: Some(to.subset.clone()).filter(|subset| !subset.is_empty()),
            }
        });
        let mut targets: Vec<RouteTarget> = led.collect();
        targets.sort();
        targets.dedup();
        (!targets.is_empty()).then_some((&read.id, targets))
    }
}

fn destinations<'r>(spec: &'r VirtualServiceSpec, namespace: &'r str, domain: &'r ClusterDomain) -> impl Iterator<Item = Text> + 'r {
    let routes = spec.http.iter().chain(spec.tls.iter()).chain(spec.tcp.iter());
    routes.flat_map(|route| route.route.iter()).map(|weighted| domain.resolved(&weighted.destination.host, namespace))
}

fn is_visible(read: &Read<VirtualService>, client: &str) -> bool {
    exports_to(&read.body.spec.export_to, &read.id.namespace, client)
}
