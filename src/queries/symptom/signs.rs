//! What the text of a symptom indicates: messages and flags of Envoy, ztunnel, API servers and TLS libraries (S96, S252).

use crate::mesh::Failure::{
    self, ForeignTlsToPermissiveHttp as F6, HboneRequired as F8, NoCluster as F12, NoEndpoint as F10, NonHttpToHttpPort as F7,
    NothingThere as F14, PlaintextToStrictEnvoy as F2, PlaintextToStrictNoEnvoy as F1, PlaintextToTls as F13,
    ServerFirstOnPermissive as F11, ServerIdentityRejected as F5, TlsToPlaintext as F3, TlsWithoutMeshCertificate as F4,
    UnknownDestination as F9,
};

/// A sign that one cause has, such as a message or a flag of Envoy's access log, and what it indicates, the closest first. Signs without
/// lowercase letters match whole words only.
const EXACT: &[(&str, &[Failure])] = &[
    ("filter_chain_not_found", &[F1, F2, F6]),
    ("wrong_version_number", &[F3]),
    ("wrong version number", &[F3]),
    ("first record does not look like a tls handshake", &[F3]),
    ("http request to an https server", &[F13]),
    ("http request was sent to https port", &[F13]),
    ("connection refused", &[F14]),
    ("no such host", &[F14]),
    ("could not resolve", &[F14]),
    ("server gave http response to https client", &[F3]),
    ("packet length too long", &[F3]),
    ("certificate required", &[F4]),
    ("certificate_required", &[F4]),
    ("peer_did_not_return", &[F4]),
    ("peer did not return a certificate", &[F4]),
    ("not valid for any names", &[F4]),
    ("bad certificate", &[F4, F5]),
    ("bad_certificate", &[F4, F5]),
    ("openssl_internal:certificate_verify_failed", &[F5]),
    ("certificate_verify_failed", &[F5, F4]),
    ("certificate verify failed", &[F5, F4]),
    ("unknown ca", &[F5, F4]),
    ("unknown_ca", &[F5, F4]),
    ("unknown authority", &[F4, F5]),
    ("self signed", &[F4, F5]),
    ("self-signed", &[F4, F5]),
    ("local issuer", &[F4, F5]),
    ("san matcher", &[F5]),
    ("verify san", &[F5]),
    ("identity verification error", &[F5]),
    ("converted_", &[F8]),
    ("blackholecluster", &[F9]),
    ("passthroughcluster", &[F2, F8]),
    ("no healthy upstream", &[F10]),
    ("no valid destination", &[F10]),
    ("cluster_not_found", &[F12]),
    ("connection termination", &[F2, F8]),
    ("connection_termination", &[F2, F8]),
    ("empty reply", &[F8, F1, F2]),
    ("http1.codec_error", &[F7]),
    ("malformed", &[F7, F3]),
    ("protocol error", &[F7, F3]),
    ("UC", &[F2, F8]),
    ("UF", &[F3, F5, F10, F2, F14]),
    ("UH", &[F10]),
    ("NC", &[F12]),
    ("DPE", &[F7]),
];

/// Signs that many causes have; they count only as far as they agree with exact ones.
const GENERAL: &[(&str, &[Failure])] = &[
    ("policy rejection", &[F8]),
    ("connection reset", RESET),
    ("reset by peer", RESET),
    ("econnreset", RESET),
    ("connection closed", &[F8, F1, F2, F6]),
    ("eof", &[F8, F1, F2, F6]),
    ("handshake", &[F6, F4, F3, F5]),
    ("tls_error", &[F3, F5, F4]),
    ("tls error", &[F3, F5, F4]),
    ("before headers", &[F2, F8, F3, F5]),
    ("timed out", &[F11, F14]),
    ("timeout", &[F11, F14]),
    ("deadline", &[F11]),
    ("hang", &[F11]),
    ("unavailable", &[F1, F2, F3, F10]),
    ("URX", &[F2, F3, F5, F8]),
    ("503", &[F2, F3, F5, F8, F10, F12]),
    ("502", &[F9]),
    ("400", &[F13, F7, F3]),
];

/// Failures that reset a connection, the commonest first.
const RESET: &[Failure] = &[F1, F2, F8, F6, F3, F7, F9];

/// Signs of something that this configuration does not cause, each with where to look. They match like the others.
const ELSEWHERE: &[(&str, &str)] = &[
    ("rbac", AUTHORIZATION),
    ("none allowed", AUTHORIZATION),
    ("explicitly denied", AUTHORIZATION),
    ("UAEX", AUTHORIZATION),
    ("ext_authz", AUTHORIZATION),
    ("403", "an AuthorizationPolicy or the application itself denies the call"),
    ("401", "the application or a RequestAuthentication requires a token: mTLS is not the cause"),
    ("404", "a route or the application does not have the path: mTLS is not the cause"),
    ("426", "the client sends HTTP/1.0, which Envoy does not accept by default: mTLS is not the cause"),
    ("NR", ROUTE),
    ("route_not_found", ROUTE),
    ("http request to an https server", TLS_SERVER),
    ("http request was sent to https port", TLS_SERVER),
    ("tls handshake error from", TLS_SERVER),
    ("certificate has expired", EXPIRED),
    ("certificate_expired", EXPIRED),
    ("certificate expired", EXPIRED),
    ("not yet valid", EXPIRED),
    ("blocking hbone port", "a NetworkPolicy does not allow port 15008, on which ztunnel accepts HBONE"),
    ("connection refused", "nothing listens on the port, or a NetworkPolicy rejects the call: mTLS is not the cause"),
    ("connect error: 111", "nothing listens on the port, or a NetworkPolicy rejects the call: mTLS is not the cause"),
    ("no such host", NAME),
    ("could not resolve", NAME),
    ("UO", "a limit of connections or requests in a DestinationRule is reached: mTLS is not the cause"),
    ("overflow", "a limit of connections or requests in a DestinationRule is reached: mTLS is not the cause"),
    ("UT", "the server does not answer in time: mTLS is not the cause"),
    ("DC", "the client closes the connection: mTLS is not the cause"),
    ("UR", "the application of the server resets the stream"),
    ("UPE", "the server does not send what its port declares: check the name and `appProtocol` of the port"),
    ("RL", "a rate limit is reached: mTLS is not the cause"),
];

const AUTHORIZATION: &str = "an AuthorizationPolicy denies the call: mTLS itself succeeded, or provided no identity to match";
const ROUTE: &str =
    "no route of the proxy matches the request: check the hosts and matches of VirtualServices and HTTPRoutes, and the Host header";
const TLS_SERVER: &str =
    "the server itself accepts only TLS, and plaintext arrives: check which side originates TLS, and the protocol of the port";
const EXPIRED: &str = "a certificate is expired or a clock is wrong: check the certificates of the proxies, and the CA";
const NAME: &str = "the host name does not resolve: mTLS is not the cause";

/// What a symptom indicates.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Indications {
    /// Failures of a call, the closest first.
    pub(super) failures: Vec<Failure>,
    /// Where to look besides.
    pub(super) elsewhere: Vec<&'static str>,
}

impl Indications {
    pub(super) fn of(symptom: &str) -> Self {
        let text = Text::new(symptom);
        let elsewhere = elsewhere(&text);
        let exact = agreeing(text.matching(EXACT));
        let general = agreeing(text.matching(GENERAL));
        let both: Vec<Failure> = exact.iter().copied().filter(|failure| general.contains(failure)).collect();
        let failures = match (exact.is_empty(), both.is_empty()) {
            // What has a cause of its own, such as a flag, is more exact than a status.
            (true, _) if !elsewhere.is_empty() => Vec::new(),
            (true, _) => general,
            (false, true) => exact,
            (false, false) => both,
        };
        Self { failures, elsewhere }
    }

    /// Whether nothing in the symptom is known.
    pub(super) fn is_unknown(&self) -> bool {
        self.failures.is_empty() && self.elsewhere.is_empty()
    }
}

fn elsewhere(text: &Text<'_>) -> Vec<&'static str> {
    let is_status = |sign: &str| sign.bytes().all(|byte| byte.is_ascii_digit());
    let mut found: Vec<&'static str> = Vec::new();
    let mut statuses: Vec<&'static str> = Vec::new();
    for &(sign, cause) in ELSEWHERE.iter().filter(|(sign, _)| text.contains(sign)) {
        // ztunnel names the policy, and those that istiod makes of STRICT are no AuthorizationPolicy (S126); of filter chains a proxy
        // reports NR as well.
        let is_explained =
            sign == "explicitly denied" && text.contains("converted_") || sign == "NR" && text.contains("filter_chain_not_found");
        let kind = if is_status(sign) { &mut statuses } else { &mut found };
        if !is_explained && !kind.contains(&cause) {
            kind.push(cause);
        }
    }
    // A flag or message is more exact than a status.
    if found.is_empty() { statuses } else { found }
}

/// The failures that all signs indicate; if there are none, those that any does.
fn agreeing<'s>(signs: impl Iterator<Item = &'s [Failure]>) -> Vec<Failure> {
    let signs: Vec<&[Failure]> = signs.collect();
    let mut any: Vec<Failure> = Vec::new();
    for failure in signs.iter().copied().flatten() {
        if !any.contains(failure) {
            any.push(*failure);
        }
    }
    let all: Vec<Failure> = any.iter().copied().filter(|failure| signs.iter().all(|sign| sign.contains(failure))).collect();
    if all.is_empty() { any } else { all }
}

/// The text of a symptom, and its words.
struct Text<'s> {
    lower: String,
    words: Vec<&'s str>,
}

impl<'s> Text<'s> {
    fn new(symptom: &'s str) -> Self {
        Self { lower: symptom.to_ascii_lowercase(), words: symptom.split(|c: char| !c.is_ascii_alphanumeric()).collect() }
    }

    fn contains(&self, sign: &str) -> bool {
        let is_text = sign.chars().any(|c| c.is_ascii_lowercase());
        if is_text { self.lower.contains(sign) } else { self.words.contains(&sign) }
    }

    fn matching<'t>(&'t self, signs: &'static [(&'static str, &'static [Failure])]) -> impl Iterator<Item = &'static [Failure]> + 't {
        signs.iter().filter(|(sign, _)| self.contains(sign)).map(|(_, failures)| *failures)
    }
}
