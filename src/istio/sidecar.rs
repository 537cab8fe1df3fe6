//! `Sidecar`: the services in a proxy's scope, and the ports on which it listens (S25, S44–S49).

use super::{GatewayTls, OutboundPolicy, Protocol, port};
use crate::object::{Id, Labels, Read, Text, wire};

/// A `Sidecar` resource.
#[derive(Clone, Debug)]
pub struct Sidecar<'s> {
    pub id: &'s Id,
    /// When it was created, in seconds since 1970.
    pub created: Option<i64>,
    /// The labels of its proxies; `None` if it applies to every proxy of its namespace (S44).
    pub selector: Option<&'s Labels>,
    /// The inbound listeners that it defines; if empty, istiod derives them (S25).
    pub ingress: Vec<IngressListener>,
    /// The services in its proxies' scope; empty means all of them (S45).
    pub egress: Vec<EgressListener<'s>>,
    /// What happens to calls to unknown destinations; `None` means the mesh's setting (S49).
    pub outbound: Option<OutboundPolicy>,
}

/// An inbound listener of a `Sidecar`.
#[derive(Clone, Copy, Debug)]
pub struct IngressListener {
    /// Its port; `None` if the number is invalid.
    pub port: Option<u16>,
    /// The protocol that it declares (S26).
    pub protocol: Protocol,
    /// Its own TLS, which istiod ignores by default (S36).
    pub tls: Option<GatewayTls>,
}

/// An outbound listener of a `Sidecar`.
#[derive(Clone, Debug)]
pub struct EgressListener<'s> {
    /// The service ports that it applies to.
    pub port: EgressPort,
    /// The hosts that it brings into scope or excludes.
    pub hosts: Vec<Import<'s>>,
}

/// The service ports that an outbound listener applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EgressPort {
    /// All ports that no other listener names.
    All,
    /// One port.
    One(u16),
    /// None, because its number is invalid.
    Invalid,
}

/// An entry `NAMESPACE/HOST` of an outbound listener (S45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import<'s> {
    /// The namespace of the service.
    pub namespace: ImportNamespace<'s>,
    /// Its host, which may begin with a wildcard.
    pub host: &'s str,
    /// Whether a `~` before the namespace excludes the host.
    pub excludes: bool,
}

/// The namespace part of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportNamespace<'s> {
    /// `*`, or a bare `~`.
    Any,
    /// `.`: the namespace of the proxy.
    Own,
    /// A namespace by name.
    Named(&'s str),
}

impl<'s> Sidecar<'s> {
    /// Decodes a `Sidecar` resource.
    #[must_use]
    pub fn decode(read: &'s Read<wire::Sidecar>) -> Self {
        let spec = &read.body.spec;
        let selector = spec.workload_selector.as_ref().map(|selector| &selector.labels);
        Self {
            id: &read.id,
            created: read.created,
            selector: selector.filter(|labels| !labels.is_empty()),
            ingress: spec.ingress.iter().map(IngressListener::of).collect(),
            egress: spec.egress.iter().map(EgressListener::of).collect(),
            outbound: spec.outbound_traffic_policy.as_ref().map(OutboundPolicy::of),
        }
    }

    /// Istio's ordering by age: see [`Read::age`].
    #[must_use]
    pub fn age(&self) -> (i64, &'s Text, &'s Text) {
        (self.created.unwrap_or(i64::MAX), &self.id.name, &self.id.namespace)
    }
}

impl IngressListener {
    fn of(listener: &wire::IngressListener) -> Self {
        let number = port(listener.port.number.0);
        Self {
            port: number,
            protocol: Protocol::of_field(&listener.port.protocol, number.unwrap_or_default()),
            tls: listener.tls.as_ref().map(|tls| GatewayTls::of(Some(tls))),
        }
    }
}

impl<'s> EgressListener<'s> {
    fn of(listener: &'s wire::EgressListener) -> Self {
        let port = match &listener.port {
            None => EgressPort::All,
            Some(only) => port(only.number.0).map_or(EgressPort::Invalid, EgressPort::One),
        };
        Self { port, hosts: listener.hosts.iter().filter_map(|entry| Import::of(entry)).collect() }
    }

    /// Whether it brings every service of every namespace into scope.
    #[must_use]
    pub fn imports_everything(&self) -> bool {
        let everything = Import { namespace: ImportNamespace::Any, host: "*", excludes: false };
        self.port == EgressPort::All && self.hosts.contains(&everything) && !self.hosts.iter().any(|import| import.excludes)
    }
}

impl<'s> Import<'s> {
    /// `None` for an entry that Istio rejects: one without a slash, or with several.
    fn of(entry: &'s str) -> Option<Self> {
        let (namespace, host) = entry.split_once('/').filter(|(_, host)| !host.contains('/'))?;
        let (namespace, excludes) = match namespace.strip_prefix('~') {
            Some("") => ("*", true),
            Some(name) => (name, true),
            None => (namespace, false),
        };
        let namespace = match namespace {
            "*" => ImportNamespace::Any,
            "." => ImportNamespace::Own,
            name => ImportNamespace::Named(name),
        };
        Some(Self { namespace, host, excludes })
    }

    /// Whether it matches services of the namespace `service`, for a proxy of the namespace `proxy`.
    #[must_use]
    pub fn matches_namespace(&self, service: &str, proxy: &str) -> bool {
        match self.namespace {
            ImportNamespace::Any => true,
            ImportNamespace::Own => service == proxy,
            ImportNamespace::Named(name) => service == name,
        }
    }
}
