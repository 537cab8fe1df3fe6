//! The protocol that a port declares (S26), and how a sidecar treats it.

use crate::object::wire::ServicePort;

/// The protocol a Service port declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Any HTTP: `http`, `http2`, `grpc`, `grpc-web`, `http_proxy`.
    Http,
    Tcp,
    /// TLS of the application: `tls`, `https`.
    Tls,
    Mongo,
    Redis,
    Mysql,
    /// `udp`: not handled by the proxy.
    Udp,
    /// No protocol that Istio knows: the proxy detects it.
    Unknown,
}

/// How a sidecar's inbound listener treats a port (S26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtocolClass {
    /// Parsed as HTTP.
    Http,
    /// Forwarded as bytes.
    Tcp,
    /// Detected from the first bytes.
    Auto,
}

impl Protocol {
    /// The protocol of a Service port: from `appProtocol`, else the prefix of its name, else well-known port numbers.
    #[must_use]
    pub fn of(port: &ServicePort) -> Self {
        if port.protocol == "UDP" {
            return Self::Udp;
        }
        let declared = match port.app_protocol.as_str() {
            "" => Self::from_name(&port.name),
            "kubernetes.io/h2c" | "kubernetes.io/ws" => Self::Http,
            "kubernetes.io/wss" => Self::Tls,
            value => Self::from_name(value),
        };
        declared.or_well_known(port.port.0)
    }

    /// The protocol of a port of Istio's own kinds, from its field `protocol`.
    pub(super) fn of_field(value: &str, number: u16) -> Self {
        Self::from_name(value).or_well_known(number.into())
    }

    /// TCP for the well-known ports on which Istio does not detect the protocol, if nothing is declared.
    fn or_well_known(self, number: i64) -> Self {
        match number {
            25 | 53 | 3306 | 27017 if self == Self::Unknown => Self::Tcp,
            _ => self,
        }
    }

    /// The protocol that a name declares by its prefix.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.starts_with("grpc-web") {
            return Self::Http;
        }
        match name.split('-').next().unwrap_or_default() {
            "http" | "http2" | "grpc" | "http_proxy" => Self::Http,
            "tcp" => Self::Tcp,
            "https" | "tls" => Self::Tls,
            "mongo" => Self::Mongo,
            "redis" => Self::Redis,
            "mysql" => Self::Mysql,
            "udp" => Self::Udp,
            _ => Self::Unknown,
        }
    }

    /// The class of its inbound listener.
    #[must_use]
    pub fn class(self) -> ProtocolClass {
        match self {
            Self::Http => ProtocolClass::Http,
            Self::Tcp | Self::Tls | Self::Mongo | Self::Redis | Self::Mysql => ProtocolClass::Tcp,
            Self::Udp | Self::Unknown => ProtocolClass::Auto,
        }
    }
}
