//! The endpoints of a Kubernetes Service as istiod gives them to ztunnel: the pods that it selects, whatever its slices hold, and what only
//! slices list (S210, S211, S213).

use std::collections::BTreeSet;

use super::{
    endpoint::{Endpoint, FoundBy},
    registry::{Port, Resolution, Service, ServiceSource},
};
use crate::{
    istio::{EndpointSlice, SliceEndpoint, SliceTarget},
    mesh::Mesh,
    object::{Id, Text, Uid},
};

/// How istiod joins the endpoints of slices with pods for ztunnel, by version (S210).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceUse {
    /// Up to 1.22: slices have no effect.
    None,
    /// 1.23: by the address of the pod.
    ByAddress,
    /// From 1.24: by the `targetRef` and its `uid`.
    ByReference,
}

impl Mesh<'_> {
    /// What istiod makes of slices for ztunnel.
    #[must_use]
    pub fn use_of_slices(&self) -> SliceUse {
        let version = self.control_planes().version();
        match (version.is_at_least(24, 0), version.is_at_least(23, 0)) {
            (true, _) => SliceUse::ByReference,
            (false, true) => SliceUse::ByAddress,
            (false, false) => SliceUse::None,
        }
    }

    /// The endpoints of a service port that ztunnel calls.
    #[must_use]
    pub fn ztunnel_endpoints<'m>(&'m self, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let ServiceSource::Service(body) = service.source else { return self.endpoints(service, port) };
        // A headless Service has no address that ztunnel could find it by: the address of a pod is called (S123).
        if service.resolution() == Resolution::Passthrough {
            return self.addressed_endpoints(service, port);
        }
        let mut found = if body.selector().is_empty() {
            Vec::new()
        } else {
            let target = |instance: &crate::mesh::Instance<'_>| instance.port_behind(&port.target);
            self.selected(&service.id.namespace, body.selector(), body.publishes_not_ready(), target)
        };
        let mut pods: BTreeSet<(&Text, &Text)> = BTreeSet::new();
        let use_of_slices = self.use_of_slices();
        let slices = if use_of_slices == SliceUse::None { &[] } else { self.slices_of(service) };
        if !slices.is_empty() {
            pods.extend(found.iter().filter_map(|one| Some((&one.server?.0.subject.namespace, one.pod?))));
        }
        for (slice, one) in slices.iter().flat_map(|slice| slice.endpoints().map(move |one| (slice, one))) {
            let by_address = one.address.filter(|_| use_of_slices == SliceUse::ByAddress).and_then(|address| self.pod_at(address));
            if let Some((workload, instance, pod)) = by_address {
                let number = instance.port_behind(&port.target).filter(|_| one.is_ready);
                let is_new = pods.insert((&workload.subject.namespace, pod));
                found.extend(number.filter(|_| is_new).map(|number| Endpoint::of(workload, instance, Some(pod), number)));
                continue;
            }
            match &one.target {
                SliceTarget::Pod(..) if use_of_slices == SliceUse::ByAddress => {}
                SliceTarget::Address => found.extend(self.opaque(service, slice, &one, port)),
                SliceTarget::Pod(id, uid) => {
                    let joined = self.joined(id, *uid, port, body.publishes_not_ready());
                    found.extend(
                        joined.filter(|one| one.server.zip(one.pod).is_some_and(|(at, pod)| pods.insert((&at.0.subject.namespace, pod)))),
                    );
                }
                SliceTarget::PodWithoutNamespace => {}
            }
        }
        found
    }

    /// An address in a slice: istiod gives it to ztunnel as a workload without account and HBONE, and does not look for its pod.
    fn opaque<'m>(&'m self, service: &Service<'_>, slice: &EndpointSlice<'_>, one: &SliceEndpoint<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let number = slice.port(&port.name).filter(|_| one.is_ready);
        let declared = number.map(|number| Endpoint::without_workload(&service.id.namespace, number, true));
        declared.zip(one.address).map(|(declared, address)| self.located(address, &declared)).unwrap_or_default()
    }

    /// A pod that a slice names by its `uid`, at the port that the Service targets.
    fn joined<'m>(&'m self, id: &Id, uid: Uid, port: &Port, publishes_all: bool) -> Option<Endpoint<'m>> {
        let own = self.uid_of(id);
        let (workload, instance, pod) = self.pod_named(id)?;
        // A pod without `uid` was not read from a cluster, where it has one.
        let found_by = match (own == uid, own.is_absent()) {
            (true, _) => FoundBy::Registry,
            (false, true) => FoundBy::SliceUid,
            (false, false) => return None,
        };
        let number = instance.port_behind(&port.target)?;
        let is_healthy = publishes_all || self.is_ready(&id.namespace, pod);
        is_healthy.then(|| Endpoint { found_by, ..Endpoint::of(workload, instance, Some(pod), number) })
    }

    /// Whether istiod joins a pod with a slice that names it: with its own `uid`; `None` if that is not known.
    #[must_use]
    pub fn is_joined(&self, id: &Id, uid: Uid) -> Option<bool> {
        let own = self.uid_of(id);
        (own == uid || !own.is_absent()).then_some(own == uid)
    }
}
