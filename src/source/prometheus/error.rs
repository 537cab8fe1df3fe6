//! Errors of a query, and how to resolve them.

use std::{fmt, time::Duration};

use crate::source::http_body::size;

/// Why a query failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QueryError {
    /// The connection failed, or the response was cut off.
    Unreachable(String),
    /// No response in time.
    TimedOut(Duration),
    /// Prometheus stopped the query because it is too expensive.
    TooExpensive(String),
    /// Credentials are missing or invalid.
    Unauthorized(String),
    /// The user has no permission.
    Forbidden(String),
    /// An HTML page instead of an API response.
    LoginPage,
    /// The path does not serve the API.
    NotFound(String),
    /// Any other error status.
    Status { code: u16, message: String },
    /// Prometheus rejects the query.
    Rejected { kind: String, message: String },
    /// The response is not a valid query result.
    InvalidResponse(String),
    /// The response is too long.
    TooLong(u64),
}

impl QueryError {
    /// Whether a query for a shorter window may succeed.
    pub(super) fn is_too_expensive(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::TooExpensive(_) | Self::TooLong(_))
    }

    /// Whether all other queries would fail the same way.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unauthorized(_) | Self::Forbidden(_) | Self::LoginPage | Self::NotFound(_) => true,
            Self::TimedOut(_)
            | Self::TooExpensive(_)
            | Self::Status { .. }
            | Self::Rejected { .. }
            | Self::InvalidResponse(_)
            | Self::TooLong(_) => false,
        }
    }

    /// How to resolve the error.
    pub(super) fn hint(&self, is_proxied: bool) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Status { .. } => "check the address, and that Prometheus runs",
            Self::TimedOut(_) | Self::TooExpensive(_) | Self::TooLong(_) => {
                "use a shorter --window or fewer namespaces (-n), or try again when Prometheus is idle"
            }
            Self::Unauthorized(_) if is_proxied => {
                "the API server does not forward credentials: use a URL with --prometheus, and --prometheus-token-file"
            }
            Self::Unauthorized(_) | Self::LoginPage => {
                "pass credentials with --prometheus-token-file, or --prometheus-user and --prometheus-password-file"
            }
            Self::Forbidden(_) if is_proxied => "grant `get` on services/proxy with the resourceName http:NAME:PORT",
            Self::Forbidden(_) => "request permission to query, or use other credentials",
            Self::NotFound(_) if is_proxied => "check namespace, name and port of the Service: svc:NAMESPACE/NAME:PORT",
            Self::NotFound(_) => "check the path: the URL is the one before /api/v1/query, with any prefix",
            Self::Rejected { .. } => "check --prometheus-match, and that this is a Prometheus",
            Self::InvalidResponse(_) => "check that the URL is that of a Prometheus",
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write_with_detail = |f: &mut fmt::Formatter<'_>, summary: &str, message: &str| {
            if message.is_empty() { f.write_str(summary) } else { write!(f, "{summary}: {}", truncated(message)) }
        };
        match self {
            Self::Unreachable(reason) => write_with_detail(f, "the connection failed", reason),
            Self::TimedOut(after) => write!(f, "no response within {} s", after.as_secs_f32()),
            Self::TooExpensive(message) => write_with_detail(f, "the query was not completed", message),
            Self::Unauthorized(message) => write_with_detail(f, "unauthorized", message),
            Self::Forbidden(message) => write_with_detail(f, "forbidden", message),
            Self::LoginPage => f.write_str("the response is an HTML page, such as a login page"),
            Self::NotFound(message) => write_with_detail(f, "no query API at this address (404)", message),
            Self::Status { code, message } => write_with_detail(f, &format!("the server returned status {code}"), message),
            Self::Rejected { kind, message } => write_with_detail(f, &format!("Prometheus rejected the query ({kind})"), message),
            Self::InvalidResponse(reason) => write_with_detail(f, "the response is not a Prometheus query result", reason),
            Self::TooLong(limit) => write!(f, "the response is larger than {}", size(*limit)),
        }
    }
}

/// The start of a text: an error of Prometheus can list every series.
fn truncated(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}
