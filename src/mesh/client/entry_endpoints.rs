//! The endpoints of a `ServiceEntry`, and of a machine, and the server behind each (S74, S82, S225, S228, S230).

use super::{
    ClientKind,
    endpoint::{Endpoint, FoundBy},
    registry::{Port, Resolution, Service, ServiceSource, TargetPort, resolve_aliases},
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
                endpoints.flat_map(|entry| self.located(entry.address(), &declared(namespace, entry, port_of(entry, port)))).collect()
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
        let with_address = body.endpoints().filter(|entry| entry.address().parse::<std::net::IpAddr>().is_ok());
        let namespace = &service.id.namespace;
        with_address.flat_map(|entry| self.located(entry.address(), &declared(namespace, entry, port_of(entry, port)))).collect()
    }

    /// With the original destination, clients dial the addresses of the entry, or what their DNS has for its host.
    fn dialled_endpoints<'m>(&'m self, service: &Service<'_>, body: ServiceEntry<'_>, target: u16) -> Vec<Endpoint<'m>> {
        let namespace = &service.id.namespace;
        let pods = body.addresses().iter().filter_map(|address| self.pod_at(address));
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
        body.addresses().iter().flat_map(|address| self.located(address, &unknown)).collect()
    }

    /// The servers behind an address or a name: a pod, or the endpoints of the Service whose name or cluster IP it is, which istiod does
    /// not see (S225, S228). What is declared about the endpoint stays as it is.
    pub(super) fn located<'m>(&'m self, address: &str, declared: &Endpoint<'m>) -> Vec<Endpoint<'m>> {
        if let Some((workload, instance, pod)) = self.pod_at(address) {
            let server = Some((workload, instance));
            return vec![Endpoint { server, pod: Some(pod), found_by: FoundBy::Address, ..declared.clone() }];
        }
        let found_by = if address.parse::<std::net::IpAddr>().is_ok() { FoundBy::ClusterIp } else { FoundBy::Name };
        let behind = self.kubernetes_service_at(address).and_then(|service| {
            let ServiceSource::Service(body) = service.source else { return None };
            // By the name of a headless Service a client gets the addresses of pods, whatever port it dials.
            let is_headless = service.is_headless();
            let port = service.port(declared.port).or_else(|| service.ports.first().filter(|_| is_headless))?;
            let found = self.kubernetes_endpoints(service, body, port);
            let at = |endpoint: &Endpoint<'_>| if is_headless { declared.port } else { endpoint.port };
            let of = |endpoint: Endpoint<'m>| Endpoint {
                server: endpoint.server,
                pod: endpoint.pod,
                port: at(&endpoint),
                found_by,
                ..declared.clone()
            };
            Some(found.into_iter().map(of).collect())
        });
        behind.unwrap_or_else(|| vec![declared.clone()])
    }

    /// The Kubernetes Service with a cluster IP or a name, after aliases.
    fn kubernetes_service_at<'m>(&'m self, address: &str) -> Option<&'m Service<'m>> {
        let named = |host: &str| {
            let host = self.cluster_domain().of_any_client(host)?;
            self.registry().at(&host).find(|service| service.is_kubernetes())
        };
        let at = self.services_at(address).find(|service| service.is_kubernetes());
        resolve_aliases(at.or_else(|| named(address))?, &named)
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
pub(in crate::mesh) fn port_of(entry: WorkloadEntry<'_>, port: &Port) -> u16 {
    let target = if let TargetPort::Number(number) = port.target { number } else { port.number };
    entry.port(&port.name).unwrap_or(target)
}
