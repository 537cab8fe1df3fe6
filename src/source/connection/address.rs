//! The address of an API server, written in any way that kubectl accepts.

use http::Uri;
use percent_encoding::percent_decode_str;

use super::masked::masked_address;

/// The address of an API server, without what must not be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) url: Uri,
    /// User name and password that the URL contained.
    pub(super) login: Option<(String, String)>,
}

impl Address {
    /// Parses `https://HOST:PORT/PREFIX`, or `HOST:PORT`, which means HTTPS only if the kubeconfig has certificates for it.
    pub(super) fn parse(text: &str, has_certificates: bool) -> Result<Self, String> {
        let invalid = |reason: &str| format!("invalid server `{}`: {reason}", masked_address(text));
        let text = text.trim();
        let has_scheme = text.contains("://");
        let scheme = if has_certificates { "https" } else { "http" };
        let whole = if has_scheme { text.to_owned() } else { format!("{scheme}://{text}") };
        let url: Uri = whole.parse().map_err(|_| invalid("expected https://HOST:PORT"))?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return Err(invalid("expected https://HOST:PORT or http://HOST:PORT"));
        };
        if !has_scheme && url.path() != "/" {
            return Err(invalid("expected a URL or HOST:PORT"));
        }
        let (login, host) = authority.as_str().rsplit_once('@').map_or((None, authority.as_str()), |(login, host)| (Some(login), host));
        let has_port = host.rsplit_once(']').map_or(host, |(_, rest)| rest).contains(':');
        if authority.host().is_empty() || has_port && authority.port_u16().is_none() {
            return Err(invalid("expected a host and a port from 1 to 65535"));
        }
        let plain = Uri::builder().scheme(scheme).authority(host).path_and_query(url.path()).build();
        Ok(Self { url: plain.map_err(|_| invalid("expected https://HOST:PORT"))?, login: login.map(decoded) })
    }
}

/// User name and password, unescaped.
fn decoded(login: &str) -> (String, String) {
    let text = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    (text(user), text(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_written_as_for_kubectl() {
        for (text, has_certificates, expected) in [
            ("https://h:1/p", false, "https://h:1/p"),
            ("localhost:8080", false, "http://localhost:8080/"),
            ("localhost:8080", true, "https://localhost:8080/"),
            ("h", false, "http://h/"),
            ("[::1]:6443", true, "https://[::1]:6443/"),
            (" https://h/?t=1 ", false, "https://h/"),
        ] {
            assert_eq!(Address::parse(text, has_certificates).map(|address| address.url.to_string()).as_deref(), Ok(expected), "{text}");
        }
        let login = Address::parse("https://me:s%40cret@h:1", false).unwrap();
        assert_eq!((login.url.to_string().as_str(), login.login), ("https://h:1/", Some(("me".into(), "s@cret".into()))));
    }

    #[test]
    fn a_server_that_is_none_is_an_error_without_its_secrets() {
        for text in [
            "",
            "ftp://h",
            "http://",
            "h:99999",
            "https://h:0x1",
            "h/p",
            "/p",
            "not a url",
            "https://me:s3 cret@h",
            "me:s3cret@h/p",
            "h:1?s3cret x",
        ] {
            let error = Address::parse(text, false).unwrap_err();
            assert!(error.starts_with("invalid server `") && !error.contains("cret"), "{text}: {error}");
        }
    }
}
