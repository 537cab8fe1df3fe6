//! The `DestinationRules` that istiod generates from policies of the Gateway API for backends (S260–S263).

use std::collections::BTreeMap;

use super::registry::{Registry, ServiceSource};
use crate::{
    istio::{BackendPolicy, BackendTarget, DestinationRule, IstioVersion, IstiodEnv, Tls, TrafficPolicy},
    object::{Id, Kind, Snapshot, Text},
};

/// A policy for all ports of a backend, or for one.
struct Attached<'s> {
    policy: BackendPolicy<'s>,
    port: Option<u16>,
}

/// Policies by the namespace and host of their backend.
type ByHost<'s> = BTreeMap<(Text, Text), Vec<Attached<'s>>>;

/// The generated rules, by namespace and host.
pub(in crate::mesh) fn generated_rules(
    snapshot: &Snapshot,
    registry: &Registry<'_>,
    version: IstioVersion,
    env: &IstiodEnv,
) -> Vec<DestinationRule> {
    let has_sections = version.is_at_least(28, 0);
    if !has_sections && !env.alpha_gateway_api {
        return Vec::new();
    }
    let reads = snapshot.backend_policies.iter().map(BackendPolicy::of);
    let mut policies: Vec<BackendPolicy<'_>> = reads.filter(|one| !(version.is_at_least(30, 1) && one.is_excluded())).collect();
    // The oldest applies; objects that were not created yet are the newest.
    policies.sort_by_key(|one| (one.created.unwrap_or(i64::MAX), &one.id.namespace, &one.id.name));
    let mut by_host = ByHost::new();
    for policy in policies {
        for target in policy.targets().filter(|target| has_sections || target.kind == Kind::Service) {
            for (host, port) in backends(registry, policy.id, target, has_sections) {
                by_host.entry((policy.id.namespace.clone(), host)).or_default().push(Attached { policy, port });
            }
        }
    }
    // From 1.31 the settings of users apply first, and before that the generated rule is like the oldest of their rules (S262).
    let is_fallback = version.is_at_least(31, 0);
    by_host.into_iter().filter_map(|((_, host), attached)| rule(host, &attached, is_fallback)).collect()
}

/// The hosts of a target, and the port that the policy is limited to; empty if the target, or its port, does not exist.
fn backends(registry: &Registry<'_>, policy: &Id, target: BackendTarget<'_>, has_sections: bool) -> Vec<(Text, Option<u16>)> {
    let Some(service) = registry.of(&Id::new(target.kind, policy.namespace.clone(), target.name.clone())) else { return Vec::new() };
    let port = match target.port.filter(|_| has_sections) {
        None => None,
        Some(name) => match service.ports.iter().find(|port| port.name == *name) {
            Some(port) => Some(port.number),
            None => return Vec::new(),
        },
    };
    match service.source {
        ServiceSource::Service(_) => vec![(service.host.clone(), port)],
        ServiceSource::Entry(entry) => entry.hosts().iter().map(|host| (host.clone(), port)).collect(),
    }
}

fn rule(host: Text, attached: &[Attached<'_>], is_fallback: bool) -> Option<DestinationRule> {
    let first = attached.first()?;
    let mut whole: Option<(&Id, Tls)> = None;
    let mut ports: BTreeMap<u16, (Id, Tls)> = BTreeMap::new();
    for Attached { policy, port } in attached {
        let Some(tls) = policy.tls() else { continue };
        match port {
            Some(port) => _ = ports.entry(*port).or_insert_with(|| (policy.id.clone(), tls)),
            None if whole.is_none() => whole = Some((policy.id, tls)),
            None => {}
        }
    }
    let id = whole.as_ref().map_or(first.policy.id, |(id, _)| id).clone();
    let (by_port, port_tls) = ports.into_iter().map(|(port, (id, tls))| ((port, id), (port, Some(tls)))).unzip();
    let policy = TrafficPolicy::of_tls(whole.map(|(_, tls)| tls), port_tls);
    Some(DestinationRule::generated(id, host, policy, by_port, is_fallback))
}
