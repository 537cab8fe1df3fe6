//! The endpoints of a service port, as istiod gives them to clients (S74, S81, S82, S104, S105).

use std::hash::{Hash as _, Hasher as _};

use super::{
    ClientKind,
    endpoint::Endpoint,
    registry::{Port, Resolution, Service, ServiceSource, TargetPort},
};
use crate::{
    istio::{self, EndpointSlice, Pod, ServiceEntry, WorkloadEntry},
    mesh::{Instance, Mesh, TLS_MODE, Workload},
    object::{Id, Labels, Text},
};

impl<'s> Mesh<'s> {
    /// The endpoints of a service port.
    #[must_use]
    pub fn endpoints<'m>(&'m self, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        match service.source {
            ServiceSource::Service(body) => {
                let found = self.kubernetes_endpoints(service, body, port);
                // The port of a headless Service is the workload's: there is no translation (S75).
                let dialled = |endpoint: Endpoint<'m>| Endpoint { port: port.number, ..endpoint };
                if service.resolution() == Resolution::Passthrough { found.into_iter().map(dialled).collect() } else { found }
            }
            ServiceSource::Entry(body) => self.entry_endpoints(service, body, port),
        }
    }

    /// The endpoints of a service port as a client gets them: a gateway calls those of a headless Service at the target port (S291).
    #[must_use]
    pub fn endpoints_for<'m>(&'m self, client: ClientKind, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        match service.source {
            ServiceSource::Service(body) if client == ClientKind::Gateway => self.kubernetes_endpoints(service, body, port),
            ServiceSource::Service(_) | ServiceSource::Entry(_) => self.endpoints(service, port),
        }
    }

    fn kubernetes_endpoints<'m>(&'m self, service: &Service<'_>, body: istio::Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let (namespace, name) = (&service.id.namespace, &service.id.name);
        let machines = |endpoint: &Endpoint<'_>| endpoint.server.is_some_and(|(_, instance)| instance.spec.is_none());
        let selected = if body.selector().is_empty() {
            Vec::new()
        } else {
            self.selected(namespace, body.selector(), body.publishes_not_ready(), |instance| match &port.target {
                TargetPort::Number(number) => Some(*number),
                TargetPort::Name(name) => instance.named_port(name),
            })
        };
        let slices: Vec<EndpointSlice<'_>> = self.slices_of(namespace, name).collect();
        if slices.is_empty() {
            return selected;
        }
        let machines = selected.into_iter().filter(machines);
        slices.into_iter().flat_map(|slice| self.slice_endpoints(namespace, slice, &port.name)).chain(machines).collect()
    }

    fn slices_of(&self, namespace: &str, service: &str) -> impl Iterator<Item = EndpointSlice<'s>> {
        let all = &self.snapshot().endpoint_slices;
        let start = all.partition_point(|read| read.id.namespace.as_str() < namespace);
        let here = all[start..].iter().take_while(move |read| read.id.namespace == *namespace);
        here.map(EndpointSlice::of).filter(move |slice| slice.service() == Some(service))
    }

    fn slice_endpoints<'m>(&'m self, namespace: &Text, slice: EndpointSlice<'_>, port: &str) -> Vec<Endpoint<'m>> {
        let Some(number) = slice.port(port) else { return Vec::new() };
        let found = slice.ready().filter_map(|istio::SliceEndpoint { address, pod: named }| {
            // A pod that was read but belongs to no workload has ended (S105).
            let pod = named.as_ref().and_then(|id| self.pod_named(id));
            let has_ended = pod.is_none() && named.as_ref().is_some_and(|id| self.snapshot().meta(id).is_some());
            let at = || address.and_then(|address| self.pod_at(address));
            let found = match pod.or_else(at) {
                // istiod matches addresses to pods only in the slice's own namespace (S74).
                Some((workload, instance, pod)) if workload.subject.namespace != *namespace => {
                    Endpoint { server: Some((workload, instance)), pod: Some(pod), ..Endpoint::without_workload(namespace, number, true) }
                }
                Some((workload, instance, pod)) => Endpoint::of(workload, instance, Some(pod), number),
                None => Endpoint::without_workload(namespace, number, true),
            };
            (!has_ended).then_some(found)
        });
        found.collect()
    }

    /// The pods, templates and machines of a namespace with these labels, each with its number of the port.
    fn selected<'m>(
        &'m self,
        namespace: &str,
        selector: &Labels,
        publishes_all: bool,
        port: impl Fn(&Instance<'_>) -> Option<u16>,
    ) -> Vec<Endpoint<'m>> {
        let mut found = Vec::new();
        for workload in self.workloads_with_labels(namespace, selector) {
            for instance in workload.instances.iter().filter(|instance| selector.selects(&instance.labels)) {
                // A WorkloadGroup describes machines that have not registered yet.
                let is_group = instance.spec.is_none() && !instance.is_running;
                let Some(port) = port(instance).filter(|_| !is_group) else { continue };
                if instance.pods.is_empty() {
                    found.push(Endpoint::of(workload, instance, None, port));
                }
                let whole = Endpoint::of(workload, instance, None, port);
                let ready = instance.pods.iter().filter(|pod| publishes_all || self.is_ready(namespace, pod));
                found.extend(ready.map(|&pod| Endpoint { pod: Some(pod), ..whole.clone() }));
            }
        }
        found
    }

    /// Whether a pod accepts calls; a pod without that condition does (S105).
    fn is_ready(&self, namespace: &str, pod: &Text) -> bool {
        let not_ready_pods = self.indices.not_ready_pods();
        not_ready_pods.is_empty()
            || not_ready_pods.binary_search_by(|(pod_namespace, name)| (pod_namespace.as_str(), name).cmp(&(namespace, pod))).is_err()
    }

    /// The workloads of a namespace that may have these labels: those with the rarest of them.
    fn workloads_with_labels<'m>(&'m self, namespace: &str, selector: &Labels) -> impl Iterator<Item = &'m Workload<'m>> {
        let index = self.derived.workloads_by_label.get_or_init(|| by_label(self.workloads()));
        let range = |(key, value): (&Text, &Text)| {
            let wanted = hash(namespace, key, value);
            let start = index.partition_point(|(hash, _)| *hash < wanted);
            start..start + index[start..].partition_point(|(hash, _)| *hash == wanted)
        };
        let rarest = selector.iter().map(range).min_by_key(ExactSizeIterator::len);
        let found: &[(u64, u32)] = rarest.map_or(&[], |range| &index[range]);
        let everything = if selector.is_empty() { self.workloads_in(namespace) } else { &[] };
        everything.iter().chain(found.iter().map(|(_, at)| &self.workloads()[*at as usize]))
    }

    fn entry_endpoints<'m>(&'m self, service: &Service<'_>, body: ServiceEntry<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let namespace = &service.id.namespace;
        let TargetPort::Number(target) = port.target else { return Vec::new() };
        if let Some(selector) = body.selector() {
            return self.selected(namespace, selector, false, |instance| Some(instance.entry_port(&port.name).unwrap_or(target)));
        }
        let without_workload = || vec![Endpoint::without_workload(namespace, target, false)];
        match service.resolution() {
            // With the original destination, the addresses of the entry are what clients dial.
            Resolution::Passthrough => {
                let pods = body.addresses().iter().filter_map(|address| self.pod_at(address));
                let found: Vec<_> = pods
                    .map(|(workload, instance, pod)| Endpoint {
                        is_registered: false,
                        ..Endpoint::of(workload, instance, Some(pod), target)
                    })
                    .collect();
                if found.is_empty() { without_workload() } else { found }
            }
            Resolution::Dns if body.endpoints().len() == 0 => vec![Endpoint::without_workload(namespace, target, true)],
            Resolution::Endpoints | Resolution::Dns | Resolution::Alias => {
                body.endpoints().map(|entry| self.inline_endpoint(namespace, entry, port_of(entry, port))).collect()
            }
        }
    }

    /// An endpoint written into a `ServiceEntry`: its own labels and account apply, whatever pod has the address.
    fn inline_endpoint<'m>(&'m self, namespace: &Text, entry: WorkloadEntry<'_>, port: u16) -> Endpoint<'m> {
        let account = entry.service_account();
        let default = if account.is_none() { "disabled" } else { "istio" };
        let pod = self.pod_at(entry.address());
        Endpoint {
            server: pod.map(|(workload, instance, _)| (workload, instance)),
            pod: pod.map(|(_, _, pod)| pod),
            labels: entry.labels().clone(),
            namespace: namespace.clone(),
            tls_mode: entry.labels().get(TLS_MODE).unwrap_or(default).into(),
            port,
            account: account.cloned(),
            is_registered: true,
            assumed_protocol: None,
        }
    }

    /// The pods of a workload, or one of them, as endpoints of calls to their own addresses.
    #[must_use]
    pub fn endpoints_of<'m>(&'m self, workload: &'m Workload<'m>, only: Option<&Text>, port: u16) -> Vec<Endpoint<'m>> {
        let mut found = Vec::new();
        for instance in &workload.instances {
            if instance.pods.is_empty() {
                found.push(Endpoint::of(workload, instance, None, port));
            }
            let wanted = instance.pods.iter().filter(|pod| only.is_none_or(|only| only == **pod));
            found.extend(wanted.map(|&pod| Endpoint::of(workload, instance, Some(pod), port)));
        }
        found
    }

    /// The address of an endpoint that is a pod.
    #[must_use]
    pub fn address_of(&self, endpoint: &Endpoint<'_>) -> Option<&'s Text> {
        let ((workload, _), pod) = endpoint.server.zip(endpoint.pod)?;
        let namespace = workload.subject.namespace.as_str();
        let pods = &self.snapshot().pods;
        let at = pods.binary_search_by(|read| (read.id.namespace.as_str(), &read.id.name).cmp(&(namespace, pod))).ok()?;
        Pod::of(&pods[at]).address()
    }

    /// Whether the slices of a Service list an endpoint at one of its ports.
    pub(in crate::mesh) fn slices_list(&self, service: &Service<'_>, port: &Port, endpoint: &Endpoint<'_>) -> bool {
        let (namespace, name) = (&service.id.namespace, &service.id.name);
        let mut slices = self.slices_of(namespace, name);
        slices.any(|slice| {
            let is_same = |listed: &Endpoint<'_>| listed.pod == endpoint.pod && listed.port == endpoint.port;
            endpoint.pod.is_some() && self.slice_endpoints(namespace, slice, &port.name).iter().any(is_same)
        })
    }

    /// The pod that has this address.
    #[must_use]
    pub fn pod_at<'m>(&'m self, address: &str) -> Option<(&'m Workload<'m>, &'m Instance<'m>, &'m Text)> {
        let &at = self.indices.addresses().get(address)?;
        self.pod_named(&self.snapshot().pods[at].id)
    }

    /// The workload of a pod.
    #[must_use]
    pub fn pod_named<'m>(&'m self, id: &Id) -> Option<(&'m Workload<'m>, &'m Instance<'m>, &'m Text)> {
        let index = self.derived.pods_by_name.get_or_init(|| by_pod_name(self.workloads()));
        let wanted = hash(&id.namespace, "", &id.name);
        let start = index.partition_point(|(hash, _)| *hash < wanted);
        let found = index[start..].iter().take_while(|(hash, _)| *hash == wanted);
        found.map(|(_, at)| at).find_map(|&[workload, instance, pod]| {
            let workload = self.workloads().get(workload as usize)?;
            let instance = workload.instances.get(instance as usize)?;
            let pod = instance.pods.get(pod as usize).filter(|pod| ***pod == id.name && workload.subject.namespace == id.namespace)?;
            Some((workload, instance, *pod))
        })
    }
}

/// Positions of the workloads by each of their labels, as hash; a hash collision only costs an extra comparison.
fn by_label(workloads: &[Workload<'_>]) -> Vec<(u64, u32)> {
    let mut index: Vec<(u64, u32)> = Vec::new();
    for (at, workload) in (0_u32..).zip(workloads) {
        let labels = workload.instances.iter().flat_map(|instance| instance.labels.iter());
        index.extend(labels.map(|(key, value)| (hash(&workload.subject.namespace, key, value), at)));
    }
    index.sort_unstable();
    index.dedup();
    index
}

/// Positions of the pods by the hash of their names: workload, instance, pod.
fn by_pod_name(workloads: &[Workload<'_>]) -> Vec<(u64, [u32; 3])> {
    let mut index = Vec::new();
    for (workload_at, workload) in (0_u32..).zip(workloads) {
        for (instance_at, instance) in (0_u32..).zip(&workload.instances) {
            let pods = (0_u32..).zip(&instance.pods);
            index.extend(pods.map(|(at, pod)| (hash(&workload.subject.namespace, "", pod), [workload_at, instance_at, at])));
        }
    }
    index.sort_unstable();
    index
}

fn hash(namespace: &str, key: &str, value: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    (namespace, key, value).hash(&mut hasher);
    hasher.finish()
}

/// The number that an endpoint of a `ServiceEntry` has for one of its ports.
pub(in crate::mesh) fn port_of(entry: WorkloadEntry<'_>, port: &Port) -> u16 {
    let target = if let TargetPort::Number(number) = port.target { number } else { port.number };
    entry.port(&port.name).unwrap_or(target)
}
