//! Everything that can go wrong with a query, and what to do about it.

use std::{fmt, time::Duration};

/// Why a query gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QueryError {
    /// No connection, or half an answer.
    Unreachable(String),
    /// No answer in time.
    TimedOut(Duration),
    /// Prometheus gave up because there is too much of it.
    Slow(String),
    /// No login, or a wrong one.
    NotLoggedIn(String),
    /// A login without the right.
    Forbidden(String),
    /// A page for people.
    LoginPage,
    /// Nothing there that speaks the API.
    WrongPath(String),
    /// Any other status.
    Status { code: u16, said: String },
    /// Prometheus does not take the query.
    Refused { kind: String, said: String },
    /// An answer that is none.
    Garbled(String),
    /// An answer that is too long to be read.
    TooLong(usize),
}

impl QueryError {
    /// Whether a shorter window may do better.
    pub(super) fn wants_pieces(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Slow(_) | Self::TooLong(_))
    }

    /// Whether every other query would end the same way.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::NotLoggedIn(_) | Self::Forbidden(_) | Self::LoginPage | Self::WrongPath(_) => true,
            Self::TimedOut(_) | Self::Slow(_) | Self::Status { .. } | Self::Refused { .. } | Self::Garbled(_) | Self::TooLong(_) => false,
        }
    }

    /// What to do about it.
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

/// The start of a text: Prometheus may list every series in an error.
fn short(text: &str) -> String {
    const LONGEST: usize = 200;
    let cut = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    if cut < text.len() { format!("{}…", &text[..cut]) } else { text.to_owned() }
}
