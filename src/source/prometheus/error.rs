//! Errors of a query, and how to resolve them.

use std::{fmt, time::Duration};

/// Why a query failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QueryError {
    /// The connection failed, or the response was cut off.
    Unreachable(String),
    /// No response in time.
    TimedOut(Duration),
    /// Prometheus stopped the query because it is too expensive.
    Slow(String),
    /// Credentials are missing or invalid.
    NotLoggedIn(String),
    /// The user has no permission.
    Forbidden(String),
    /// An HTML page instead of an API response.
    LoginPage,
    /// The path does not serve the API.
    WrongPath(String),
    /// Any other error status.
    Status { code: u16, said: String },
    /// Prometheus rejects the query.
    Refused { kind: String, said: String },
    /// The response is not a valid query result.
    Garbled(String),
    /// The response is too long.
    TooLong(usize),
}

impl QueryError {
    /// Whether a query for a shorter window may succeed.
    pub(super) fn wants_pieces(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Slow(_) | Self::TooLong(_))
    }

    /// Whether all other queries would fail the same way.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::NotLoggedIn(_) | Self::Forbidden(_) | Self::LoginPage | Self::WrongPath(_) => true,
            Self::TimedOut(_) | Self::Slow(_) | Self::Status { .. } | Self::Refused { .. } | Self::Garbled(_) | Self::TooLong(_) => false,
        }
    }

    /// How to resolve the error.
    pub(super) fn hint(&self, is_proxied: bool) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Status { .. } => "check the address, and that Prometheus runs",
            Self::TimedOut(_) | Self::Slow(_) | Self::TooLong(_) => {
                "ask for a shorter --window, fewer namespaces (-n), or try again when Prometheus is idle"
            }
            Self::NotLoggedIn(_) if is_proxied => {
                "the API server passes no login on: name a URL with --prometheus, and --prometheus-token-file"
            }
            Self::NotLoggedIn(_) | Self::LoginPage => {
                "log in with --prometheus-token-file, or --prometheus-user and --prometheus-password-file"
            }
            Self::Forbidden(_) if is_proxied => "grant `get` on services/proxy with the resourceName http:NAME:PORT",
            Self::Forbidden(_) => "get the right to query, or name another login",
            Self::WrongPath(_) if is_proxied => "check namespace, name and port of the Service: svc:NAMESPACE/NAME:PORT",
            Self::WrongPath(_) => "check the path: the URL is the one before /api/v1/query, with any prefix",
            Self::Refused { .. } => "check --prometheus-match, and that this is a Prometheus",
            Self::Garbled(_) => "check that the URL is that of a Prometheus",
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, what: &str, said: &str| {
            if said.is_empty() { f.write_str(what) } else { write!(f, "{what}: {}", short(said)) }
        };
        match self {
            Self::Unreachable(because) => with(f, "the connection failed", because),
            Self::TimedOut(after) => write!(f, "no answer within {} s", after.as_secs_f32()),
            Self::Slow(said) => with(f, "it gave up", said),
            Self::NotLoggedIn(said) => with(f, "not logged in", said),
            Self::Forbidden(said) => with(f, "forbidden", said),
            Self::LoginPage => f.write_str("it answers with a page for people, as a login does"),
            Self::WrongPath(said) => with(f, "there is no query API at this address (404)", said),
            Self::Status { code, said } => with(f, &format!("it answered {code}"), said),
            Self::Refused { kind, said } => with(f, &format!("it refused the query ({kind})"), said),
            Self::Garbled(because) => with(f, "the answer is not what Prometheus sends", because),
            Self::TooLong(limit) => write!(f, "the answer is longer than {} MiB", limit >> 20),
        }
    }
}

/// The start of a text: an error of Prometheus can list every series.
fn short(text: &str) -> String {
    const LONGEST: usize = 200;
    let cut = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    if cut < text.len() { format!("{}…", &text[..cut]) } else { text.to_owned() }
}
