//! The endpoints that `EndpointSlices` list (S74, S105, S211, S213, S289, S291).

use super::{
    endpoint::{Endpoint, FoundBy, SlicedPorts},
    registry::{Port, Resolution, Service, ServiceSource},
};
use crate::{
    istio::{EndpointSlice, SliceEndpoint, SliceTarget},
    mesh::Mesh,
    object::{Id, Text, Uid},
};

impl<'s> Mesh<'s> {
    /// The `EndpointSlices` of a Kubernetes Service.
    ///
    /// Slices of a Service with a selector name its pods. If no pod was read, the templates of the pods are its endpoints.
    #[must_use]
    pub fn slices_of(&self, service: &Service<'_>) -> &[EndpointSlice<'s>] {
        match service.source {
            ServiceSource::Service(body) if body.selector().is_empty() || !self.snapshot().pods.is_empty() => {
                self.registry().slices(&service.id.namespace, &service.id.name)
            }
            ServiceSource::Service(_) | ServiceSource::Entry(_) => &[],
        }
    }

    /// The endpoints of a slice at the port with this name, as istiod gives them to Envoy.
    pub(super) fn slice_endpoints<'m>(&'m self, namespace: &Text, slice: EndpointSlice<'_>, port: &str) -> Vec<Endpoint<'m>> {
        let Some(number) = slice.port(port) else { return Vec::new() };
        slice.ready().filter_map(|one| self.registered(namespace, &one, number)).collect()
    }

    /// The endpoint in istiod's registry. A pod that was read but belongs to no workload has ended (S105).
    fn registered<'m>(&'m self, namespace: &Text, one: &SliceEndpoint<'_>, number: u16) -> Option<Endpoint<'m>> {
        let unknown = Endpoint { address: one.address.cloned(), ..Endpoint::without_workload(namespace, number, true) };
        match &one.target {
            SliceTarget::PodWithoutNamespace => None,
            SliceTarget::Pod(id, _) => {
                let (workload, instance, pod) = self.pod_named(id)?;
                Some(Endpoint::of(workload, instance, Some(pod), number))
            }
            SliceTarget::Address => Some(match one.address.and_then(|address| self.pod_at(address)) {
                None => unknown,
                // istiod matches addresses to pods only in the slice's own namespace (S74).
                Some((workload, instance, pod)) if workload.subject.namespace != *namespace => {
                    Endpoint { server: Some((workload, instance)), pod: Some(pod), found_by: FoundBy::Address, ..unknown }
                }
                Some((workload, instance, pod)) => {
                    Endpoint { found_by: FoundBy::SliceAddress, ..Endpoint::of(workload, instance, Some(pod), number) }
                }
            }),
        }
    }

    /// What a client reaches that resolves the Service by Kubernetes alone: the addresses in its slices, whatever pods these name. DNS knows
    /// no ports, so the slices of a headless Service need not have one with the name of the Service's port (S291).
    #[must_use]
    pub fn addressed_endpoints<'m>(&'m self, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let slices = self.slices_of(service);
        if slices.is_empty() {
            return self.endpoints(service, port);
        }
        let is_headless = service.resolution() == Resolution::Passthrough;
        let number = |slice: &EndpointSlice<'_>| if is_headless { Some(port.number) } else { slice.port(&port.name) };
        let numbered = slices.iter().filter_map(|slice| Some((slice, number(slice)?)));
        numbered.flat_map(|(slice, number)| self.addressed(&service.id.namespace, slice, number)).collect()
    }

    /// The endpoints of a headless Service in slices without a port of this name: istiod does not know them as endpoints of the port, but
    /// DNS resolves to them (S291).
    #[must_use]
    pub fn unlisted_endpoints<'m>(&'m self, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        if service.resolution() != Resolution::Passthrough {
            return Vec::new();
        }
        let unlisted = self.slices_of(service).iter().filter(|slice| slice.port(&port.name).is_none());
        unlisted.flat_map(|slice| self.addressed(&service.id.namespace, slice, port.number)).collect()
    }

    fn addressed<'m>(&'m self, namespace: &Text, slice: &EndpointSlice<'_>, number: u16) -> Vec<Endpoint<'m>> {
        let at = |one: SliceEndpoint<'_>| {
            let named = || if let SliceTarget::Pod(id, _) = &one.target { self.pod_named(id) } else { None };
            let found = one.address.and_then(|address| self.pod_at(address)).or_else(named);
            match found {
                Some((workload, instance, pod)) => Endpoint::of(workload, instance, Some(pod), number),
                None => Endpoint { address: one.address.cloned(), ..Endpoint::without_workload(namespace, number, true) },
            }
        };
        slice.ready().map(at).collect()
    }

    /// The `uid` of a pod that was read.
    pub(super) fn uid_of(&self, pod: &Id) -> Uid {
        self.snapshot().meta(pod).map(|meta| meta.uid.0).unwrap_or_default()
    }

    /// The Services whose slices list each pod of their namespace.
    pub(in crate::mesh) fn sliced_ports(&self) -> &SlicedPorts {
        self.derived.sliced_ports.get_or_init(|| {
            let mut found = SlicedPorts::new();
            for (at, service) in self.registry().services().iter().enumerate() {
                let (namespace, slices) = (&service.id.namespace, self.slices_of(service));
                for port in service.ports.iter().filter(|_| !slices.is_empty()) {
                    let listed = slices.iter().flat_map(|slice| self.slice_endpoints(namespace, *slice, &port.name));
                    let own = listed.filter(|one| one.server.is_some_and(|(workload, _)| workload.subject.namespace == *namespace));
                    for (pod, number) in own.filter_map(|endpoint| Some((endpoint.pod?, endpoint.port))) {
                        let services = found.entry((namespace.clone(), pod.clone(), number)).or_default();
                        if services.last().is_none_or(|(last, _)| *last != at) {
                            services.push((at, port.protocol));
                        }
                    }
                }
            }
            found
        })
    }
}
