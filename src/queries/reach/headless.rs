//! The pods behind a headless Service, whatever ports it has.

use super::{
    calling::{CallEvaluation, Listing},
    names::HeadlessPod,
};
use crate::{
    istio::PodSpec,
    mesh::{Destination, Endpoint, Mesh, Resolution, Service, Workload},
    object::{Kind, Text},
};

impl<'m> CallEvaluation<'_, 'm> {
    /// The endpoints of a destination that a client reaches without istiod.
    pub(super) fn addressed(&self, to: Destination<'_>) -> Vec<Endpoint<'m>> {
        let is_sliced = !self.mesh.slices_of(to.service).is_empty();
        let found = if is_sliced { self.mesh.addressed_endpoints(to.service, to.port) } else { self.every_endpoint(to) };
        self.only_named(to.service, found)
    }

    /// The endpoints of a destination that ztunnel calls.
    pub(super) fn ztunnel_endpoints(&self, to: Destination<'_>) -> Vec<Endpoint<'m>> {
        let is_sliced = !self.mesh.slices_of(to.service).is_empty();
        let found = if is_sliced { self.mesh.ztunnel_endpoints(to.service, to.port) } else { self.every_endpoint(to) };
        self.only_named(to.service, found)
    }

    /// The endpoints of a destination, whichever of them the client names. Those of a headless Service are called one by one.
    pub(super) fn every_endpoint(&self, to: Destination<'_>) -> Vec<Endpoint<'m>> {
        let is_balanced = self.pod.is_none() && to.service.resolution() != Resolution::Passthrough;
        match self.listing {
            Listing::OnePerClass if is_balanced => self.mesh.endpoint_classes_for(self.question.from.kind, to.service, to.port),
            Listing::OnePerClass | Listing::Every => self.mesh.endpoints_for(self.question.from.kind, to.service, to.port),
        }
    }

    /// The pods of a headless Service at the number that is called: cluster DNS knows no ports, so a number that the Service does not have
    /// arrives at the pods as well (S291).
    pub(super) fn headless_endpoints(&self, service: &Service<'_>) -> Vec<Endpoint<'m>> {
        self.only_named(service, self.mesh.headless_endpoints(service, self.question.port))
    }

    /// Only the pod that the client names, if it names one of this Service (S218).
    pub(super) fn only_named(&self, service: &Service<'_>, endpoints: Vec<Endpoint<'m>>) -> Vec<Endpoint<'m>> {
        match self.pod.as_ref().filter(|named| named.service.id == service.id) {
            Some(named) => endpoints.into_iter().filter(|endpoint| named.is(self.mesh, endpoint)).collect(),
            None => endpoints,
        }
    }

    /// The headless Service of a host, if it is one.
    pub(super) fn headless(&self, host: &str) -> Option<&'m Service<'m>> {
        self.mesh.registry().at(host).find(|service| service.is_kubernetes()).filter(|service| service.is_headless())
    }
}

/// The name of an endpoint below its headless Service, as far as the pod itself sets one.
enum OwnName<'m> {
    /// The hostname.
    Hostname(&'m Text),
    /// None: its hostname is one below another Service.
    Elsewhere,
    /// It sets no hostname.
    Unset,
}

impl HeadlessPod<'_> {
    /// Whether an endpoint is the pod, or the template of its `StatefulSet`. Cluster DNS has the hostnames of pods, which for those of a
    /// `StatefulSet` are their names, and addresses with dashes for the others (S222).
    pub(super) fn is(&self, mesh: &Mesh<'_>, endpoint: &Endpoint<'_>) -> bool {
        let has_address = || mesh.address_of(endpoint).is_some_and(|address| address.replace(['.', ':'], "-") == *self.name);
        match (own_name(mesh, self.service, endpoint), endpoint.pod, endpoint.server) {
            (OwnName::Hostname(hostname), ..) => *hostname == self.name,
            (OwnName::Elsewhere, ..) => has_address(),
            (OwnName::Unset, Some(pod), _) => *pod == self.name || has_address(),
            (OwnName::Unset, None, Some((workload, _))) if is_stateful(workload) => {
                let ordinal = self.name.strip_prefix(workload.subject.name.as_str()).and_then(|rest| rest.strip_prefix('-'));
                ordinal.is_some_and(|ordinal| !ordinal.is_empty() && ordinal.bytes().all(|digit| digit.is_ascii_digit()))
            }
            (OwnName::Unset, None, _) => false,
        }
    }

    /// Whether the name of an endpoint in DNS is known: hostnames that pods set themselves are not read.
    pub(super) fn has_known_name(endpoint: &Endpoint<'_>) -> bool {
        endpoint.server.is_some_and(|(workload, _)| is_stateful(workload))
    }
}

/// The name that an endpoint sets below a Service: the hostnames of pods in one instance may differ.
fn own_name<'m>(mesh: &'m Mesh<'m>, service: &Service<'_>, endpoint: &Endpoint<'m>) -> OwnName<'m> {
    let spec = endpoint.server.and_then(|(workload, instance)| match endpoint.pod {
        Some(pod) => mesh.pod_spec(&workload.subject.namespace, pod),
        None => instance.spec,
    });
    match spec.map(PodSpec::hostname) {
        Some((hostname, subdomain)) if !hostname.is_empty() && *subdomain == service.id.name => OwnName::Hostname(hostname),
        Some((hostname, _)) if !hostname.is_empty() => OwnName::Elsewhere,
        _ => OwnName::Unset,
    }
}

/// The name of an endpoint in cluster DNS, if it is a pod.
pub(super) fn dns_name(mesh: &Mesh<'_>, service: &Service<'_>, endpoint: &Endpoint<'_>) -> Option<String> {
    match own_name(mesh, service, endpoint) {
        OwnName::Hostname(hostname) => Some(hostname.to_string()),
        OwnName::Elsewhere => None,
        OwnName::Unset => endpoint.pod.map(ToString::to_string),
    }
}

fn is_stateful(workload: &Workload<'_>) -> bool {
    workload.subject.kind == Kind::StatefulSet.into()
}
