//! The `VirtualServices` that istiod makes of routes of the Gateway API that are attached to Services (S334).

use std::collections::BTreeMap;

use super::registry::{Registry, ServiceSource};
use crate::{
    istio::{ClusterDomain, GatewayRoute, ParentKind, Route, RouteParent, RouteRank, VirtualService},
    object::{Id, Kind, Snapshot, Text},
};

/// What istiod merges into one `VirtualService`: the kind and the namespace of the routes, the only port, and the host.
type Key = (Kind, Text, Option<u16>, Text);

struct Merged<'s> {
    oldest: GatewayRoute<'s>,
    created: i64,
    is_producer: bool,
    ranked: Vec<(RouteRank, Route<'s>)>,
}

/// The `VirtualServices` with the creation time of the oldest of their routes.
pub(super) fn converted_routes<'s>(
    snapshot: &'s Snapshot,
    registry: &Registry<'_>,
    domain: &ClusterDomain,
) -> Vec<(i64, VirtualService<'s>)> {
    let mut reads: Vec<_> = snapshot.gateway_routes.iter().collect();
    reads.sort_by_key(|read| (read.created.unwrap_or(i64::MAX), &read.id.namespace, &read.id.name));
    let mut by_key = BTreeMap::<Key, Merged<'s>>::new();
    for read in reads {
        let route = GatewayRoute::of(read);
        for parent in route.parents() {
            for host in hosts(registry, domain, &parent) {
                let key = (read.id.kind, read.id.namespace.clone(), parent.port, host);
                let merged = by_key.entry(key).or_insert_with(|| Merged {
                    oldest: route,
                    created: read.created.unwrap_or(i64::MAX),
                    is_producer: *parent.namespace == read.id.namespace,
                    ranked: Vec::new(),
                });
                merged.ranked.extend(route.routes(parent.port, domain));
            }
        }
    }
    let converted = by_key.into_iter().map(|((.., host), one)| (one.created, one.oldest.converted(one.is_producer, host, one.ranked)));
    converted.collect()
}

/// The hosts of a parent; none if it is a Gateway, or a `ServiceEntry` that was not read.
fn hosts(registry: &Registry<'_>, domain: &ClusterDomain, parent: &RouteParent<'_>) -> Vec<Text> {
    match parent.kind {
        ParentKind::Gateway => Vec::new(),
        ParentKind::Service => vec![domain.service(parent.namespace, parent.name)],
        ParentKind::ServiceEntry => {
            let found = registry.of(&Id::new(Kind::ServiceEntry, parent.namespace.clone(), parent.name.clone()));
            match found.map(|service| &service.source) {
                Some(ServiceSource::Entry(entry)) => entry.hosts().to_vec(),
                Some(ServiceSource::Service(_)) | None => Vec::new(),
            }
        }
    }
}
