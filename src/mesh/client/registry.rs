//! The services of the mesh as clients know them: Kubernetes' own and those of `ServiceEntries`.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use super::rules::wildcards;
use crate::{
    istio::{ClusterDomain, Protocol},
    object::{
        Id, Read, Snapshot, Text,
        wire::{self, IntOrText},
    },
};

/// A service under one of its hosts.
#[derive(Clone, Debug)]
pub struct Service<'s> {
    /// The Service or `ServiceEntry`.
    pub id: &'s Id,
    /// Its host; a `ServiceEntry` may have one with a wildcard.
    pub host: Text,
    /// Where it comes from.
    pub source: Source<'s>,
    /// Its TCP ports, in the order of the object.
    pub ports: Vec<Port>,
    created: Option<i64>,
}

/// Where a service comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'s> {
    /// Kubernetes.
    Service(&'s wire::Service),
    /// A `ServiceEntry`.
    Entry(&'s wire::ServiceEntry),
}

/// A port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The number that clients call.
    pub number: u16,
    /// Its name.
    pub name: Text,
    /// What it declares.
    pub protocol: Protocol,
    /// The workload's port.
    pub target: Target,
}

/// The workload's port behind a service port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A number.
    Number(u16),
    /// The name of a container's port.
    Name(Text),
}

/// How istiod finds the endpoints of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// By its endpoints.
    Endpoints,
    /// The address that was dialled: headless Services, and `ServiceEntries` of resolution NONE.
    Passthrough,
    /// By name.
    Dns,
    /// It is another name for a host (S79).
    Alias,
}

impl<'s> Service<'s> {
    /// A Kubernetes Service of which nothing is known but its name and some ports.
    pub(in crate::mesh) fn assumed(id: &'s Id, ports: Vec<Port>, domain: &ClusterDomain) -> Self {
        static NOTHING: LazyLock<wire::Service> = LazyLock::new(wire::Service::default);
        Self { id, host: domain.service(&id.namespace, &id.name), source: Source::Service(&NOTHING), ports, created: None }
    }
}

impl Port {
    /// A port of which nothing is known but its number.
    pub(in crate::mesh) fn assumed(number: u16) -> Self {
        Self { number, name: Text::default(), protocol: Protocol::Unknown, target: Target::Number(number) }
    }
}

impl Service<'_> {
    /// How its endpoints are found.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        match self.source {
            Source::Service(service) if service.spec.type_ == "ExternalName" => Resolution::Alias,
            Source::Service(service) if service.spec.cluster_ip == "None" => Resolution::Passthrough,
            Source::Service(_) => Resolution::Endpoints,
            Source::Entry(entry) => match entry.spec.resolution.as_str() {
                "" | "NONE" => Resolution::Passthrough,
                "STATIC" => Resolution::Endpoints,
                _ => Resolution::Dns,
            },
        }
    }

    /// Whether calls stay with it: what only is another name for a host has no rules of its own (S79).
    #[must_use]
    pub fn is_called(&self) -> bool {
        self.resolution() != Resolution::Alias
    }

    /// Whether Kubernetes knows it.
    #[must_use]
    pub fn is_kubernetes(&self) -> bool {
        matches!(self.source, Source::Service(_))
    }

    /// Whether it is outside the mesh by its own word (S81).
    #[must_use]
    pub fn is_external(&self) -> bool {
        matches!(self.source, Source::Entry(entry) if entry.spec.location != "MESH_INTERNAL")
    }

    /// The names that its servers may have besides those of their accounts (S84), in a mesh with this trust domain.
    #[must_use]
    pub fn subject_alt_names(&self, trust_domain: &str) -> Vec<Text> {
        match self.source {
            Source::Entry(entry) => entry.spec.subject_alt_names.to_vec(),
            Source::Service(service) => {
                let said = |key: &str| service.metadata.annotations.get(key).unwrap_or_default();
                let list = |key: &str| -> Vec<String> {
                    said(key).split(',').map(str::trim).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
                };
                let own = list("alpha.istio.io/kubernetes-serviceaccounts")
                    .into_iter()
                    .map(|account| format!("spiffe://{trust_domain}/ns/{}/sa/{account}", self.id.namespace));
                own.chain(list("alpha.istio.io/canonical-serviceaccounts")).map(Text::from).collect()
            }
        }
    }

    /// A port by number.
    #[must_use]
    pub fn port(&self, number: u16) -> Option<&Port> {
        self.ports.iter().find(|port| port.number == number)
    }

    /// The namespaces it is for by its own word (S47): of a `ServiceEntry` its field, of a Service its annotation.
    fn said_exports(&self) -> Cow<'_, [Text]> {
        match self.source {
            Source::Entry(entry) => Cow::Borrowed(&entry.spec.export_to),
            Source::Service(service) => {
                let list = service.metadata.annotations.get("networking.istio.io/exportTo").unwrap_or_default();
                list.split(',').map(str::trim).filter(|to| !to.is_empty()).map(Text::from).collect()
            }
        }
    }

    /// The namespaces it is for (S47), given the mesh's default.
    fn exports<'e>(&'e self, default: &'e [Text]) -> Cow<'e, [Text]> {
        let said = self.said_exports();
        if said.is_empty() { Cow::Borrowed(default) } else { said }
    }

    /// Whether clients of a namespace see it.
    fn is_visible(&self, default: &[Text], namespace: &str) -> bool {
        exports_to(&self.exports(default), &self.id.namespace, namespace)
    }

    /// Whether clients of every namespace see it.
    pub(in crate::mesh) fn is_public(&self, default: &[Text]) -> bool {
        let exports = self.exports(default);
        exports.is_empty() || exports.iter().any(|to| to == "*")
    }

    /// The namespaces it is exported to by name, which comes before what is public (S48).
    pub(in crate::mesh) fn exported_by_name(&self) -> impl Iterator<Item = Text> {
        self.said_exports().into_owned().into_iter().filter(|to| !matches!(to.as_str(), "*" | "." | "~"))
    }

    /// Istio's order of age among services (S23): by creation, then by host.
    #[must_use]
    pub fn age(&self) -> (i64, &Text, &Text, &Text) {
        (self.created.unwrap_or(i64::MAX), &self.host, &self.id.namespace, &self.id.name)
    }
}

/// Every service by host.
#[derive(Debug)]
pub struct Registry<'s> {
    services: Vec<Service<'s>>,
    by_host: BTreeMap<Text, Vec<usize>>,
    by_id: BTreeMap<&'s Id, usize>,
    /// Services that list an address themselves, by that address.
    by_address: BTreeMap<&'s str, Vec<usize>>,
    /// Services with slices, by namespace.
    sliced: BTreeMap<&'s str, Vec<usize>>,
    /// Hosts from back to front, in order, and whose they are; made when somebody asks.
    backwards: OnceLock<Vec<(String, usize)>>,
}

impl<'s> Registry<'s> {
    pub(in crate::mesh) fn new(snapshot: &'s Snapshot, domain: &ClusterDomain) -> Self {
        let mut services: Vec<Service<'s>> = snapshot.services.iter().map(|read| kubernetes(read, domain)).collect();
        services.extend(snapshot.service_entries.iter().flat_map(entries));
        services.sort_by(|a, b| a.age().cmp(&b.age()));
        let (mut by_host, mut by_id) = (BTreeMap::<Text, Vec<usize>>::new(), BTreeMap::new());
        for (at, service) in services.iter().enumerate() {
            by_host.entry(service.host.clone()).or_default().push(at);
            by_id.entry(service.id).or_insert(at);
        }
        let (mut by_address, mut sliced) = (BTreeMap::<&str, Vec<usize>>::new(), BTreeMap::<&str, Vec<usize>>::new());
        for (at, service) in services.iter().enumerate() {
            let Source::Entry(entry) = service.source else { continue };
            entry.spec.endpoints.iter().for_each(|own| by_address.entry(own.address.as_str()).or_default().push(at));
        }
        for read in &snapshot.endpoint_slices {
            let name = read.body.metadata.labels.get("kubernetes.io/service-name").unwrap_or_default();
            let id = Id::new(crate::object::Kind::Service, read.id.namespace.clone(), name);
            sliced.entry(read.id.namespace.as_str()).or_default().extend(by_id.get(&id));
        }
        Self { services, by_host, by_id, by_address, sliced, backwards: OnceLock::new() }
    }

    /// Whether any service lists addresses itself.
    pub(in crate::mesh) fn lists_addresses(&self) -> bool {
        !self.by_address.is_empty()
    }

    /// The services that list an endpoint of a namespace themselves: by its address, or in slices.
    pub(in crate::mesh) fn listing(&self, namespace: &str, address: Option<&str>) -> impl Iterator<Item = &Service<'s>> {
        let by_address = address.and_then(|address| self.by_address.get(address));
        let found = by_address.into_iter().chain(self.sliced.get(namespace)).flatten();
        found.map(|&at| &self.services[at])
    }

    /// Every service, oldest first.
    #[must_use]
    pub fn services(&self) -> &[Service<'s>] {
        &self.services
    }

    /// The service of an object; of a `ServiceEntry` with several hosts, the first.
    #[must_use]
    pub fn of(&self, id: &Id) -> Option<&Service<'s>> {
        self.by_id.get(id).map(|&at| &self.services[at])
    }

    /// The services that answer to a host: under just this name, else under the longest wildcard.
    pub fn at(&self, host: &str) -> impl Iterator<Item = &Service<'s>> {
        let found = self.by_host.get(host).or_else(|| wildcards(host).find_map(|wildcard| self.by_host.get(wildcard.as_str())));
        found.into_iter().flatten().map(|&at| &self.services[at])
    }

    /// The services that the host of a rule matches (S53), aliases included, which rules do nothing for (S79).
    pub fn matching(&self, host: &str) -> impl Iterator<Item = &Service<'s>> {
        let exact = self.by_host.get(host).filter(|_| !host.starts_with('*'));
        let range = if host.starts_with('*') { self.range(host) } else { 0..0 };
        exact.into_iter().flatten().map(|&at| &self.services[at]).chain(self.backwards()[range].iter().map(|(_, at)| &self.services[*at]))
    }

    /// Whether the host of a rule matches a service that clients call by it.
    #[must_use]
    pub fn knows(&self, host: &str) -> bool {
        self.matching(host).any(Service::is_called)
    }

    /// The places of the services that a wildcard matches, all next to each other.
    fn range(&self, wildcard: &str) -> Range<usize> {
        let all = self.backwards();
        let end: String = body(wildcard).chars().rev().collect();
        let start = all.partition_point(|(host, _)| *host < end);
        start..start + all[start..].partition_point(|(host, _)| host.starts_with(&end))
    }

    fn backwards(&self) -> &[(String, usize)] {
        self.backwards.get_or_init(|| {
            let backwards = |(at, service): (usize, &Service<'_>)| (body(&service.host).chars().rev().collect(), at);
            let mut all: Vec<(String, usize)> = self.services.iter().enumerate().map(backwards).collect();
            all.sort_unstable();
            all
        })
    }

    /// The services at a host that a namespace sees, given the mesh's default, in the order of S48.
    #[must_use]
    pub fn visible(&self, host: &str, default: &[Text], namespace: &str, prefers_own: bool) -> Vec<&Service<'s>> {
        let mut found: Vec<&Service<'s>> = self.at(host).filter(|service| service.is_visible(default, namespace)).collect();
        found.sort_by_key(|service| {
            let is_elsewhere = prefers_own && service.id.namespace != *namespace;
            (is_elsewhere, !service.is_kubernetes(), !service.exported_by_name().any(|to| to == namespace))
        });
        found
    }
}

/// A host without the asterisk it may begin with.
fn body(host: &str) -> &str {
    host.strip_prefix('*').unwrap_or(host)
}

/// Whether an object of a namespace that says so is there for clients of another; no word is for all.
pub(super) fn exports_to(exports: &[Text], home: &str, client: &str) -> bool {
    let sees = |to: &Text| to == "*" || to == "." && home == client || *to == *client;
    exports.is_empty() || exports.iter().any(sees)
}

fn kubernetes<'r>(read: &'r Read<wire::Service>, domain: &ClusterDomain) -> Service<'r> {
    let port = |port: &wire::ServicePort| {
        let number = tcp_port(port.port.0).filter(|_| matches!(port.protocol.as_str(), "" | "TCP"))?;
        let target = match &port.target_port {
            None | Some(IntOrText::Int(0)) => Target::Number(number),
            Some(IntOrText::Int(n)) => Target::Number(tcp_port(*n)?),
            Some(IntOrText::Text(name)) => Target::Name(name.clone()),
        };
        Some(Port { number, name: port.name.clone(), protocol: Protocol::of(port), target })
    };
    Service {
        id: &read.id,
        host: domain.service(&read.id.namespace, &read.id.name),
        source: Source::Service(&read.body),
        ports: read.body.spec.ports.iter().filter_map(port).collect(),
        created: read.created,
    }
}

fn entries(read: &Read<wire::ServiceEntry>) -> impl Iterator<Item = Service<'_>> {
    let port = |port: &wire::ServiceEntryPort| {
        let number = tcp_port(port.number.0).filter(|_| !port.protocol.eq_ignore_ascii_case("UDP"))?;
        let declared = wire::ServicePort { name: port.protocol.clone(), port: port.number, ..Default::default() };
        let target = Target::Number(tcp_port(port.target_port.0).unwrap_or(number));
        Some(Port { number, name: port.name.clone(), protocol: Protocol::of(&declared), target })
    };
    let ports: Vec<Port> = read.body.spec.ports.iter().filter_map(port).collect();
    read.body.spec.hosts.iter().map(move |host| Service {
        id: &read.id,
        host: host.clone(),
        source: Source::Entry(&read.body),
        ports: ports.clone(),
        created: read.created,
    })
}

fn tcp_port(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|&port| port != 0)
}
