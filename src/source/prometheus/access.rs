//! The way to a Prometheus, checked before anything is sent.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use http::{HeaderName, HeaderValue, Uri};

use super::promql::Matchers;
use crate::source::connection::Connection;

/// Something that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// From its file, without the line break that many of them end in.
    ///
    /// # Errors
    /// When the file cannot be read or is empty.
    pub fn from_file(path: &std::path::Path) -> Result<Self, AccessError> {
        let unusable = |because: String| AccessError::NoSecret { place: path.display().to_string(), because };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        Self::new(&text).ok_or_else(|| unusable("it is empty".into()))
    }

    /// From a variable of this process.
    ///
    /// # Errors
    /// When the variable is not set or empty.
    pub fn from_env(name: &str) -> Result<Self, AccessError> {
        let unusable = |because: &str| AccessError::NoSecret { place: name.to_owned(), because: because.to_owned() };
        let text = std::env::var(name).map_err(|_| unusable("no such variable is set"))?;
        Self::new(&text).ok_or_else(|| unusable("it is empty"))
    }

    fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Login {
    /// Nobody.
    #[default]
    None,
    /// The bearer of a token.
    Token(Secret),
    /// A user with a password.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A URL, or `svc:NAMESPACE/NAME:PORT`.
    pub place: String,
    /// The way to the cluster, for a Service.
    pub connection: Connection,
    /// Who asks, of a URL.
    pub login: Login,
    /// A file with the certificates of authorities to believe.
    pub authorities: Option<PathBuf>,
    /// Whether to believe any certificate.
    pub insecure: bool,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// Matchers of every selector, as `PromQL` writes them.
    pub matchers: Vec<String>,
    /// Longest time one query may take.
    pub timeout: Duration,
}

/// A checked way to a Prometheus.
#[derive(Clone, Debug)]
pub struct Access {
    pub(super) place: Place,
    pub(super) login: Login,
    pub(super) authorities: Option<PathBuf>,
    pub(super) insecure: bool,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) matchers: Matchers,
    pub(super) timeout: Duration,
}

/// Where it is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// At a URL, with the path under which its API lies.
    Url(Uri),
    /// Behind a Service, to which the API server passes requests on.
    Service { connection: Box<Connection>, service: Service },
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// Where it lies.
    pub namespace: String,
    /// What it is called.
    pub name: String,
    /// The number or the name of its port.
    pub port: String,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name, port } = self;
        write!(f, "svc:{namespace}/{name}:{port}")
    }
}

/// What is wrong with a way to a Prometheus, as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// It is no address.
    #[error("`{0}` is no address of a Prometheus; write http://HOST:PORT/PREFIX, https://… or svc:NAMESPACE/NAME:PORT")]
    NoAddress(String),
    /// The URL holds a login, which would end up in logs.
    #[error("the URL holds a user or a password; name them with --prometheus-user and --prometheus-password-file")]
    LoginInUrl,
    /// A secret would go over the wire for everybody to read.
    #[error("a login is not sent over http:// to {0}, where others could read it; write https://")]
    SecretInPlaintext(String),
    /// The API server keeps the login for itself.
    #[error("the API server passes no login on to a Service; name the URL of the Prometheus in place of svc:")]
    LoginToService,
    /// A secret cannot be read.
    #[error("no secret in {place}: {because}")]
    NoSecret {
        /// The file or variable.
        place: String,
        /// Why.
        because: String,
    },
    /// A header is none.
    #[error("`{0}` is no header; write NAME=VALUE")]
    NoHeader(String),
    /// A matcher is none.
    #[error("{0}")]
    NoMatcher(String),
    /// A file of authorities holds none.
    #[error("{place} holds no certificate: {because}")]
    NoAuthority {
        /// The file.
        place: String,
        /// Why.
        because: String,
    },
}

/// Headers that hold a login.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "x-api-key"];

impl Access {
    /// Checks what the command line says. Nothing is sent.
    ///
    /// # Errors
    /// When the address is none, or a secret would be sent in plaintext to another host.
    pub fn new(options: Options) -> Result<Self, AccessError> {
        let Options { place, connection, login, authorities, insecure, headers, matchers, timeout } = options;
        let headers = headers.into_iter().map(header).collect::<Result<Vec<_>, _>>()?;
        let has_secret = login != Login::None || headers.iter().any(|(name, _)| SECRET_HEADERS.contains(&name.as_str()));
        let place = if let Some(service) = place.strip_prefix("svc:") {
            if has_secret {
                return Err(AccessError::LoginToService);
            }
            let service = service_port(service).ok_or_else(|| AccessError::NoAddress(place.clone()))?;
            Place::Service { connection: Box::new(connection), service }
        } else {
            Place::Url(url(&place, has_secret)?)
        };
        if let Some(path) = &authorities {
            check_authorities(path)?;
        }
        let matchers = matchers.iter().try_fold(Matchers::default(), |all, text| Matchers::parse(text).map(|more| all.and(more)));
        let matchers = matchers.map_err(AccessError::NoMatcher)?;
        Ok(Self { place, login, authorities, insecure, headers, matchers, timeout })
    }

    /// Who is asked, without any secret.
    #[must_use]
    pub fn from(&self) -> String {
        match &self.place {
            Place::Url(url) => url.to_string(),
            Place::Service { service, .. } => service.to_string(),
        }
    }

    /// The Role that lets somebody ask by way of the API server; `None` where a URL is asked, which the cluster has no word in.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        let Place::Service { service: Service { namespace, name, port }, .. } = &self.place else { return None };
        Some(format!(
            "---\n# Queries to that Prometheus by way of the API server, and nothing else there.\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: kubectl-mtls-prometheus\n  namespace: {namespace}\nrules:\n\
             - apiGroups: [\"\"]\n  resources: [services/proxy]\n  resourceNames: [\"http:{name}:{port}\"]\n  verbs: [get]\n"
        ))
    }

    pub(super) fn is_proxied(&self) -> bool {
        matches!(self.place, Place::Service { .. })
    }
}

fn header((name, value): (String, String)) -> Result<(HeaderName, HeaderValue), AccessError> {
    // The value may be a secret: only the name is said.
    let wrong = || AccessError::NoHeader(name.clone());
    let mut value = HeaderValue::from_str(&value).map_err(|_| wrong())?;
    value.set_sensitive(true);
    Ok((HeaderName::try_from(&name).map_err(|_| wrong())?, value))
}

/// Reads `NAMESPACE/NAME:PORT`. Nothing but names fits, so that none of it can be more than a part of a path.
fn service_port(text: &str) -> Option<Service> {
    let (namespace, rest) = text.split_once('/')?;
    let (name, port) = rest.split_once(':')?;
    let is_name = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let [namespace, name, port] = [namespace, name, port].map(|text| Some(text).filter(is_name).map(str::to_owned));
    Some(Service { namespace: namespace?, name: name?, port: port? })
}

fn url(text: &str, has_secret: bool) -> Result<Uri, AccessError> {
    if text.contains('@') {
        return Err(AccessError::LoginInUrl);
    }
    let wrong = || AccessError::NoAddress(text.to_owned());
    let url: Uri = text.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(host), None) = (url.scheme_str(), url.host(), url.query()) else { return Err(wrong()) };
    match scheme {
        "http" if has_secret && !is_loopback(host) => Err(AccessError::SecretInPlaintext(host.to_owned())),
        "http" | "https" => Ok(url),
        _ => Err(wrong()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn check_authorities(path: &std::path::Path) -> Result<(), AccessError> {
    let none = |because: String| AccessError::NoAuthority { place: path.display().to_string(), because };
    let text = std::fs::read_to_string(path).map_err(|error| none(error.to_string()))?;
    if text.contains("-----BEGIN CERTIFICATE-----") { Ok(()) } else { Err(none("it has no block BEGIN CERTIFICATE".into())) }
}
