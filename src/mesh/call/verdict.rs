//! Outcome of a call: what the client sends × what the server accepts (S92–S96).

use crate::{
    istio::{GatewayTls, Mode, ProtocolClass},
    mesh::ClientKind,
};

/// What a client sends (S93).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wire {
    /// What the application wrote, unencrypted.
    Plaintext,
    /// The mesh's mTLS.
    Mtls,
    /// mTLS with other certificates.
    CustomMtls,
    /// One-way TLS that the client's proxy adds.
    Tls,
    /// The application's own TLS, without any TLS of the mesh.
    AppTls,
    /// A tunnel with the mesh's mTLS.
    Hbone,
}

impl Wire {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Mtls => "mtls",
            Self::CustomMtls => "custom-mtls",
            Self::Tls | Self::AppTls => "tls",
            Self::Hbone => "hbone",
        }
    }
}

/// What a port accepts (S94).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Acceptance {
    /// A port that a sidecar captures.
    Sidecar(Mode, ProtocolClass),
    /// An ambient workload's port that denies plaintext.
    AmbientStrict,
    /// An ambient workload's port that accepts plaintext.
    AmbientOpen,
    /// A port that bypasses the proxy; the proxy itself still accepts tunnels (S37, S119).
    Uncaptured,
    /// No proxy in front.
    Raw,
    /// A sidecar's port for which a Sidecar resource configures TLS of its own (S36).
    Ingress(GatewayTls),
    /// A gateway's server (S102).
    Gateway(GatewayTls),
    /// A waypoint, which accepts only tunnels (S40).
    Waypoint,
    /// Proxyless gRPC that requires mTLS (S41).
    ProxylessTls,
    /// Proxyless gRPC that accepts plaintext (S41).
    ProxylessPlain,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Encrypted and authenticated by the mesh.
    Mtls,
    /// TLS that is not the mesh's.
    Tls,
    /// The call works, without encryption by the mesh.
    Plaintext,
    /// It fails.
    Fail(Failure),
    /// Configuration does not decide: it depends on certificates that it does not contain (S95).
    Unknown,
}

/// How a call fails (S96).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Plaintext from a client without a proxy is sent to a STRICT port.
    F1 = 1,
    /// Plaintext from an Envoy is sent to a STRICT port.
    F2,
    /// TLS is sent to a plaintext port.
    F3,
    /// TLS without an acceptable client certificate is sent to a STRICT port.
    F4,
    /// The client does not accept the server's identity.
    F5,
    /// TLS that is not Istio's is sent to a PERMISSIVE HTTP port.
    F6,
    /// Data other than HTTP is sent to an HTTP port.
    F7,
    /// Plaintext is sent to an ambient workload that is STRICT.
    F8,
    /// The destination is unknown, and calls to unknown destinations are refused.
    F9,
    /// No endpoint remains.
    F10,
    /// Plaintext of a protocol in which the server sends first is sent to a PERMISSIVE port.
    F11,
    /// A route refers to a destination that has no cluster.
    F12,
}

impl Failure {
    /// Its code, such as `F1`.
    #[must_use]
    pub fn code(self) -> &'static str {
        ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12"][self as usize - 1]
    }

    /// What the user observes (S96).
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
            Self::F8 => "the connection opens and is closed without a response; from an Envoy HTTP 503 with flags UC",
            Self::F9 => "HTTP 502 from BlackHoleCluster; over TCP a reset",
            Self::F10 => "HTTP 503 with flags UH (no healthy upstream)",
            Self::F11 => "the connection hangs until the client times out",
            Self::F12 => "HTTP 503 with flags NC (cluster_not_found)",
        }
    }

    /// The cause of the failure.
    #[must_use]
    pub fn cause(self) -> &'static str {
        match self {
            Self::F1 | Self::F2 => "plaintext is sent to a port that requires mTLS",
            Self::F3 => "TLS is sent to a port that expects plaintext",
            Self::F4 => "TLS without a certificate of the mesh is sent to a port that requires mTLS",
            Self::F5 => "the server's identity is not one that the client accepts",
            Self::F6 => "TLS that is not Istio's is sent to a PERMISSIVE HTTP port",
            Self::F7 => "data other than HTTP is sent to a port that is declared as HTTP",
            Self::F8 => "a call without HBONE is sent to an ambient workload whose policy denies it",
            Self::F9 => "the destination is not in the client's scope, and outboundTrafficPolicy is REGISTRY_ONLY",
            Self::F10 => "no endpoint remains that the client can call",
            Self::F11 => "the server sends first, in plaintext, on a PERMISSIVE port",
            Self::F12 => "the client's proxy has no cluster for the destination",
        }
    }
}

/// The properties of a call, besides its wire form, that affect the verdict.
#[derive(Clone, Copy, Debug)]
pub struct CallProperties {
    /// The kind of proxy that sends it.
    pub from: ClientKind,
    /// Whether the application is known to send a protocol other than HTTP.
    pub is_tcp: bool,
    /// Whether the protocol lets the server send first.
    pub is_server_first: bool,
}

/// The core table: the verdict for each wire form and acceptance (S95).
#[must_use]
pub fn verdict(wire: Wire, acceptance: Acceptance, call: CallProperties) -> Verdict {
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

fn sidecar(mode: Mode, class: ProtocolClass, wire: Wire, call: CallProperties, plain_to_strict: Verdict) -> Verdict {
    use Verdict::{Fail, Mtls, Plaintext, Tls, Unknown};
    let is_http = class == ProtocolClass::Http;
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

/// The verdict at a gateway's server (S102).
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
