//! The pods behind a headless Service, whatever ports it has.

use super::calling::{CallEvaluation, Listing};
use crate::mesh::{Destination, Endpoint, Resolution, Service};

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
        self.mesh.registry().kubernetes(host).filter(|service| service.is_headless())
    }
}
