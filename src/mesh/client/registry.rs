//! The services of the mesh as clients know them: Kubernetes Services and those of `ServiceEntries`.

use std::{collections::BTreeMap, ops::Range, sync::OnceLock};

use super::{by_host::ByHost, slice_index::SliceIndex};
use crate::{
    istio::{
        self, ClusterDomain, EndpointSlice, EntryResolution, ExportTo, Location, PortRef, Protocol, ProtocolClass, ServiceEntry,
        ServiceType,
    },
    object::{Id, Labels, Snapshot, Text},
};

/// A service under one of its hosts.
#[derive(Clone, Debug)]
pub struct Service<'s> {
    /// The Service or `ServiceEntry`.
    pub id: &'s Id,
    /// Its host; a `ServiceEntry` may have one with a wildcard.
    pub host: Text,
    /// Where it comes from.
    pub source: ServiceSource<'s>,
    /// Its TCP ports, in the order of the object.
    pub ports: Vec<Port>,
    /// The namespaces that it is exported to, as declared by the object (S47).
    exports: ExportTo,
    created: Option<i64>,
}

/// Where a service comes from.
#[derive(Clone, Copy, Debug)]
pub enum ServiceSource<'s> {
    /// Kubernetes.
    Service(istio::Service<'s>),
    /// A `ServiceEntry`.
    Entry(ServiceEntry<'s>),
}

/// A port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The number that clients call.
    pub number: u16,
    pub name: Text,
    /// The protocol that it declares.
    pub protocol: Protocol,
    /// The workload's port.
    pub target: TargetPort,
}

/// The workload's port behind a service port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetPort {
    Number(u16),
    /// The name of a container's port.
    Name(Text),
}

/// How istiod finds the endpoints of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// From its endpoints.
    Endpoints,
    /// The dialled address is used: headless Services, and `ServiceEntries` with resolution NONE.
    Passthrough,
    /// By DNS.
    Dns,
    /// It is an alias for a host (S79).
    Alias,
}

impl<'s> Service<'s> {
    /// A Kubernetes Service that was not read: only its name and some ports are known.
    pub(in crate::mesh) fn assumed(id: &'s Id, ports: Vec<Port>, domain: &ClusterDomain) -> Self {
        let source = ServiceSource::Service(istio::Service::unread(id));
        Self { id, host: domain.service(&id.namespace, &id.name), source, ports, exports: ExportTo::default(), created: None }
    }
}

impl Port {
    /// A port of which only the number is known.
    pub(in crate::mesh) fn assumed(number: u16) -> Self {
        Self { number, name: Text::default(), protocol: Protocol::Unknown, target: TargetPort::Number(number) }
    }
}

impl Service<'_> {
    /// How its endpoints are found.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        match self.source {
            ServiceSource::Service(service) => match service.kind {
                ServiceType::ExternalName(_) => Resolution::Alias,
                ServiceType::Headless => Resolution::Passthrough,
                ServiceType::ClusterIp | ServiceType::NodePort | ServiceType::LoadBalancer => Resolution::Endpoints,
            },
            ServiceSource::Entry(entry) => match entry.resolution {
                EntryResolution::None => Resolution::Passthrough,
                EntryResolution::Static => Resolution::Endpoints,
                EntryResolution::Dns => Resolution::Dns,
            },
        }
    }

    /// Whether clients call it under its own host: rules do not apply to an alias (S79).
    #[must_use]
    pub fn is_called(&self) -> bool {
        self.resolution() != Resolution::Alias
    }

    /// Whether it is a Kubernetes Service.
    #[must_use]
    pub fn is_kubernetes(&self) -> bool {
        matches!(self.source, ServiceSource::Service(_))
    }

    /// Whether it is a headless Kubernetes Service, whose clients connect to the addresses of its pods (S75).
    #[must_use]
    pub fn is_headless(&self) -> bool {
        self.is_kubernetes() && self.resolution() == Resolution::Passthrough
    }

    /// Whether it is declared to be outside the mesh (S81).
    #[must_use]
    pub fn is_external(&self) -> bool {
        matches!(self.source, ServiceSource::Entry(entry) if entry.location == Location::External)
    }

    /// The names that its servers may have besides those of their service accounts (S84), in a mesh with this trust domain.
    #[must_use]
    pub fn subject_alt_names(&self, trust_domain: &str) -> Vec<Text> {
        match self.source {
            ServiceSource::Entry(entry) => entry.subject_alt_names().to_vec(),
            ServiceSource::Service(service) => service.subject_alt_names(trust_domain),
        }
    }

    /// A port by number.
    #[must_use]
    pub fn port(&self, number: u16) -> Option<&Port> {
        self.ports.iter().find(|port| port.number == number)
    }

    /// The labels that it selects workloads by; `None` for a `ServiceEntry` without selector.
    #[must_use]
    pub fn selector(&self) -> Option<&Labels> {
        match self.source {
            ServiceSource::Service(service) => Some(service.selector()),
            ServiceSource::Entry(entry) => entry.selector(),
        }
    }

    /// Whether clients of a namespace see it; `default` is the mesh's `exportTo`.
    pub(super) fn is_visible(&self, default: &ExportTo, namespace: &str) -> bool {
        self.exports.or(default).is_visible_in(&self.id.namespace, namespace)
    }

    /// Whether clients of every namespace see it.
    pub(in crate::mesh) fn is_public(&self, default: &ExportTo) -> bool {
        self.exports.or(default).is_public()
    }

    /// The namespaces that it is exported to by name, which take precedence over public services (S48).
    pub(in crate::mesh) fn exported_by_name(&self) -> impl Iterator<Item = &Text> {
        self.exports.namespaces()
    }

    /// Whether istiod merges the ports of another service with the same host into this one's (S279).
    pub(super) fn merges(&self, other: &Self) -> bool {
        self.id.namespace == other.id.namespace
            && match (self.source, other.source) {
                (ServiceSource::Service(_), ServiceSource::Service(_)) => self.id == other.id,
                (ServiceSource::Entry(one), ServiceSource::Entry(other)) => one.merges(&other),
                (ServiceSource::Service(_), ServiceSource::Entry(_)) | (ServiceSource::Entry(_), ServiceSource::Service(_)) => false,
            }
    }

    /// The address that its clients get: its cluster IP, or the first address of the `ServiceEntry`.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match self.source {
            ServiceSource::Service(service) => service.cluster_ips().next(),
            ServiceSource::Entry(entry) => entry.single_addresses().next(),
        }
    }

    /// Whether it has no address, so that its listeners are on all addresses (S234, S281): a `ServiceEntry` without one, or with ranges.
    #[must_use]
    pub fn is_without_address(&self) -> bool {
        matches!(self.source, ServiceSource::Entry(entry) if entry.single_addresses().next().is_none())
    }

    /// Istio's order of age among services (S23): by creation, then by host.
    #[must_use]
    pub fn age(&self) -> (i64, &Text, &Text, &Text) {
        (self.created.unwrap_or(i64::MAX), &self.host, &self.id.namespace, &self.id.name)
    }
}

/// Positions of the services with a port that a sidecar has on all addresses, the oldest first (S281).
#[derive(Debug, Default)]
struct SharedPorts {
    /// Those with HTTP.
    http: Vec<usize>,
    /// Entries without an address, with other protocols.
    other: Vec<usize>,
}

/// Every service by host.
#[derive(Debug)]
pub struct Registry<'s> {
    services: Vec<Service<'s>>,
    by_host: ByHost<Vec<usize>>,
    by_id: BTreeMap<&'s Id, usize>,
    /// Services that list an address themselves, by that address.
    by_address: BTreeMap<&'s str, Vec<usize>>,
    slices: SliceIndex<'s>,
    /// Positions of the ports that a sidecar has on all addresses, by number, the oldest first: those of HTTP, and those of other protocols.
    shared_ports: BTreeMap<u16, SharedPorts>,
    /// Reversed hosts in order, each with the position of its service; computed on first use.
    reversed_hosts: OnceLock<Vec<(String, usize)>>,
}

impl<'s> Registry<'s> {
    pub(in crate::mesh) fn new(snapshot: &'s Snapshot, domain: &ClusterDomain) -> Self {
        let mut services: Vec<Service<'s>> =
            snapshot.services.iter().map(|read| kubernetes(istio::Service::of(read), read.created, domain)).collect();
        services.extend(snapshot.service_entries.iter().flat_map(|read| entries(ServiceEntry::of(read), read.created)));
        services.sort_by(|a, b| a.age().cmp(&b.age()));
        let (mut by_host, mut by_id) = (ByHost::<Vec<usize>>::default(), BTreeMap::new());
        for (at, service) in services.iter().enumerate() {
            by_host.entry(service.host.clone()).push(at);
            by_id.entry(service.id).or_insert(at);
        }
        let mut by_address = BTreeMap::<&str, Vec<usize>>::new();
        for (at, service) in services.iter().enumerate() {
            let ServiceSource::Entry(entry) = service.source else { continue };
            entry.endpoints().for_each(|own| by_address.entry(own.address().as_str()).or_default().push(at));
        }
        Self {
            shared_ports: shared_ports(&services),
            services,
            by_host,
            by_id,
            by_address,
            slices: SliceIndex::new(snapshot),
            reversed_hosts: OnceLock::new(),
        }
    }

    /// The entries without an address that have a port which is not HTTP, the oldest first.
    pub(in crate::mesh) fn without_address(&self, port: u16) -> impl Iterator<Item = &Service<'s>> {
        self.shared_ports.get(&port).into_iter().flat_map(|ports| &ports.other).map(|&at| &self.services[at])
    }

    /// Every such entry, with its ports that are not HTTP.
    pub(super) fn all_without_address(&self) -> impl Iterator<Item = (u16, &Service<'s>)> {
        self.shared_ports.iter().flat_map(|(port, all)| all.other.iter().map(|&at| (*port, &self.services[at])))
    }

    /// The services that have a port for HTTP, the oldest first.
    pub(super) fn with_http(&self, port: u16) -> impl Iterator<Item = &Service<'s>> {
        self.shared_ports.get(&port).into_iter().flat_map(|ports| &ports.http).map(|&at| &self.services[at])
    }

    /// Whether any service contains addresses itself.
    pub(in crate::mesh) fn lists_addresses(&self) -> bool {
        !self.by_address.is_empty()
    }

    /// The services that list an address themselves.
    pub(in crate::mesh) fn services_listing(&self, address: &str) -> impl Iterator<Item = &Service<'s>> {
        self.by_address.get(address).into_iter().flatten().map(|&at| &self.services[at])
    }

    /// Whether `EndpointSlices` of a namespace list endpoints.
    pub(in crate::mesh) fn has_slices_in(&self, namespace: &str) -> bool {
        self.slices.has_any_in(namespace)
    }

    /// The `EndpointSlices` of a Service.
    pub(super) fn slices(&self, namespace: &str, service: &str) -> &[EndpointSlice<'s>] {
        self.slices.of(namespace, service)
    }

    /// Every service, oldest first.
    #[must_use]
    pub fn services(&self) -> &[Service<'s>] {
        &self.services
    }

    /// The service of an object; for a `ServiceEntry` with several hosts, the first.
    #[must_use]
    pub fn of(&self, id: &Id) -> Option<&Service<'s>> {
        self.by_id.get(id).map(|&at| &self.services[at])
    }

    /// The position of one of these services.
    pub(in crate::mesh) fn position(&self, service: &Service<'_>) -> Option<usize> {
        self.by_host.get(&service.host)?.iter().copied().find(|&at| std::ptr::eq(&raw const self.services[at], service))
    }

    /// The services of a host: an exact match, else the longest wildcard.
    pub fn at(&self, host: &str) -> impl Iterator<Item = &Service<'s>> {
        let found = self.by_host.matching(host).next();
        found.into_iter().flatten().map(|&at| &self.services[at])
    }

    /// The Kubernetes Service of a host.
    #[must_use]
    pub fn kubernetes(&self, host: &str) -> Option<&Service<'s>> {
        self.at(host).find(|service| service.is_kubernetes())
    }

    /// The services that the host of a rule matches (S53), including aliases, to which rules do not apply (S79).
    pub fn matching(&self, host: &str) -> impl Iterator<Item = &Service<'s>> {
        let exact = self.by_host.get(host).filter(|_| !host.starts_with('*'));
        let range = if host.starts_with('*') { self.range(host) } else { 0..0 };
        exact
            .into_iter()
            .flatten()
            .map(|&at| &self.services[at])
            .chain(self.reversed_hosts()[range].iter().map(|(_, at)| &self.services[*at]))
    }

    /// Whether the host of a rule matches a service that clients call under its own host.
    #[must_use]
    pub fn matches_any(&self, host: &str) -> bool {
        self.matching(host).any(Service::is_called)
    }

    /// The positions, in reversed order, of the services that a wildcard matches; they are adjacent.
    fn range(&self, wildcard: &str) -> Range<usize> {
        let all = self.reversed_hosts();
        let end: String = body(wildcard).chars().rev().collect();
        let start = all.partition_point(|(host, _)| *host < end);
        start..start + all[start..].partition_point(|(host, _)| host.starts_with(&end))
    }

    fn reversed_hosts(&self) -> &[(String, usize)] {
        self.reversed_hosts.get_or_init(|| {
            let reversed = |(at, service): (usize, &Service<'_>)| (body(&service.host).chars().rev().collect(), at);
            let mut all: Vec<(String, usize)> = self.services.iter().enumerate().map(reversed).collect();
            all.sort_unstable();
            all
        })
    }

    /// The services of a host, and then those of each wildcard host that matches it, the longest first; each oldest first.
    pub(super) fn candidates<'m>(&'m self, host: &str) -> impl Iterator<Item = Vec<&'m Service<'s>>> {
        self.by_host.matching(host).map(|positions| positions.iter().map(|&at| &self.services[at]).collect())
    }

    /// The other services of a namespace with the host of one of them (S233, S279).
    pub(in crate::mesh) fn siblings<'m>(&'m self, service: &Service<'_>) -> impl Iterator<Item = &'m Service<'s>> {
        let same = self.by_host.get(&service.host).filter(|same| same.len() > 1);
        let is_sibling = |other: &&Service<'s>| other.id.namespace == service.id.namespace && other.id != service.id;
        same.into_iter().flatten().map(|&at| &self.services[at]).filter(is_sibling)
    }

    /// Whether a namespace sees any service of a host; `default` is the mesh's `exportTo`.
    #[must_use]
    pub fn is_visible(&self, host: &str, default: &ExportTo, namespace: &str) -> bool {
        self.at(host).any(|service| service.is_visible(default, namespace))
    }
}

/// More aliases than this, one behind the other, are a cycle.
pub const MAX_ALIASES: usize = 8;

/// Resolves `ExternalName` services to the service itself (S79); `find` is the service of a host. `None` for an unknown name or a cycle.
#[must_use]
pub fn resolve_alias<'m>(host: &str, find: &dyn Fn(&str) -> Option<&'m Service<'m>>) -> Option<&'m Service<'m>> {
    let mut service = find(host)?;
    for _ in 0..MAX_ALIASES {
        match service.source {
            ServiceSource::Service(istio::Service { kind: ServiceType::ExternalName(other), .. }) => service = find(other)?,
            ServiceSource::Service(_) | ServiceSource::Entry(_) => return Some(service),
        }
    }
    None
}

fn shared_ports(services: &[Service<'_>]) -> BTreeMap<u16, SharedPorts> {
    let mut shared = BTreeMap::<u16, SharedPorts>::new();
    for (at, service) in services.iter().enumerate().filter(|(_, service)| service.is_called()) {
        for port in &service.ports {
            if port.protocol.class() == ProtocolClass::Http {
                shared.entry(port.number).or_default().http.push(at);
            } else if service.is_without_address() {
                shared.entry(port.number).or_default().other.push(at);
            }
        }
    }
    shared
}

/// A host without its leading asterisk.
fn body(host: &str) -> &str {
    host.strip_prefix('*').unwrap_or(host)
}

fn kubernetes<'s>(service: istio::Service<'s>, created: Option<i64>, domain: &ClusterDomain) -> Service<'s> {
    let port = |port: istio::ServicePort<'_>| Port {
        number: port.number,
        name: port.name().clone(),
        protocol: port.protocol(),
        target: match port.target {
            PortRef::Number(number) => TargetPort::Number(number),
            PortRef::Name(name) => TargetPort::Name(name.clone()),
        },
    };
    Service {
        id: service.id,
        host: domain.service(&service.id.namespace, &service.id.name),
        source: ServiceSource::Service(service),
        ports: service.tcp_ports().map(port).collect(),
        exports: service.exports(),
        created,
    }
}

fn entries(entry: ServiceEntry<'_>, created: Option<i64>) -> impl Iterator<Item = Service<'_>> {
    let port = |port: istio::EntryPort<'_>| Port {
        number: port.number,
        name: port.name.clone(),
        protocol: port.protocol,
        target: TargetPort::Number(port.target.unwrap_or(port.number)),
    };
    let ports: Vec<Port> = entry.ports().map(port).collect();
    let exports = entry.exports();
    entry.hosts().iter().map(move |host| Service {
        id: entry.id,
        host: host.clone(),
        source: ServiceSource::Entry(entry),
        ports: ports.clone(),
        exports: exports.clone(),
        created,
    })
}
