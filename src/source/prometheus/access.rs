//! Access to a Prometheus, validated before any request is sent.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use http::{HeaderName, HeaderValue, Uri};

use super::promql::Matchers;
use crate::source::connection::{Connection, masked_address};

/// A secret; its value is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads it from a file and trims a trailing line break.
    ///
    /// # Errors
    /// If the file cannot be read or is empty.
    pub fn from_file(path: &std::path::Path) -> Result<Self, AccessError> {
        let unusable = |reason: String| AccessError::UnreadableSecret { location: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        Self::new(&text).ok_or_else(|| unusable("it is empty".into()))
    }

    /// Reads it from an environment variable.
    ///
    /// # Errors
    /// If the variable is not set or empty.
    pub fn from_env(name: &str) -> Result<Self, AccessError> {
        let unusable = |reason: &str| AccessError::UnreadableSecret { location: name.to_owned(), reason: reason.to_owned() };
        let text = std::env::var(name).map_err(|_| unusable("the variable is not set"))?;
        Self::new(&text).ok_or_else(|| unusable("it is empty"))
    }

    fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    #[default]
    None,
    Token(Secret),
    Basic {
        user: String,
        password: Secret,
    },
}

/// The options of the command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A URL, or `svc:NAMESPACE/NAME:PORT`.
    pub address: String,
    /// The connection to the cluster, for a Service.
    pub connection: Connection,
    /// The credentials, for a URL.
    pub credentials: Credentials,
    /// A file with the CA certificates to trust.
    pub ca_file: Option<PathBuf>,
    /// Whether the server's certificate is not verified.
    pub insecure: bool,
    /// Headers added to every request.
    pub headers: Vec<(String, String)>,
    /// Matchers added to every selector, in `PromQL`.
    pub matchers: Vec<String>,
    /// Timeout of one query.
    pub timeout: Duration,
    /// Bytes of one response; 0 means the default.
    pub max_response: u64,
}

/// Bytes of one response: about 150,000 series.
pub const DEFAULT_MAX_RESPONSE: u64 = 64 << 20;

/// Validated access to a Prometheus.
#[derive(Clone, Debug)]
pub struct Access {
    pub(super) address: Address,
    pub(super) credentials: Credentials,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) insecure: bool,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) matchers: Matchers,
    pub(super) timeout: Duration,
    pub(super) max_response: u64,
}

/// The address of a Prometheus.
#[derive(Clone, Debug)]
pub(super) enum Address {
    /// A URL, with the path prefix of its API.
    Url(Uri),
    /// A Service, reached through the API server's proxy.
    Service { connection: Box<Connection>, service: Service },
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    pub namespace: String,
    pub name: String,
    /// Number or name of its port.
    pub port: String,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name, port } = self;
        write!(f, "svc:{namespace}/{name}:{port}")
    }
}

/// Why access to a Prometheus is invalid; messages name the options of the command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The text is not a valid address.
    #[error("invalid Prometheus address `{0}`: expected http://HOST:PORT/PREFIX, https://… or svc:NAMESPACE/NAME:PORT")]
    InvalidAddress(String),
    /// The URL contains credentials, which would end up in logs.
    #[error("the URL contains credentials; pass them with --prometheus-user and --prometheus-password-file")]
    CredentialsInUrl,
    /// A secret would be sent unencrypted.
    #[error("credentials are not sent unencrypted over http:// to {0}; use https://")]
    PlaintextCredentials(String),
    /// The API server does not forward credentials.
    #[error("the API server does not forward credentials to a Service; use the URL of the Prometheus instead of svc:")]
    CredentialsToService,
    /// A secret cannot be read.
    #[error("cannot read the secret from {location}: {reason}")]
    UnreadableSecret {
        /// The file or variable.
        location: String,
        reason: String,
    },
    /// The text is not a valid header.
    #[error("invalid header `{0}`: expected NAME=VALUE")]
    InvalidHeader(String),
    /// The text is not a valid matcher.
    #[error("{0}")]
    InvalidMatcher(String),
    /// A CA file contains no certificate.
    #[error("cannot read a certificate from {path}: {reason}")]
    InvalidCaFile { path: String, reason: String },
}

/// Headers that contain credentials.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "x-api-key"];

impl Access {
    /// Validates the options. Nothing is sent.
    ///
    /// # Errors
    /// If an option is invalid, or a secret would be sent unencrypted to another host.
    pub fn new(options: Options) -> Result<Self, AccessError> {
        let Options { address, connection, credentials, ca_file, insecure, headers, matchers, timeout, max_response } = options;
        let headers = headers.into_iter().map(header).collect::<Result<Vec<_>, _>>()?;
        let has_secret = credentials != Credentials::None || headers.iter().any(|(name, _)| SECRET_HEADERS.contains(&name.as_str()));
        let address = if let Some(service) = address.strip_prefix("svc:") {
            if has_secret {
                return Err(AccessError::CredentialsToService);
            }
            let service = service_port(service).ok_or_else(|| AccessError::InvalidAddress(masked_address(&address)))?;
            Address::Service { connection: Box::new(connection), service }
        } else {
            Address::Url(url(&address, has_secret)?)
        };
        if let Some(path) = &ca_file {
            check_ca_file(path)?;
        }
        let matchers = matchers.iter().try_fold(Matchers::default(), |all, text| Matchers::parse(text).map(|more| all.merged(more)));
        let matchers = matchers.map_err(AccessError::InvalidMatcher)?;
        let max_response = if max_response == 0 { DEFAULT_MAX_RESPONSE } else { max_response };
        Ok(Self { address, credentials, ca_file, insecure, headers, matchers, timeout, max_response })
    }

    /// The address, without secrets.
    #[must_use]
    pub fn display_address(&self) -> String {
        match &self.address {
            Address::Url(url) => url.to_string(),
            Address::Service { service, .. } => service.to_string(),
        }
    }

    /// A Role that permits queries through the API server; `None` for a URL, to which RBAC does not apply.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        let Address::Service { service: Service { namespace, name, port }, .. } = &self.address else { return None };
        Some(format!(
            "---\n# Queries to this Prometheus through the API server, and nothing else.\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: kubectl-mtls-prometheus\n  namespace: \"{namespace}\"\nrules:\n\
             - apiGroups: [\"\"]\n  resources: [services/proxy]\n  resourceNames: [\"http:{name}:{port}\"]\n  verbs: [get]\n"
        ))
    }

    pub(super) fn is_proxied(&self) -> bool {
        matches!(self.address, Address::Service { .. })
    }
}

fn header((name, value): (String, String)) -> Result<(HeaderName, HeaderValue), AccessError> {
    // The value may be a secret, so errors contain the name only.
    let invalid = || AccessError::InvalidHeader(name.clone());
    let mut value = HeaderValue::from_str(&value).map_err(|_| invalid())?;
    value.set_sensitive(true);
    Ok((HeaderName::try_from(&name).map_err(|_| invalid())?, value))
}

/// Parses `NAMESPACE/NAME:PORT`. Only characters of names are accepted, so that no part can change the path of the request.
fn service_port(text: &str) -> Option<Service> {
    let (namespace, rest) = text.split_once('/')?;
    let (name, port) = rest.split_once(':')?;
    let is_name = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let [namespace, name, port] = [namespace, name, port].map(|text| Some(text).filter(is_name).map(str::to_owned));
    Some(Service { namespace: namespace?, name: name?, port: port? })
}

fn url(text: &str, has_secret: bool) -> Result<Uri, AccessError> {
    if text.contains('@') {
        return Err(AccessError::CredentialsInUrl);
    }
    let invalid = || AccessError::InvalidAddress(masked_address(text));
    let url: Uri = text.parse().map_err(|_| invalid())?;
    let (Some(scheme), Some(host), None) = (url.scheme_str(), url.host(), url.query()) else { return Err(invalid()) };
    match scheme {
        "http" if has_secret && !is_loopback(host) => Err(AccessError::PlaintextCredentials(host.to_owned())),
        "http" | "https" => Ok(url),
        _ => Err(invalid()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn check_ca_file(path: &std::path::Path) -> Result<(), AccessError> {
    let invalid = |reason: String| AccessError::InvalidCaFile { path: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
    if text.contains("-----BEGIN CERTIFICATE-----") { Ok(()) } else { Err(invalid("no BEGIN CERTIFICATE block".into())) }
}
