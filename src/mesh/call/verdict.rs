//! Whether what a client sends is what a server takes: wire form × acceptance (S92–S96).

use crate::{
    istio::{Class, Mode, Protocol},
    mesh::{Client, ClientKind, Dataplane, Endpoint, Enforced, Instance, Mesh, Port, Service, Source, Workload},
    object::{Id, Text, wire},
};

/// What a client puts on the wire (S93).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wire {
    /// Whatever the application wrote.
    Plaintext,
    /// The mesh's mTLS.
    Mtls,
    /// mTLS with other certificates.
    CustomMtls,
    /// One-way TLS that the client's proxy adds.
    Tls,
    /// The application's own TLS, and nothing of the mesh.
    AppTls,
    /// A tunnel with the mesh's mTLS.
    Hbone,
}

impl Wire {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Mtls => "mtls",
            Self::CustomMtls => "custom-mtls",
            Self::Tls | Self::AppTls => "tls",
            Self::Hbone => "hbone",
        }
    }
}

/// What a port takes (S94).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Acceptance {
    /// A port that a sidecar captures.
    Sidecar(Mode, Class),
    /// An ambient workload's port that is closed to plaintext.
    AmbientStrict,
    /// An ambient workload's port that is not.
    AmbientOpen,
    /// A port past the proxy; the proxy itself takes tunnels all the same (S37, S119).
    Uncaptured,
    /// No proxy in front.
    Raw,
    /// A sidecar's port that a Sidecar resource gives TLS of its own (S36).
    Ingress(GatewayTls),
    /// A gateway's server (S102).
    Gateway(GatewayTls),
    /// A waypoint, which takes tunnels alone (S40).
    Waypoint,
    /// gRPC without proxy that demands mTLS (S41).
    ProxylessTls,
    /// gRPC without proxy that takes plaintext (S41).
    ProxylessPlain,
}

/// TLS of a gateway's server (S38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GatewayTls {
    /// None.
    Plain,
    /// One-way.
    Simple,
    /// Client certificates of some authority.
    Mutual,
    /// Client certificates of the mesh.
    IstioMutual,
    /// By server name, not ended here.
    Passthrough,
}

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Encrypted and authenticated by the mesh.
    Mtls,
    /// TLS that is not the mesh's.
    Tls,
    /// It works, unencrypted by the mesh.
    Plaintext,
    /// It fails.
    Fail(Failure),
    /// Configuration cannot tell: certificates decide that are not in it (S95).
    Unknown,
}

/// How a call fails (S96).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Plaintext without a proxy meets STRICT.
    F1 = 1,
    /// Plaintext from an Envoy meets STRICT.
    F2,
    /// TLS meets a plaintext port.
    F3,
    /// TLS without an acceptable client certificate meets STRICT.
    F4,
    /// The server's identity is not one that the client accepts.
    F5,
    /// TLS that is not Istio's meets a PERMISSIVE HTTP port.
    F6,
    /// Bytes that are no HTTP meet an HTTP port.
    F7,
    /// Plaintext meets an ambient workload that is STRICT.
    F8,
    /// The destination is unknown, and unknown ones are refused.
    F9,
    /// No endpoint is left.
    F10,
    /// A protocol in which the server speaks first, in plaintext, meets PERMISSIVE.
    F11,
    /// A route to something that has no cluster.
    F12,
}

impl Failure {
    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12"][self as usize - 1]
    }

    /// What a user sees of it (S96).
    #[must_use]
    pub fn symptom(self) -> &'static str {
        match self {
            Self::F1 => "the connection opens and is reset (curl: Recv failure: Connection reset by peer)",
            Self::F2 => "HTTP 503 with flags UC (connection termination); over TCP a reset",
            Self::F3 => "HTTP 503 with flags UF,URX (TLS_error: WRONG_VERSION_NUMBER); over TCP a reset",
            Self::F4 => "a TLS alert (certificate required), or x509: certificate signed by unknown authority",
            Self::F5 => "HTTP 503 with flags UF,URX (CERTIFICATE_VERIFY_FAILED, or a SAN that does not match)",
            Self::F6 => "the connection is reset during the TLS handshake",
            Self::F7 => "HTTP 400, a protocol error, or a reset",
            Self::F8 => "the connection opens and is closed without an answer; from an Envoy HTTP 503 with flags UC",
            Self::F9 => "HTTP 502 from BlackHoleCluster; over TCP a reset",
            Self::F10 => "HTTP 503 with flags UH (no healthy upstream)",
            Self::F11 => "nothing happens until the client's time is up",
            Self::F12 => "HTTP 503 with flags NC (cluster_not_found)",
        }
    }

    /// What it comes from.
    #[must_use]
    pub fn cause(self) -> &'static str {
        match self {
            Self::F1 | Self::F2 => "plaintext meets a port that demands mTLS",
            Self::F3 => "TLS meets a port that expects plaintext",
            Self::F4 => "TLS without a certificate of the mesh meets a port that demands mTLS",
            Self::F5 => "the server's identity is none of those that the client accepts",
            Self::F6 => "TLS that is not Istio's meets a PERMISSIVE HTTP port",
            Self::F7 => "bytes that are no HTTP meet a port that is declared HTTP",
            Self::F8 => "a call outside HBONE meets an ambient workload whose policy denies it",
            Self::F9 => "the client's scope does not hold the destination, and outboundTrafficPolicy is REGISTRY_ONLY",
            Self::F10 => "no endpoint is left that the client could call",
            Self::F11 => "the server speaks first, in plaintext, on a PERMISSIVE port",
            Self::F12 => "the client's proxy has no cluster for the destination",
        }
    }
}

/// A call, as far as it matters to the verdict besides its wire form.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Who sends it.
    pub from: ClientKind,
    /// Whether the application speaks something else than HTTP, by its own word.
    pub is_tcp: bool,
    /// Whether the protocol lets the server speak first.
    pub is_server_first: bool,
}

/// The core table (S95).
#[must_use]
pub fn verdict(wire: Wire, acceptance: Acceptance, call: Call) -> Verdict {
    use Verdict::{Fail, Mtls, Plaintext, Tls, Unknown};
    let plain_to_strict = Fail(if call.from.is_envoy() { Failure::F2 } else { Failure::F1 });
    match (acceptance, wire) {
        (Acceptance::Raw | Acceptance::Gateway(_) | Acceptance::ProxylessTls | Acceptance::ProxylessPlain, Wire::Hbone) => {
            Fail(Failure::F10)
        }
        (_, Wire::Hbone) | (Acceptance::ProxylessTls, Wire::Mtls) => Mtls,
        (Acceptance::Sidecar(mode, class), wire) => sidecar(mode, class, wire, call, plain_to_strict),
        (Acceptance::AmbientStrict | Acceptance::Waypoint, _) => Fail(Failure::F8),
        (Acceptance::AmbientOpen | Acceptance::Uncaptured | Acceptance::Raw | Acceptance::ProxylessPlain, Wire::Plaintext) => Plaintext,
        (Acceptance::AmbientOpen | Acceptance::Uncaptured | Acceptance::Raw, Wire::CustomMtls | Wire::Tls | Wire::AppTls) => Tls,
        (Acceptance::AmbientOpen | Acceptance::Uncaptured | Acceptance::Raw | Acceptance::ProxylessPlain, _) => Fail(Failure::F3),
        (Acceptance::ProxylessTls, Wire::Plaintext) => Fail(Failure::F1),
        (Acceptance::ProxylessTls, Wire::CustomMtls) => Unknown,
        (Acceptance::ProxylessTls, Wire::Tls | Wire::AppTls) => Fail(Failure::F4),
        (Acceptance::Ingress(_), Wire::Plaintext) => plain_to_strict,
        (Acceptance::Ingress(tls) | Acceptance::Gateway(tls), wire) => gateway(tls, wire),
    }
}

fn sidecar(mode: Mode, class: Class, wire: Wire, call: Call, plain_to_strict: Verdict) -> Verdict {
    use Verdict::{Fail, Mtls, Plaintext, Tls, Unknown};
    let is_http = class == Class::Http;
    match (mode, wire) {
        (_, Wire::Hbone) | (Mode::Strict | Mode::Permissive, Wire::Mtls) => Mtls,
        (Mode::Strict, Wire::Plaintext) => plain_to_strict,
        (Mode::Strict, Wire::CustomMtls) => Unknown,
        (Mode::Strict, Wire::Tls | Wire::AppTls) => Fail(Failure::F4),
        (Mode::Permissive | Mode::Disable, Wire::Plaintext) if is_http && call.is_tcp => Fail(Failure::F7),
        (Mode::Permissive, Wire::Plaintext) if !is_http && call.is_server_first => Fail(Failure::F11),
        (Mode::Permissive | Mode::Disable, Wire::Plaintext) => Plaintext,
        (Mode::Permissive, Wire::CustomMtls | Wire::Tls | Wire::AppTls) if is_http => Fail(Failure::F6),
        (Mode::Disable, Wire::AppTls) if is_http => Fail(Failure::F7),
        (Mode::Disable, Wire::Mtls) => Fail(Failure::F3),
        (Mode::Disable, Wire::CustomMtls | Wire::Tls) if is_http => Fail(Failure::F3),
        (Mode::Permissive | Mode::Disable, Wire::CustomMtls | Wire::Tls | Wire::AppTls) => Tls,
    }
}

/// A gateway's server (S102).
fn gateway(tls: GatewayTls, wire: Wire) -> Verdict {
    match (tls, wire) {
        (GatewayTls::Plain, Wire::Plaintext) => Verdict::Plaintext,
        (GatewayTls::Plain, _) => Verdict::Fail(Failure::F3),
        (_, Wire::Plaintext | Wire::Hbone) => Verdict::Fail(Failure::F7),
        (GatewayTls::IstioMutual, Wire::Mtls) => Verdict::Mtls,
        (GatewayTls::Simple, _) | (GatewayTls::Passthrough, Wire::Tls | Wire::AppTls) => Verdict::Tls,
        (GatewayTls::Mutual | GatewayTls::IstioMutual, Wire::Tls | Wire::AppTls) => Verdict::Fail(Failure::F4),
        (GatewayTls::Mutual | GatewayTls::IstioMutual | GatewayTls::Passthrough, Wire::Mtls | Wire::CustomMtls) => Verdict::Unknown,
    }
}

/// What comes of a call at one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement<'m> {
    /// What the server enforces there.
    pub mode: Enforced,
    /// Whether every policy was looked at that could say otherwise; without that nobody knows what comes of the call.
    pub is_certain: bool,
    /// Who decides that.
    pub decided_by: Option<&'m Id>,
    /// What the port takes.
    pub acceptance: Acceptance,
    /// What comes of it.
    pub verdict: Verdict,
}

impl Mesh<'_> {
    /// What comes of a call at an endpoint.
    #[must_use]
    pub fn judge<'m>(&'m self, endpoint: &Endpoint<'m>, wire: Wire, call: Call) -> Judgement<'m> {
        let read = || endpoint.server.map(|(workload, instance)| self.server(workload, instance).port(endpoint.port));
        let port = self.presumed_mode(endpoint).or_else(read);
        let mode = port.and_then(|port| port.mode);
        // Of a pod to be whose namespace was not read nobody knows what will take its traffic.
        let is_assumed = endpoint.presumed.is_none() && endpoint.server.is_some_and(|(_, instance)| instance.is_assumed);
        let is_certain = !is_assumed && port.is_none_or(|port| port.is_certain || mode.is_none());
        let acceptance = self.acceptance(endpoint, mode);
        let verdict = if is_certain { verdict(wire, acceptance, call) } else { Verdict::Unknown };
        Judgement { mode, is_certain, decided_by: port.and_then(|port| port.decided_by), acceptance, verdict }
    }

    /// The same for a client that accepts these names alone: where the two do not know each other, mTLS fails (S84, S85).
    #[must_use]
    pub fn judge_by_name<'m>(
        &'m self,
        client: &Client<'_>,
        names: &[Text],
        endpoint: &Endpoint<'m>,
        wire: Wire,
        call: Call,
    ) -> Judgement<'m> {
        let judgement = self.judge(endpoint, wire, call);
        let is_strange = wire == Wire::Mtls && judgement.verdict == Verdict::Mtls && !self.is_identified(client, names, endpoint);
        if is_strange { Judgement { verdict: Verdict::Fail(Failure::F5), ..judgement } } else { judgement }
    }

    /// What an endpoint takes at its port, where its server enforces this (S94).
    fn acceptance(&self, endpoint: &Endpoint<'_>, mode: Enforced) -> Acceptance {
        if let (Some(protocol), Some(mode)) = (endpoint.presumed, mode) {
            return Acceptance::Sidecar(mode, protocol.class());
        }
        let Some((workload, instance)) = endpoint.server else { return Acceptance::Raw };
        let port = endpoint.port;
        let class = || self.declared_at(endpoint).unwrap_or(Protocol::Unknown).class();
        match (instance.dataplane, mode) {
            (Dataplane::Gateway, _) => Acceptance::Gateway(self.gateway_tls(instance, port)),
            (Dataplane::Waypoint, _) => Acceptance::Waypoint,
            (Dataplane::Sidecar | Dataplane::Ambient, None) => Acceptance::Uncaptured,
            (Dataplane::None, _) | (_, None) => Acceptance::Raw,
            (Dataplane::Sidecar, Some(Mode::Disable)) => match self.ingress_tls(workload, instance, port) {
                Some(tls) => Acceptance::Ingress(tls),
                None => Acceptance::Sidecar(Mode::Disable, class()),
            },
            (Dataplane::Sidecar, Some(mode)) => Acceptance::Sidecar(mode, class()),
            (Dataplane::Ambient, Some(Mode::Strict)) => Acceptance::AmbientStrict,
            (Dataplane::Ambient, Some(Mode::Permissive | Mode::Disable)) => Acceptance::AmbientOpen,
            (Dataplane::Proxyless, Some(Mode::Disable)) => Acceptance::ProxylessPlain,
            (Dataplane::Proxyless, Some(Mode::Strict | Mode::Permissive)) => Acceptance::ProxylessTls,
        }
    }

    /// The TLS that a Sidecar's ingress sets up itself, where istiod lets it (S36).
    fn ingress_tls(&self, workload: &Workload<'_>, instance: &Instance<'_>, port: u16) -> Option<GatewayTls> {
        if self.control_planes().env("ENABLE_TLS_ON_SIDECAR_INGRESS") != Some("true") {
            return None;
        }
        let mut listeners = self.ingress(&workload.subject.namespace, &instance.revision, &instance.labels).iter();
        let listener = listeners.find(|listener| listener.port.number.0 == i64::from(port))?;
        listener.tls.as_ref().map(|tls| server_tls(&tls.mode))
    }

    /// The protocol that the server goes by at an endpoint's port: its Sidecar's ingress, else the oldest service with
    /// this endpoint (S23, S25); `None` where nothing declares it.
    #[must_use]
    pub fn declared_at(&self, endpoint: &Endpoint<'_>) -> Option<Protocol> {
        let (workload, instance) = endpoint.server?;
        let namespace = &workload.subject.namespace;
        if let Some(listener) = self.ingress_at(instance, namespace, endpoint.port) {
            return Some(listener);
        }
        let selecting = instance.ports.get(&endpoint.port).map(|port| port.by_services.as_slice()).unwrap_or_default();
        let selecting = selecting.iter().filter_map(|port| Some((self.registry().of(port.service)?, port.protocol)));
        let found = selecting.chain(self.listing(namespace, endpoint));
        found.min_by(|(a, _), (b, _)| a.age().cmp(&b.age())).map(|(_, protocol)| protocol)
    }

    /// Services that list an endpoint's address at its port: in slices, or in the entry itself.
    fn listing<'m>(&'m self, namespace: &'m str, endpoint: &'m Endpoint<'_>) -> impl Iterator<Item = (&'m Service<'m>, Protocol)> {
        let address = self.registry().lists_addresses().then(|| self.address_of(endpoint)).flatten();
        let services = self.registry().listing(namespace, address.map(Text::as_str));
        services.filter_map(move |service| {
            let lists = |port: &&Port| match service.source {
                Source::Entry(body) => {
                    body.spec.endpoints.iter().any(|own| Some(&own.address) == address && own.port_of(port) == endpoint.port)
                }
                Source::Service(_) if service.id.namespace == *namespace => self.slices_list(service, port, endpoint),
                Source::Service(_) => false,
            };
            service.ports.iter().find(lists).map(|port| (service, port.protocol))
        })
    }

    /// The protocol of a port where a Sidecar resource lists the ports itself; `None` where none does.
    fn ingress_at(&self, instance: &Instance<'_>, namespace: &str, port: u16) -> Option<Protocol> {
        if instance.dataplane != Dataplane::Sidecar {
            return None;
        }
        let listeners = self.ingress(namespace, &instance.revision, &instance.labels);
        if listeners.is_empty() {
            return None;
        }
        let listener = listeners.iter().find(|listener| listener.port.number.0 == i64::from(port));
        let declared = |port: &wire::Port| wire::ServicePort { name: port.protocol.clone(), port: port.number, ..Default::default() };
        Some(listener.map_or(Protocol::Unknown, |listener| Protocol::of(&declared(&listener.port))))
    }

    /// The TLS of a gateway's server at a workload port, by the Gateways that select its pods (S38).
    fn gateway_tls(&self, instance: &Instance<'_>, port: u16) -> GatewayTls {
        let called: Vec<u16> =
            instance.ports.get(&port).into_iter().flat_map(|port| &port.by_services).map(|port| port.number).chain([port]).collect();
        let selects = |spec: &wire::GatewaySpec| spec.selector.selects(&instance.labels);
        let servers =
            self.snapshot().gateways.iter().filter(|read| selects(&read.body.spec)).flat_map(|read| read.body.spec.servers.iter());
        let server = servers.into_iter().find(|server| called.iter().any(|port| server.port.number.0 == i64::from(*port)));
        server.and_then(|server| server.tls.as_ref()).map_or(GatewayTls::Plain, |tls| server_tls(&tls.mode))
    }
}

/// The TLS of a server by its word (S38).
fn server_tls(mode: &str) -> GatewayTls {
    match mode {
        "SIMPLE" | "OPTIONAL_MUTUAL" => GatewayTls::Simple,
        "MUTUAL" => GatewayTls::Mutual,
        "ISTIO_MUTUAL" => GatewayTls::IstioMutual,
        _ => GatewayTls::Passthrough,
    }
}
