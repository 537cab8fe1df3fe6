//! Gateways: Istio's and those of the Kubernetes Gateway API (S38, S102).

use super::port;
use crate::object::{Id, Labels, Read, wire};

/// TLS of a gateway's server, or of a Sidecar's ingress (S36, S38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GatewayTls {
    /// None.
    Plain,
    /// One-way TLS.
    Simple,
    /// Client certificates of any configured CA.
    Mutual,
    /// Client certificates of the mesh.
    IstioMutual,
    /// Routed by server name; TLS is not terminated here.
    Passthrough,
}

/// Istio's `Gateway`.
#[derive(Clone, Copy, Debug)]
pub struct Gateway<'s> {
    pub id: &'s Id,
    /// Labels of the gateway pods that it selects, in every namespace.
    pub selector: &'s Labels,
    servers: &'s [wire::Server],
}

/// A server of Istio's `Gateway`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayServer {
    /// Its position in the list of servers.
    pub index: usize,
    /// The port that clients call.
    pub port: u16,
    pub tls: GatewayTls,
}

/// The `Gateway` of the Kubernetes Gateway API.
#[derive(Clone, Copy, Debug)]
pub struct KubernetesGateway<'s> {
    pub id: &'s Id,
    listeners: &'s [wire::Listener],
}

/// A listener of the Kubernetes `Gateway`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayListener {
    /// Its position in the list of listeners.
    pub index: usize,
    pub port: u16,
    /// Whether it accepts plaintext, by protocol HTTP or TCP.
    pub is_plain: bool,
}

impl GatewayTls {
    /// The TLS of a server's settings; PASSTHROUGH if they set no mode.
    pub(super) fn of(tls: Option<&wire::ServerTls>) -> Self {
        match tls.map(|tls| tls.mode.as_str()) {
            None => Self::Plain,
            Some("SIMPLE" | "OPTIONAL_MUTUAL") => Self::Simple,
            Some("MUTUAL") => Self::Mutual,
            Some("ISTIO_MUTUAL") => Self::IstioMutual,
            Some(_) => Self::Passthrough,
        }
    }
}

impl<'s> Gateway<'s> {
    /// The gateway as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::Gateway>) -> Self {
        Self { id: &read.id, selector: &read.body.spec.selector, servers: &read.body.spec.servers }
    }

    /// Its servers, in the order of the object, without those whose port number is invalid.
    pub fn servers(&self) -> impl Iterator<Item = GatewayServer> + use<'s> {
        let server = |(index, server): (usize, &wire::Server)| {
            Some(GatewayServer { index, port: port(server.port.number.0)?, tls: GatewayTls::of(server.tls.as_ref()) })
        };
        self.servers.iter().enumerate().filter_map(server)
    }
}

impl<'s> KubernetesGateway<'s> {
    /// The gateway as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::KubernetesGateway>) -> Self {
        Self { id: &read.id, listeners: &read.body.spec.listeners }
    }

    /// Its listeners, in the order of the object, without those whose port number is invalid.
    pub fn listeners(&self) -> impl Iterator<Item = GatewayListener> + use<'s> {
        let listener = |(index, listener): (usize, &wire::Listener)| {
            let is_plain = listener.tls.is_none() && matches!(listener.protocol.as_str(), "HTTP" | "TCP");
            Some(GatewayListener { index, port: port(listener.port.0)?, is_plain })
        };
        self.listeners.iter().enumerate().filter_map(listener)
    }
}
