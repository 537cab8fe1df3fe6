//! Why a connection failed, in the words of those who run clusters.

use super::masked::masked;

/// How a server is reached, for messages.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Route {
    /// The CA certificates that are trusted.
    pub(in crate::source) trust: String,
    /// The proxy, without its password.
    pub(in crate::source) proxy: Option<String>,
}

/// Parts of the errors of libraries, and what each means.
const MEANINGS: [(&[&str], &str); 12] = [
    (&["tunnel"], "the proxy did not open a connection to the server"),
    (&["fatal alert"], "the server rejected the TLS connection, as it does if it wants another client certificate or TLS version"),
    (&["NotValidYet", "not valid yet"], "the server's certificate is not valid yet; check the clocks"),
    (&["certificate expired", "Expired"], "the server's certificate has expired"),
    (
        &["not valid for name", "NotValidForName"],
        "the server's certificate is for another name; tls-server-name in the kubeconfig sets the name",
    ),
    (
        &["InvalidContentType", "corrupt message"],
        "the server does not answer with TLS; if this port serves plain HTTP, the address begins with http://",
    ),
    (
        &["invalid HTTP version", "invalid HTTP"],
        "the server does not answer with HTTP; if this port serves TLS, the address begins with https://",
    ),
    (&["handshake eof"], "the server closed the connection before TLS was set up; it may serve plain HTTP, or be starting"),
    (&["onnection refused", "actively refused"], "connection refused: no server listens at this address, or it is still starting"),
    (&["lookup address", "dns error", "No such host"], "the host name was not found"),
    (&["unreachable", "No route to host"], "there is no route to this address"),
    (
        &["before message completed", "reset by peer", "unexpected eof", "unexpected EOF", "end of file", "operation was canceled"],
        "the server closed the connection",
    ),
];

impl Route {
    /// The meaning of an error, followed by its own words.
    pub(in crate::source) fn explain(&self, error: &(dyn std::error::Error + 'static)) -> String {
        let chain = error_chain(error);
        let untrusted = || format!("the server's certificate is not trusted: none of {} issued it", self.trust);
        let known = || MEANINGS.iter().find(|(parts, _)| parts.iter().any(|part| chain.contains(part))).map(|(_, text)| (*text).to_owned());
        let meaning = if chain.contains("UnknownIssuer") { Some(untrusted()) } else { known() };
        let proxy = self.proxy.as_ref().map(|proxy| format!(", through the proxy {proxy}")).unwrap_or_default();
        meaning.map_or_else(|| format!("{chain}{proxy}"), |meaning| format!("{meaning} ({chain}{proxy})"))
    }
}

/// An error and its chain of sources, in one line and without secrets in URLs.
pub(in crate::source) fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        next = cause.source();
    }
    masked(&text)
}
