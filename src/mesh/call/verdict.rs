//! Outcome of a call: what the client sends × what the server accepts (S92–S96).

use crate::{
    istio::{GatewayTls, Mode, ProtocolClass},
    mesh::ClientKind,
};

/// What a client sends (S93).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SentAs {
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

impl SentAs {
    /// Whether it is TLS that a rule makes the client's proxy originate, with certificates other than the mesh's.
    #[must_use]
    pub fn is_tls_of_rule(self) -> bool {
        matches!(self, Self::Tls | Self::CustomMtls)
    }

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
    AmbientPermissive,
    /// A port that bypasses the proxy; the proxy itself still accepts tunnels (S37, S119).
    Uncaptured,
    /// No proxy in front.
    NoProxy,
    /// A sidecar's port for which a Sidecar resource configures TLS of its own (S36).
    SidecarIngressTls(GatewayTls),
    /// A gateway's server (S102).
    Gateway(GatewayTls),
    /// A waypoint, which accepts only tunnels (S40).
    Waypoint,
    /// Proxyless gRPC that requires mTLS (S41).
    ProxylessTls,
    /// Proxyless gRPC that accepts plaintext (S41).
    ProxylessPlain,
}

impl Acceptance {
    /// Whether a proxy of the server refuses all but the mesh's mTLS.
    #[must_use]
    pub fn requires_mtls(self) -> bool {
        matches!(self, Self::Sidecar(Mode::Strict, _) | Self::ProxylessTls)
    }
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
    /// Unknown: it depends on certificates that were not read (S95).
    Unknown,
}

/// How a call fails (S96).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Plaintext from a client without an Envoy is sent to a STRICT port.
    PlaintextToStrictNoEnvoy = 1,
    /// Plaintext from an Envoy is sent to a STRICT port.
    PlaintextToStrictEnvoy,
    /// TLS is sent to a plaintext port.
    TlsToPlaintext,
    /// TLS without an acceptable client certificate is sent to a STRICT port.
    TlsWithoutMeshCertificate,
    /// The client does not accept the server's identity.
    ServerIdentityRejected,
    /// TLS that is not Istio's is sent to a PERMISSIVE HTTP port.
    ForeignTlsToPermissiveHttp,
    /// Data other than HTTP is sent to an HTTP port.
    NonHttpToHttpPort,
    /// Anything but HBONE is sent to an ambient workload that is STRICT, or to a waypoint.
    HboneRequired,
    /// The destination is unknown, and calls to unknown destinations are refused.
    UnknownDestination,
    /// No endpoint remains.
    NoEndpoint,
    /// Plaintext of a protocol in which the server sends first is sent to a PERMISSIVE port.
    ServerFirstOnPermissive,
    /// A route refers to a destination that has no cluster.
    NoCluster,
    /// Plaintext is sent to a server that only accepts TLS.
    PlaintextToTls,
    /// Nothing answers at the address and port, or the name does not resolve.
    NothingThere,
}

impl Failure {
    /// Its code, such as `F1`.
    #[must_use]
    pub fn code(self) -> &'static str {
        ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14"][self as usize - 1]
    }

    /// What the user observes (S96, S252).
    #[must_use]
    pub fn symptom(self) -> &'static str {
        match self {
            Self::PlaintextToStrictNoEnvoy => "the connection opens and is reset (curl: Recv failure: Connection reset by peer)",
            Self::PlaintextToStrictEnvoy => "HTTP 503 with flags UC (connection termination); over TCP a reset",
            Self::TlsToPlaintext => "HTTP 503 with flags UF,URX (TLS_error: WRONG_VERSION_NUMBER); over TCP a reset",
            Self::TlsWithoutMeshCertificate => {
                "a TLS alert (certificate required), or x509: certificate is not valid for any names, or signed by unknown authority"
            }
            Self::ServerIdentityRejected => "HTTP 503 with flags UF,URX (CERTIFICATE_VERIFY_FAILED, or a SAN that does not match)",
            Self::ForeignTlsToPermissiveHttp => "the connection is reset during the TLS handshake",
            Self::NonHttpToHttpPort => "HTTP 400, a protocol error, or a reset",
            Self::HboneRequired => "the connection opens and is closed without a response; from an Envoy HTTP 503 with flags UC",
            Self::UnknownDestination => "HTTP 502 from BlackHoleCluster; over TCP a reset",
            Self::NoEndpoint => "HTTP 503 with flags UH (no healthy upstream)",
            Self::ServerFirstOnPermissive => "the connection hangs until the client times out",
            Self::NoCluster => "HTTP 503 with flags NC (cluster_not_found)",
            Self::PlaintextToTls => "HTTP 400 (plain HTTP request sent to HTTPS port), or a reset",
            Self::NothingThere => "connection refused, a timeout, or no such host; from an Envoy HTTP 503 with flags UF",
        }
    }

    /// The cause of the failure.
    #[must_use]
    pub fn cause(self) -> &'static str {
        match self {
            Self::PlaintextToStrictNoEnvoy | Self::PlaintextToStrictEnvoy => "plaintext is sent to a port that requires mTLS",
            Self::TlsToPlaintext => "TLS is sent to a port that expects plaintext",
            Self::TlsWithoutMeshCertificate => "TLS without a certificate of the mesh is sent to a port that requires mTLS",
            Self::ServerIdentityRejected => "the server's identity is not one that the client accepts",
            Self::ForeignTlsToPermissiveHttp => "TLS that is not Istio's is sent to a PERMISSIVE HTTP port",
            Self::NonHttpToHttpPort => "data other than HTTP is sent to a port that is declared as HTTP",
            Self::HboneRequired => "a call without HBONE is sent to an ambient workload whose policy denies it",
            Self::UnknownDestination => "the destination is not in the client's scope, and outboundTrafficPolicy is REGISTRY_ONLY",
            Self::NoEndpoint => "no endpoint remains that the client can call",
            Self::ServerFirstOnPermissive => "the server sends first, in plaintext, on a PERMISSIVE port",
            Self::NoCluster => "the client's proxy has no cluster for the destination",
            Self::PlaintextToTls => "plaintext is sent to a server that only accepts TLS",
            Self::NothingThere => "nothing answers at this name and port",
        }
    }
}

/// The properties of a call, besides what is sent, that affect the verdict.
#[derive(Clone, Copy, Debug)]
pub struct CallProperties {
    /// The kind of proxy that sends it.
    pub client: ClientKind,
    /// Whether the application is known to send a protocol other than HTTP.
    pub is_not_http: bool,
    /// Whether the application originates TLS itself.
    pub is_app_tls: bool,
    /// Whether the protocol lets the server send first.
    pub is_server_first: bool,
}

impl CallProperties {
    /// A call of which nothing but the client is known: plaintext of any protocol in which the client sends first.
    #[must_use]
    pub fn of(client: ClientKind) -> Self {
        Self { client, is_not_http: false, is_app_tls: false, is_server_first: false }
    }

    /// Whether the application and the client's proxy both originate TLS, and nothing of the mesh terminates either (S241).
    #[must_use]
    pub fn is_double_tls(self, sent_as: SentAs) -> bool {
        self.is_app_tls && sent_as.is_tls_of_rule()
    }
}

/// The core table: the verdict for what is sent and what is accepted (S95).
#[must_use]
pub fn verdict(sent_as: SentAs, acceptance: Acceptance, call: CallProperties) -> Verdict {
    use Verdict::{Fail, Mtls, Plaintext, Tls, Unknown};
    let plaintext_refused = Fail(if call.client.is_envoy() { Failure::PlaintextToStrictEnvoy } else { Failure::PlaintextToStrictNoEnvoy });
    match (acceptance, sent_as) {
        (Acceptance::NoProxy | Acceptance::Gateway(_) | Acceptance::ProxylessTls | Acceptance::ProxylessPlain, SentAs::Hbone) => {
            Fail(Failure::NoEndpoint)
        }
        (_, SentAs::Hbone) | (Acceptance::ProxylessTls, SentAs::Mtls) => Mtls,
        (Acceptance::Sidecar(mode, class), sent_as) => sidecar(mode, class, sent_as, call, plaintext_refused),
        (Acceptance::AmbientStrict | Acceptance::Waypoint, _) => Fail(Failure::HboneRequired),
        (Acceptance::AmbientPermissive | Acceptance::Uncaptured | Acceptance::NoProxy | Acceptance::ProxylessPlain, SentAs::Plaintext) => {
            Plaintext
        }
        (
            Acceptance::AmbientPermissive | Acceptance::Uncaptured | Acceptance::NoProxy,
            SentAs::CustomMtls | SentAs::Tls | SentAs::AppTls,
        ) => Tls,
        (Acceptance::AmbientPermissive | Acceptance::Uncaptured | Acceptance::NoProxy | Acceptance::ProxylessPlain, _) => {
            Fail(Failure::TlsToPlaintext)
        }
        (Acceptance::ProxylessTls, SentAs::Plaintext) => Fail(Failure::PlaintextToStrictNoEnvoy),
        (Acceptance::ProxylessTls, SentAs::CustomMtls) => Unknown,
        (Acceptance::ProxylessTls, SentAs::Tls | SentAs::AppTls) => Fail(Failure::TlsWithoutMeshCertificate),
        (Acceptance::SidecarIngressTls(_), SentAs::Plaintext) => plaintext_refused,
        (Acceptance::SidecarIngressTls(tls) | Acceptance::Gateway(tls), sent_as) => gateway(tls, sent_as),
    }
}

fn sidecar(mode: Mode, class: ProtocolClass, sent_as: SentAs, call: CallProperties, plaintext_refused: Verdict) -> Verdict {
    use Verdict::{Fail, Mtls, Plaintext, Tls, Unknown};
    let is_http = class == ProtocolClass::Http;
    match (mode, sent_as) {
        (_, SentAs::Hbone) | (Mode::Strict | Mode::Permissive, SentAs::Mtls) => Mtls,
        (Mode::Strict, SentAs::Plaintext) => plaintext_refused,
        (Mode::Strict, SentAs::CustomMtls) => Unknown,
        (Mode::Strict, SentAs::Tls | SentAs::AppTls) => Fail(Failure::TlsWithoutMeshCertificate),
        (Mode::Permissive | Mode::Disable, SentAs::Plaintext) if is_http && call.is_not_http => Fail(Failure::NonHttpToHttpPort),
        (Mode::Permissive, SentAs::Plaintext) if !is_http && call.is_server_first => Fail(Failure::ServerFirstOnPermissive),
        (Mode::Permissive | Mode::Disable, SentAs::Plaintext) => Plaintext,
        (Mode::Permissive, SentAs::CustomMtls | SentAs::Tls | SentAs::AppTls) if is_http => Fail(Failure::ForeignTlsToPermissiveHttp),
        (Mode::Disable, SentAs::AppTls) if is_http => Fail(Failure::NonHttpToHttpPort),
        (Mode::Disable, SentAs::Mtls) => Fail(Failure::TlsToPlaintext),
        (Mode::Disable, SentAs::CustomMtls | SentAs::Tls) if is_http => Fail(Failure::TlsToPlaintext),
        (Mode::Permissive | Mode::Disable, SentAs::CustomMtls | SentAs::Tls | SentAs::AppTls) => Tls,
    }
}

/// The verdict at a gateway's server (S102).
fn gateway(tls: GatewayTls, sent_as: SentAs) -> Verdict {
    match (tls, sent_as) {
        (GatewayTls::Plain, SentAs::Plaintext) => Verdict::Plaintext,
        (GatewayTls::Plain, _) => Verdict::Fail(Failure::TlsToPlaintext),
        (_, SentAs::Plaintext | SentAs::Hbone) => Verdict::Fail(Failure::PlaintextToTls),
        (GatewayTls::IstioMutual, SentAs::Mtls) => Verdict::Mtls,
        (GatewayTls::Simple, _) | (GatewayTls::Passthrough, SentAs::Tls | SentAs::AppTls) => Verdict::Tls,
        (GatewayTls::Mutual | GatewayTls::IstioMutual, SentAs::Tls | SentAs::AppTls) => Verdict::Fail(Failure::TlsWithoutMeshCertificate),
        (GatewayTls::Mutual | GatewayTls::IstioMutual | GatewayTls::Passthrough, SentAs::Mtls | SentAs::CustomMtls) => Verdict::Unknown,
    }
}
