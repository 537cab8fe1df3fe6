//! The endpoints of a service port, as istiod gives them to clients (S74, S81, S82, S104, S105).

use std::{
    hash::{Hash as _, Hasher as _},
    net::IpAddr,
};

use super::{
    ClientKind,
    endpoint::Endpoint,
    registry::{Port, Resolution, Service, ServiceSource, TargetPort},
};
use crate::{
    istio::{self, Pod, PodSpec, WorkloadEntry},
    mesh::{Instance, Mesh, Workload},
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

    /// The endpoints of a service port as a client gets them: Envoys call those of other entries with the host as well (S233), and gateways
    /// those of a headless Service at the target port (S291); for an entry with resolution NONE they have none (S277).
    #[must_use]
    pub fn endpoints_for<'m>(&'m self, client: ClientKind, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let mut found = match service.source {
            ServiceSource::Service(body) if client == ClientKind::Gateway => self.kubernetes_endpoints(service, body, port),
            _ if self.has_no_endpoints(client, service) => Vec::new(),
            ServiceSource::Service(_) | ServiceSource::Entry(_) => self.endpoints(service, port),
        };
        found.extend(self.joined_endpoints(client, service, port));
        found
    }

    /// Whether the cluster of a client has no endpoints, because a gateway does not connect to the address that was dialled (S277).
    #[must_use]
    pub fn has_no_endpoints(&self, client: ClientKind, service: &Service<'_>) -> bool {
        let is_gateway = matches!(client, ClientKind::Gateway | ClientKind::Waypoint);
        is_gateway && !service.is_kubernetes() && service.resolution() == Resolution::Passthrough && service.selector().is_none()
    }

    pub(super) fn kubernetes_endpoints<'m>(&'m self, service: &Service<'_>, body: istio::Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let namespace = &service.id.namespace;
        let machines = |endpoint: &Endpoint<'_>| endpoint.server.is_some_and(|(_, instance)| instance.spec.is_none());
        let selected = if body.selector().is_empty() {
            Vec::new()
        } else {
            self.selected(namespace, body.selector(), body.publishes_not_ready(), |instance| instance.port_behind(&port.target))
        };
        let slices = self.slices_of(service);
        if slices.is_empty() {
            return selected;
        }
        let machines = selected.into_iter().filter(machines);
        slices.iter().flat_map(|slice| self.slice_endpoints(namespace, *slice, &port.name)).chain(machines).collect()
    }

    /// The pods, templates and machines of a namespace with these labels, each with its number of the port.
    pub(super) fn selected<'m>(
        &'m self,
        namespace: &str,
        selector: &Labels,
        publishes_all: bool,
        port: impl Fn(&Instance<'_>) -> Option<u16>,
    ) -> Vec<Endpoint<'m>> {
        let mut found = Vec::new();
        let workloads = self.positions_with_labels(namespace, selector).filter_map(|at| self.workloads().get(at as usize));
        for workload in workloads {
            for instance in workload.instances.iter().filter(|instance| selector.selects(&instance.labels)) {
                let Some(port) = port(instance).filter(|_| !instance.is_group()) else { continue };
                found.extend(self.endpoints_of_instance(workload, instance, publishes_all, port));
            }
        }
        found
    }

    /// The pods of an instance that accept calls, or the template or machine that represents them.
    pub(super) fn endpoints_of_instance<'m>(
        &'m self,
        workload: &'m Workload<'m>,
        instance: &'m Instance<'m>,
        publishes_all: bool,
        port: u16,
    ) -> impl Iterator<Item = Endpoint<'m>> {
        let machine = self.machine_endpoints(workload, instance, port);
        let template = (instance.pods.is_empty() && instance.machine().is_none()).then_some(None);
        let ready = instance.pods.iter().filter(move |pod| publishes_all || self.is_ready(&workload.subject.namespace, pod));
        let pods = template.into_iter().chain(ready.copied().map(Some)).map(move |pod| Endpoint::of(workload, instance, pod, port));
        machine.into_iter().chain(pods)
    }

    /// What answers at the address of a machine, which may be that of a pod (S229); empty for pods.
    pub(in crate::mesh) fn machine_endpoints<'m>(
        &'m self,
        workload: &'m Workload<'m>,
        instance: &'m Instance<'m>,
        port: u16,
    ) -> Vec<Endpoint<'m>> {
        let of_machine = |entry: WorkloadEntry<'_>| {
            let declared = Endpoint { account: entry.service_account().cloned(), ..Endpoint::of(workload, instance, None, port) };
            self.located(entry.address(), &declared)
        };
        instance.machine().map(of_machine).unwrap_or_default()
    }

    /// Whether a pod accepts calls; a pod without that condition does (S105).
    pub(super) fn is_ready(&self, namespace: &str, pod: &Text) -> bool {
        let not_ready_pods = self.indices.not_ready_pods();
        not_ready_pods.is_empty()
            || not_ready_pods.binary_search_by(|(pod_namespace, name)| (pod_namespace.as_str(), name).cmp(&(namespace, pod))).is_err()
    }

    /// The positions of the workloads of a namespace that may have these labels: those with the rarest of them.
    pub(super) fn positions_with_labels(&self, namespace: &str, selector: &Labels) -> impl Iterator<Item = u32> {
        let index = self.derived.workloads_by_label.get_or_init(|| by_label(self.workloads()));
        let range = |(key, value): (&Text, &Text)| {
            let wanted = hash(namespace, key, value);
            let start = index.partition_point(|(hash, _)| *hash < wanted);
            start..start + index[start..].partition_point(|(hash, _)| *hash == wanted)
        };
        let rarest = selector.iter().map(range).min_by_key(ExactSizeIterator::len);
        let found: &[(u64, u32)] = rarest.map_or(&[], |range| &index[range]);
        let everything = if selector.is_empty() { self.positions_in(namespace) } else { 0..0 };
        everything.chain(found.iter().map(|(_, at)| *at))
    }

    fn positions_in(&self, namespace: &str) -> std::ops::Range<u32> {
        let start = self.workloads().partition_point(|workload| workload.subject.namespace.as_str() < namespace);
        let end = start + self.workloads_in(namespace).len();
        u32::try_from(start).unwrap_or(u32::MAX)..u32::try_from(end).unwrap_or(u32::MAX)
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

    /// The pod that has this address.
    #[must_use]
    pub fn pod_at<'m>(&'m self, address: &str) -> Option<(&'m Workload<'m>, &'m Instance<'m>, &'m Text)> {
        let &at = self.indices.addresses().get(address)?;
        self.pod_named(&self.snapshot().pods[at].id)
    }

    /// The spec of a pod. The pods of an instance may differ in what is not relevant to mTLS.
    #[must_use]
    pub fn pod_spec(&self, namespace: &Text, name: &Text) -> Option<PodSpec<'s>> {
        let pods = &self.snapshot().pods;
        let at = pods.binary_search_by(|read| (&read.id.namespace, &read.id.name).cmp(&(namespace, name))).ok()?;
        Some(Pod::of(&pods[at]).spec())
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

impl Instance<'_> {
    /// The number of the port that a Kubernetes Service targets. A machine whose address is a name is no endpoint (S288).
    pub(super) fn port_behind(&self, target: &TargetPort) -> Option<u16> {
        let number = match target {
            TargetPort::Number(number) => Some(*number),
            TargetPort::Name(name) => self.named_port(name),
        };
        number.filter(|_| !self.is_machine_by_name())
    }

    /// The number of a port of a `ServiceEntry`, which resolves the names of machines if `takes_names` (S288).
    pub(super) fn entry_port_behind(&self, name: &str, target: u16, takes_names: bool) -> Option<u16> {
        let number = self.entry_port(name).unwrap_or(target);
        Some(number).filter(|_| takes_names || !self.is_machine_by_name())
    }

    fn is_machine_by_name(&self) -> bool {
        let is_name = |address: &str| !address.is_empty() && !address.starts_with("unix:") && address.parse::<IpAddr>().is_err();
        self.machine().is_some_and(|entry| is_name(entry.address()))
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
