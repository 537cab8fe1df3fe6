//! The endpoints of a `ServiceEntry`, and of a machine, and the server behind each (S74, S82, S225, S228, S230).

use std::net::IpAddr;

use ipnet::IpNet;

use super::{
    ClientKind,
    cluster_dns::NamedInDns,
    endpoint::{Endpoint, FoundBy},
    registry::{Port, Resolution, Service, ServiceSource, TargetPort},
};
use crate::{
    istio::{ServiceEntry, WorkloadEntry},
    mesh::{Mesh, TLS_MODE},
    object::Text,
};

impl Mesh<'_> {
    pub(super) fn entry_endpoints<'m>(&'m self, service: &Service<'_>, body: ServiceEntry<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let namespace = &service.id.namespace;
        let Some(port) = own_port(service, service.resolution(), port) else { return Vec::new() };
        let TargetPort::Number(target) = port.target else { return Vec::new() };
        if let Some(selector) = body.selector() {
            let takes_names = service.resolution() == Resolution::Dns;
            return self.selected(namespace, selector, false, |instance| instance.entry_port_behind(&port.name, target, takes_names));
        }
        match service.resolution() {
            Resolution::Passthrough => self.dialled_endpoints(service, body, target),
            Resolution::Dns if body.endpoints().len() == 0 => {
                self.located(&service.host, &Endpoint::without_workload(namespace, target, true))
            }
            Resolution::Endpoints | Resolution::Dns | Resolution::Alias => {
                let endpoints = body.endpoints();
                endpoints.flat_map(|entry| self.located(entry.address(), &declared(namespace, entry, entry_port(entry, port)))).collect()
            }
        }
    }

    /// The endpoints of other entries of the namespace with the host, which istiod adds to the cluster of an Envoy: by the name of the port if
    /// they have an address, and by its number if the cluster is resolved by DNS (S233, S279).
    pub(super) fn joined_endpoints<'m>(&'m self, client: ClientKind, service: &Service<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        let resolution = service.resolution();
        let is_balanced = matches!(resolution, Resolution::Endpoints | Resolution::Dns);
        if !is_balanced || matches!(client, ClientKind::Ambient | ClientKind::None) {
            return Vec::new();
        }
        let of_sibling = |sibling: &'m Service<'m>| {
            let ServiceSource::Entry(body) = sibling.source else { return Vec::new() };
            match (own_port(sibling, resolution, port), resolution, sibling.resolution()) {
                (None, ..) | (_, _, Resolution::Passthrough) => Vec::new(),
                (Some(port), Resolution::Endpoints, _) => self.addressed_in_entry(sibling, body, port),
                (Some(port), ..) => self.entry_endpoints(sibling, body, port),
            }
        };
        self.registry().siblings(service).flat_map(of_sibling).collect()
    }

    /// The endpoints of an entry that have an address.
    fn addressed_in_entry<'m>(&'m self, service: &Service<'_>, body: ServiceEntry<'_>, port: &Port) -> Vec<Endpoint<'m>> {
        if body.selector().is_some() {
            return if service.resolution() == Resolution::Endpoints { self.entry_endpoints(service, body, port) } else { Vec::new() };
        }
        let with_address = body.endpoints().filter(|entry| entry.address().parse::<IpAddr>().is_ok());
        let namespace = &service.id.namespace;
        with_address.flat_map(|entry| self.located(entry.address(), &declared(namespace, entry, entry_port(entry, port)))).collect()
    }

    /// With the original destination, clients dial the addresses of the entry, or what their DNS has for its host.
    fn dialled_endpoints<'m>(&'m self, service: &Service<'_>, body: ServiceEntry<'_>, target: u16) -> Vec<Endpoint<'m>> {
        let namespace = &service.id.namespace;
        let pods = body.single_addresses().filter_map(|address| self.pod_at(address));
        let found: Vec<_> = pods
            .map(|(workload, instance, pod)| Endpoint { is_registered: false, ..Endpoint::of(workload, instance, Some(pod), target) })
            .collect();
        if !found.is_empty() {
            return found;
        }
        let unknown = Endpoint::without_workload(namespace, target, false);
        if body.addresses().is_empty() {
            return self.located(&service.host, &unknown);
        }
        let mut found: Vec<_> = body.single_addresses().flat_map(|address| self.located(address, &unknown)).collect();
        // Which of the addresses in a range the host resolves to is in no object.
        let found_by = |range: IpNet| if self.service_addresses().has_pods(range) { FoundBy::Range } else { FoundBy::Registry };
        found.extend(body.address_ranges().map(|range| Endpoint {
            found_by: found_by(range),
            address: Some(service.host.clone()),
            ..unknown.clone()
        }));
        found
    }

    /// Whether it is certain that nothing answers at an address or a name of the cluster, or at a port of it (S225, S243, S245).
    #[must_use]
    pub fn certainly_has_no_server(&self, address: &str, port: u16) -> bool {
        let at = self.located(address, &Endpoint::unknown(address, port));
        at.first().is_some_and(|endpoint| endpoint.found_by == FoundBy::Nothing)
    }

    /// The servers behind an address or a name: a pod, or the endpoints of the Service whose name or cluster IP it is, which istiod does
    /// not see (S225, S228). What is declared about the endpoint stays as it is.
    pub(super) fn located<'m>(&'m self, address: &str, declared: &Endpoint<'m>) -> Vec<Endpoint<'m>> {
        let declared = &Endpoint { address: Some(address.into()), ..declared.clone() };
        if let Some((workload, instance, pod)) = self.pod_at(address) {
            let server = Some((workload, instance));
            return vec![Endpoint { server, pod: Some(pod), found_by: FoundBy::Address, ..declared.clone() }];
        }
        let of = |found_by: FoundBy| Endpoint { found_by, ..declared.clone() };
        if address.parse::<IpAddr>().is_ok() {
            let mut services = self.services_at(address).filter(|service| service.is_kubernetes()).peekable();
            if services.peek().is_none() {
                return vec![declared.clone()];
            }
            return match services.find(|service| service.port(declared.port).is_some()) {
                Some(service) => self.behind(service, &of(FoundBy::ClusterIp)),
                None => vec![of(FoundBy::Nothing)],
            };
        }
        match self.named_in_dns(address) {
            NamedInDns::Service(service) => self.behind(service, &of(FoundBy::Name)),
            NamedInDns::Pod(named) => {
                let pods = self.headless_endpoints(named.service, declared.port).into_iter().filter(|endpoint| named.is(self, endpoint));
                pods.map(|endpoint| Endpoint { server: endpoint.server, pod: endpoint.pod, ..of(FoundBy::Name) }).collect()
            }
            NamedInDns::Nothing { is_certain: true } => vec![of(FoundBy::Nothing)],
            NamedInDns::Nothing { is_certain: false } => vec![of(FoundBy::Unread)],
            NamedInDns::Outside => vec![declared.clone()],
        }
    }

    /// The endpoints of a Service that is called by a name or address of its own; nothing at a port that it does not have.
    fn behind<'m>(&'m self, service: &'m Service<'m>, declared: &Endpoint<'m>) -> Vec<Endpoint<'m>> {
        let ServiceSource::Service(body) = service.source else { return vec![declared.clone()] };
        // By the name of a headless Service a client gets the addresses of pods, whatever port it dials.
        let is_headless = service.is_headless();
        let Some(port) = service.port(declared.port).or_else(|| service.ports.first().filter(|_| is_headless)) else {
            let found_by = if is_headless { declared.found_by } else { FoundBy::Nothing };
            return vec![Endpoint { found_by, ..declared.clone() }];
        };
        let found = self.kubernetes_endpoints(service, body, port);
        let at = |endpoint: &Endpoint<'_>| if is_headless { declared.port } else { endpoint.port };
        let of = |endpoint: Endpoint<'m>| Endpoint { server: endpoint.server, pod: endpoint.pod, port: at(&endpoint), ..declared.clone() };
        found.into_iter().map(of).collect()
    }
}

/// An endpoint that is written into a `ServiceEntry`: its own labels and account apply, whatever pod has the address.
fn declared<'m>(namespace: &Text, entry: WorkloadEntry<'_>, port: u16) -> Endpoint<'m> {
    let account = entry.service_account();
    let default = if account.is_none() { "disabled" } else { "istio" };
    Endpoint {
        labels: entry.labels().clone(),
        tls_mode: entry.labels().get(TLS_MODE).unwrap_or(default).into(),
        account: account.cloned(),
        ..Endpoint::without_workload(namespace, port, true)
    }
}

/// The port of a service to which the cluster of a port with this resolution adds endpoints: the one with its name, or with its number if
/// the cluster is resolved by DNS.
pub(super) fn own_port<'p>(service: &'p Service<'_>, resolution: Resolution, port: &'p Port) -> Option<&'p Port> {
    match resolution {
        Resolution::Endpoints => service.ports.iter().find(|own| own.name == port.name),
        Resolution::Dns | Resolution::Passthrough | Resolution::Alias => service.port(port.number),
    }
}

/// The number that an endpoint of a `ServiceEntry` has for one of its ports.
#[must_use]
pub fn entry_port(entry: WorkloadEntry<'_>, port: &Port) -> u16 {
    entry.port(&port.name).unwrap_or_else(|| target_of(port))
}

/// The number that endpoints without one of their own have for a port of a `ServiceEntry`.
#[must_use]
pub fn target_of(port: &Port) -> u16 {
    if let TargetPort::Number(number) = port.target { number } else { port.number }
}
