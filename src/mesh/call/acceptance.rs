//! What the port of an endpoint accepts (S94), and the result of a call to it.

use std::collections::BTreeMap;

use super::verdict::{Acceptance, CallProperties, Failure, SentAs, Verdict, verdict};
use crate::{
    istio::{Gateway, GatewayTls, Mode, Protocol},
    mesh::{
        Client, Dataplane, Endpoint, Enforced, FoundBy, Instance, Mesh, Port, Service, ServiceSource, Workload, entry_port,
        indices::Indices,
    },
    object::{Id, Text},
};

/// The result of a call to one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation<'m> {
    /// The mode that the server enforces at the port.
    pub mode: Enforced,
    /// False if a policy that could change the mode was not read, or if it is not known whether the server has a proxy; the verdict is
    /// then [`Verdict::Unknown`].
    pub is_certain: bool,
    /// The policy that sets the mode; `None` if no policy applies.
    pub decided_by: Option<&'m Id>,
    /// What the port accepts.
    pub acceptance: Acceptance,
    /// The outcome of the call.
    pub verdict: Verdict,
}

impl Evaluation<'_> {
    /// The evaluation of a call that the proxies let pass, at an application that only accepts TLS and gets plaintext (F13).
    #[must_use]
    pub fn refusing_plaintext(self) -> Self {
        let arrives = matches!(self.verdict, Verdict::Plaintext | Verdict::Mtls);
        Self { verdict: if arrives { Verdict::Fail(Failure::PlaintextToTls) } else { self.verdict }, ..self }
    }
}

impl Mesh<'_> {
    /// The result of a call to an endpoint.
    #[must_use]
    pub fn evaluate<'m>(&'m self, endpoint: &Endpoint<'m>, sent_as: SentAs, call: CallProperties) -> Evaluation<'m> {
        let read = || endpoint.server.map(|(workload, instance)| self.indices.server(workload, instance).port(endpoint.port));
        let port = self.indices.assumed_mode(endpoint).or_else(read);
        let mode = port.and_then(|port| port.mode);
        // Without the labels of its Namespace it is not known which proxy, if any, the pod gets.
        let is_assumed = endpoint.assumed_protocol.is_none() && endpoint.server.is_some_and(|(_, instance)| instance.is_assumed);
        let is_undetermined = self.is_undetermined(call.client, endpoint, sent_as);
        let is_certain = !is_assumed && !is_undetermined && port.is_none_or(|port| port.is_enforcement_certain());
        let acceptance = self.acceptance(endpoint, mode);
        let outer = verdict(sent_as, acceptance, call);
        let verdict = if !is_certain {
            Verdict::Unknown
        } else if endpoint.found_by == FoundBy::Nothing {
            Verdict::Fail(Failure::NothingThere)
        } else if outer == Verdict::Tls && call.is_double_tls(sent_as) {
            // The application terminates one TLS and reads the other as its payload; no proxy of the mesh refuses it (S241).
            Verdict::Fail(if endpoint.server.is_some() { Failure::NonHttpToHttpPort } else { Failure::TlsToPlaintext })
        } else {
            outer
        };
        Evaluation { mode, is_certain, decided_by: port.and_then(|port| port.decided_by), acceptance, verdict }
    }

    /// Whether a call fails because the port is STRICT: it would not fail if the port were PERMISSIVE.
    #[must_use]
    pub fn is_refused_by_strict(&self, endpoint: &Endpoint<'_>, sent_as: SentAs, call: CallProperties) -> bool {
        let evaluation = self.evaluate(endpoint, sent_as, call);
        let if_permissive = || verdict(sent_as, self.acceptance(endpoint, Some(Mode::Permissive)), call);
        evaluation.mode == Some(Mode::Strict)
            && matches!(evaluation.verdict, Verdict::Fail(_))
            && !matches!(if_permissive(), Verdict::Fail(_))
    }

    /// Like [`Self::evaluate`], for a client that accepts only these names: mTLS fails if client and server do not accept each other's
    /// identity (S84, S85).
    #[must_use]
    pub fn evaluate_with_identity<'m, 'n>(
        &'m self,
        client: &Client<'_>,
        names: impl FnOnce() -> &'n [Text],
        endpoint: &Endpoint<'m>,
        sent_as: SentAs,
        call: CallProperties,
    ) -> Evaluation<'m> {
        let evaluation = self.evaluate(endpoint, sent_as, call);
        let is_identity_rejected =
            sent_as == SentAs::Mtls && evaluation.verdict == Verdict::Mtls && !self.indices.is_identified(client, names(), endpoint);
        if is_identity_rejected { Evaluation { verdict: Verdict::Fail(Failure::ServerIdentityRejected), ..evaluation } } else { evaluation }
    }

    /// What an endpoint accepts at its port if its server enforces this mode (S94).
    fn acceptance(&self, endpoint: &Endpoint<'_>, mode: Enforced) -> Acceptance {
        if let (Some(protocol), Some(mode)) = (endpoint.assumed_protocol, mode) {
            return Acceptance::Sidecar(mode, protocol.class());
        }
        let Some((workload, instance)) = endpoint.server else { return Acceptance::NoProxy };
        let port = endpoint.port;
        let class = || self.declared_at(endpoint).unwrap_or(Protocol::Unknown).class();
        match (instance.dataplane, mode) {
            (Dataplane::Gateway, _) => Acceptance::Gateway(self.indices.gateway_tls(instance, port)),
            (Dataplane::Waypoint, _) => Acceptance::Waypoint,
            (Dataplane::Sidecar | Dataplane::Ambient, None) => Acceptance::Uncaptured,
            (Dataplane::None, _) | (_, None) => Acceptance::NoProxy,
            (Dataplane::Sidecar, Some(Mode::Disable)) => match self.indices.ingress_tls(workload, instance, port) {
                Some(tls) => Acceptance::SidecarIngressTls(tls),
                None => Acceptance::Sidecar(Mode::Disable, class()),
            },
            (Dataplane::Sidecar, Some(mode)) => Acceptance::Sidecar(mode, class()),
            (Dataplane::Ambient, Some(Mode::Strict)) => Acceptance::AmbientStrict,
            (Dataplane::Ambient, Some(Mode::Permissive | Mode::Disable)) => Acceptance::AmbientPermissive,
            (Dataplane::Proxyless, Some(Mode::Disable)) => Acceptance::ProxylessPlain,
            (Dataplane::Proxyless, Some(Mode::Strict | Mode::Permissive)) => Acceptance::ProxylessTls,
        }
    }

    /// The effective protocol of an endpoint's port: declared by its Sidecar's ingress, else by the oldest service with this endpoint
    /// (S23, S25); `None` if nothing declares it.
    #[must_use]
    pub fn declared_at(&self, endpoint: &Endpoint<'_>) -> Option<Protocol> {
        let (workload, instance) = endpoint.server?;
        let class = self.class_of(endpoint);
        if let Some(declared) = class.and_then(|class| self.declared_protocols().get(&class)) {
            return *declared;
        }
        self.declared_at_pod(workload, instance, endpoint)
    }

    /// The class of an endpoint's instance, and its port; `None` where the result of a call depends on the pod, because something lists
    /// addresses.
    #[must_use]
    pub fn class_of(&self, endpoint: &Endpoint<'_>) -> Option<(usize, u16)> {
        let (workload, instance) = endpoint.server?;
        let is_listed = self.lists_pods_in(&workload.subject.namespace) && self.lists(workload, endpoint);
        (!is_listed).then_some((instance.class, endpoint.port))
    }

    /// Whether anything may list pods of a namespace by address.
    pub(in crate::mesh) fn lists_pods_in(&self, namespace: &str) -> bool {
        self.registry().lists_addresses() || self.registry().has_slices_in(namespace)
    }

    /// Whether a `ServiceEntry` or an `EndpointSlice` lists an endpoint that is a pod.
    fn lists(&self, workload: &Workload<'_>, endpoint: &Endpoint<'_>) -> bool {
        let Some(pod) = endpoint.pod else { return false };
        let address = || self.address_of(endpoint);
        if self.registry().lists_addresses() && address().is_some_and(|address| self.registry().services_listing(address).next().is_some())
        {
            return true;
        }
        let at = |port| (workload.subject.namespace.clone(), pod.clone(), port);
        self.sliced_ports().range(at(0)..=at(u16::MAX)).next().is_some()
    }

    /// The declared protocol of the ports of each class; an instance that lists no address is like any other of its class.
    fn declared_protocols(&self) -> &BTreeMap<(usize, u16), Option<Protocol>> {
        self.derived.declared_protocols.get_or_init(|| {
            let mut protocols = BTreeMap::new();
            for workload in self.workloads() {
                for instance in &workload.instances {
                    for port in instance.ports.keys().filter(|port| !protocols.contains_key(&(instance.class, **port))).collect::<Vec<_>>()
                    {
                        let endpoint = Endpoint::of(workload, instance, None, *port);
                        protocols.insert((instance.class, *port), self.declared_at_pod(workload, instance, &endpoint));
                    }
                }
            }
            protocols
        })
    }

    fn declared_at_pod(&self, workload: &Workload<'_>, instance: &Instance<'_>, endpoint: &Endpoint<'_>) -> Option<Protocol> {
        let namespace = &workload.subject.namespace;
        if let Some(listener) = self.indices.ingress_at(instance, namespace, endpoint.port) {
            return Some(listener);
        }
        let selecting = instance.ports.get(&endpoint.port).map(|port| port.by_services.iter()).into_iter().flatten();
        let selecting = selecting.filter_map(|port| Some((self.registry().of(port.service)?, port.protocol)));
        let found = selecting.chain(self.services_listing(namespace, instance, endpoint));
        found.min_by(|(a, _), (b, _)| a.age().cmp(&b.age())).map(|(_, protocol)| protocol)
    }

    /// Services that list an endpoint's address at its port: `ServiceEntries` of its namespace, and those with `EndpointSlices` if no Service
    /// selects the pod (S215).
    fn services_listing<'m>(
        &'m self,
        namespace: &'m Text,
        instance: &Instance<'_>,
        endpoint: &'m Endpoint<'_>,
    ) -> impl Iterator<Item = (&'m Service<'m>, Protocol)> {
        let address = self.registry().lists_addresses().then(|| self.address_of(endpoint)).flatten();
        let own = address.into_iter().flat_map(|address| self.registry().services_listing(address));
        let own = own.filter(move |service| service.id.namespace == *namespace);
        let by_address = own.filter_map(move |service| {
            let ServiceSource::Entry(body) = service.source else { return None };
            let lists = |port: &&Port| body.endpoints().any(|own| Some(own.address()) == address && entry_port(own, port) == endpoint.port);
            service.ports.iter().find(lists).map(|port| (service, port.protocol))
        });
        let pod = endpoint.pod.filter(|_| self.registry().has_slices_in(namespace));
        let sliced = pod.and_then(|pod| self.sliced_ports().get(&(namespace.clone(), pod.clone(), endpoint.port)));
        let sliced = sliced.filter(|_| self.indices.services().services(namespace, &instance.labels).next().is_none());
        let by_slice = sliced.into_iter().flatten().map(|(at, protocol)| (&self.registry().services()[*at], *protocol));
        by_address.chain(by_slice)
    }
}

impl Indices<'_> {
    /// The TLS that a Sidecar's ingress terminates itself, if istiod has that enabled (S36).
    fn ingress_tls(&self, workload: &Workload<'_>, instance: &Instance<'_>, port: u16) -> Option<GatewayTls> {
        if !self.control_planes().istiod_env().tls_on_sidecar_ingress {
            return None;
        }
        let mut listeners = self.ingress(&workload.subject.namespace, &instance.revision, &instance.labels).iter();
        listeners.find(|listener| listener.port == Some(port))?.tls
    }

    /// The protocol of a port according to the ingress listeners of the Sidecar resource; `None` if it has none for the port.
    fn ingress_at(&self, instance: &Instance<'_>, namespace: &str, port: u16) -> Option<Protocol> {
        if instance.dataplane != Dataplane::Sidecar {
            return None;
        }
        let listeners = self.ingress(namespace, &instance.revision, &instance.labels);
        if listeners.is_empty() {
            return None;
        }
        let listener = listeners.iter().find(|listener| listener.port == Some(port));
        Some(listener.map_or(Protocol::Unknown, |listener| listener.protocol))
    }

    /// TLS of the gateway server at a workload port, from the Gateways that select its pods (S38).
    fn gateway_tls(&self, instance: &Instance<'_>, port: u16) -> GatewayTls {
        let called: Vec<u16> =
            instance.ports.get(&port).into_iter().flat_map(|port| port.by_services.iter()).map(|port| port.number).chain([port]).collect();
        let selecting = self.snapshot().gateways.iter().map(Gateway::of).filter(|gateway| gateway.selector.selects(&instance.labels));
        let server = selecting.flat_map(|gateway| gateway.servers()).find(|server| called.contains(&server.port));
        server.map_or(GatewayTls::Plain, |server| server.tls)
    }
}
