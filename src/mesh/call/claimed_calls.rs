//! Calls that another service gets than the one that the client names, or none, because two objects claim a host, pods, an address or a port
//! (S279, S280, S281, S290).

use super::{
    claimed_at::ClaimedAt,
    verdict::{CallProperties, Verdict},
};
use crate::{
    istio::{Protocol, ProtocolClass},
    mesh::{Claim, Client, ClientKind, Destination, Endpoint, Known, Mesh, Port, Resolution, Service, ServiceSource},
    object::Text,
};

/// A service port whose calls another service gets.
#[derive(Clone, Debug)]
pub struct ClaimedCall<'m> {
    /// The service that clients name.
    pub service: &'m Service<'m>,
    pub port: u16,
    /// The service that gets the calls, or whose clusters lack the port.
    pub owner: &'m Service<'m>,
    pub claim: Claim,
    /// Namespace of the clients; `None` means every namespace that is treated like the rest.
    pub clients: Option<Text>,
    /// Whether the calls fail.
    pub fails: bool,
    /// Whether the calls are meant for workloads of the mesh, and go to addresses that belong to none.
    pub leaves_mesh: bool,
}

impl Mesh<'_> {
    /// The calls of sidecars that another service gets, and not with the same result; computed on first use.
    pub fn claimed_calls(&self) -> impl Iterator<Item = ClaimedCall<'_>> {
        let services = self.registry().services();
        self.derived.claimed_calls.get_or_init(|| self.all_claimed_calls()).iter().map(|found| ClaimedCall {
            service: &services[found.service],
            port: found.port,
            owner: &services[found.owner],
            claim: found.claim,
            clients: found.clients.clone(),
            fails: found.fails,
            leaves_mesh: found.leaves_mesh,
        })
    }

    fn all_claimed_calls(&self) -> Vec<ClaimedAt> {
        let mut found = Vec::new();
        let classes = self.possible_client_classes();
        let all = self.registry().services().iter().enumerate();
        for (at, service) in all.filter(|(_, service)| service.is_called() && self.may_be_claimed(service)) {
            let exceptions = classes.exceptions(&self.indices, service);
            for port in &service.ports {
                let is_claimed = |client: &Client<'_>| self.claim_on(client, service, port).is_some();
                for one in classes.sidecars_where(&self.indices, service, &exceptions, is_claimed) {
                    let Some((owner, claim)) = self.claim_on(&one.client, service, port) else { continue };
                    found.extend(self.registry().position(owner).map(|owner_at| ClaimedAt {
                        service: at,
                        owner: owner_at,
                        port: port.number,
                        claim,
                        fails: claim == Claim::Host || self.fails_at(&one.client, owner, service, port),
                        leaves_mesh: claim == Claim::Address && self.leaves_mesh(owner, service, port),
                        clients: one.namespace,
                    }));
                }
            }
        }
        found
    }

    /// The entry without an address that gets the calls of a client to a port of a service which is hidden from it (S281).
    #[must_use]
    pub fn owner_of_hidden_port<'m>(&'m self, client: &Client<'_>, service: &Service<'_>, port: &Port) -> Option<&'m Service<'m>> {
        if self.indices.destination(client, &service.host, port.number).is_some() {
            return None;
        }
        let shared = self.indices.shared_listener(client, port.number);
        let is_by_name = shared.routes_http && port.protocol.class() != ProtocolClass::Tcp;
        shared.owner.filter(|_| !is_by_name)
    }

    /// Whether anything else has the host, the address, the port or the namespace of a service; this only saves work.
    fn may_be_claimed(&self, service: &Service<'_>) -> bool {
        let registry = self.registry();
        let shares_port = |port: &Port| registry.without_address(port.number).nth(1).is_some();
        registry.siblings(service).next().is_some()
            || service.is_headless()
            || self.shared_address(service).is_some()
            || service.is_without_address() && service.ports.iter().any(shares_port)
    }

    /// The service that gets the calls of a client to a port, and why.
    fn claim_on<'m>(&'m self, client: &Client<'_>, service: &Service<'_>, port: &Port) -> Option<(&'m Service<'m>, Claim)> {
        let number = port.number;
        let to = match self.indices.known(client, &service.host, number, false) {
            Known::NoCluster(by) if by.id == service.id => {
                return Some((self.indices.visible_service(client, &service.host, number)?, Claim::Host));
            }
            Known::Cluster(to) if to.is_port_of(service, number) => to,
            Known::Cluster(_) | Known::NoCluster(_) | Known::Nothing => return None,
        };
        if to.service.is_headless() {
            let owner = self.owner_of_pods(client, to)?;
            return (!self.has_same_tls(client, to, owner)).then_some((owner, Claim::Pods));
        }
        let (owner, claim) = self.taken_by(client, to)?;
        (!self.is_harmless(client, to, owner)).then_some((owner, claim))
    }

    /// Another headless Service that has the listener for a pod of a destination.
    fn owner_of_pods<'m>(&'m self, client: &Client<'_>, to: Destination<'_>) -> Option<&'m Service<'m>> {
        let endpoints = self.endpoint_classes(to.service, to.port);
        let owners = endpoints.iter().filter_map(|endpoint| self.listener_at(client, endpoint, to.port.number));
        owners.map(|owner| owner.service).find(|owner| owner.id != to.service.id)
    }

    /// Whether the listener of another service calls the same addresses with the same TLS.
    fn is_harmless(&self, client: &Client<'_>, to: Destination<'_>, owner: &Service<'_>) -> bool {
        let lists_endpoints =
            matches!(owner.source, ServiceSource::Entry(entry) if entry.endpoints().len() > 0 || entry.selector().is_some());
        let is_same_place = owner.resolution() == Resolution::Passthrough || owner.id == to.service.id && lists_endpoints;
        is_same_place && self.has_same_tls(client, to, owner)
    }

    fn has_same_tls(&self, client: &Client<'_>, to: Destination<'_>, owner: &Service<'_>) -> bool {
        let Known::Cluster(instead) = self.indices.known(client, &owner.host, to.port.number, false) else { return false };
        let tls = |to: Destination<'_>| {
            let cluster = self.indices.cluster(client, to, None, &self.endpoint_classes_for(client.kind, to.service, to.port));
            (cluster.tls, cluster.endpoint_tls_mode, cluster.subject_alt_names)
        };
        tls(to) == tls(instead)
    }

    /// Whether the endpoints of the service that gets the calls are outside the mesh, and not those of the one that is meant.
    fn leaves_mesh(&self, owner: &Service<'_>, meant: &Service<'_>, port: &Port) -> bool {
        let Some(own) = owner.port(port.number).filter(|_| owner.resolution() != Resolution::Passthrough) else { return false };
        let has_server = |endpoint: &Endpoint<'_>| endpoint.server.is_some();
        let elsewhere = self.endpoint_classes(owner, own);
        !elsewhere.is_empty() && !elsewhere.iter().any(has_server) && self.endpoint_classes(meant, port).iter().any(has_server)
    }

    /// Whether a call that is meant for a port of a service fails at the service that gets it.
    fn fails_at(&self, client: &Client<'_>, owner: &Service<'_>, meant: &Service<'_>, port: &Port) -> bool {
        let Known::Cluster(to) = self.indices.known(client, &owner.host, port.number, false) else { return true };
        let own = self.endpoint_classes_for(client.kind, to.service, to.port);
        let cluster = self.indices.cluster(client, to, None, &own);
        let called = if to.service.resolution() == Resolution::Passthrough { self.endpoint_classes(meant, port) } else { own };
        let is_app_tls = port.protocol == Protocol::Tls;
        let fails = |endpoint: &Endpoint<'_>| {
            let sent_as = self.sent_as(client, Some(&cluster), endpoint, is_app_tls);
            let call = CallProperties { is_app_tls, ..CallProperties::of(ClientKind::Sidecar) };
            matches!(self.evaluate(endpoint, sent_as, call).verdict, Verdict::Fail(_))
        };
        called.iter().any(fails)
    }
}
