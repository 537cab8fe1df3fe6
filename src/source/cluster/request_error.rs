//! Why a request failed, and the gap that it leaves.

use std::{fmt, time::Duration};

use http::StatusCode;

use super::{limits::Exceeded, path::Resource, type_meta::shortened};
use crate::{object::Gap, source::http_body::BodyError};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RequestError {
    /// The server answered with an error status.
    Status { code: u16, message: String },
    /// The connection failed, or the response was cut off.
    ConnectionFailed(String),
    /// No response in time.
    TimedOut(Duration),
    /// The response is not of the expected format.
    InvalidResponse(String),
    /// A limit was reached.
    Exceeded(Exceeded),
}

impl From<String> for RequestError {
    fn from(reason: String) -> Self {
        Self::InvalidResponse(reason)
    }
}

impl From<BodyError> for RequestError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Cut(reason) => Self::ConnectionFailed(format!("the response was cut off ({reason})")),
            BodyError::Corrupt(_) | BodyError::TooLong(_) | BodyError::TooDense(_) => Self::InvalidResponse(error.to_string()),
        }
    }
}

/// The start of messages about responses.
const INVALID: &str = "invalid response to ";

impl RequestError {
    /// How many tries a request with this error is worth, the first one included.
    pub(super) fn max_attempts(&self) -> u32 {
        match self {
            Self::Status { code, .. } if *code == StatusCode::TOO_MANY_REQUESTS.as_u16() || *code >= 500 => 4,
            // A kept-alive connection may have been closed meanwhile; a new one shows the real error.
            Self::ConnectionFailed(_) => 2,
            Self::Status { .. } | Self::TimedOut(_) | Self::InvalidResponse(_) | Self::Exceeded(_) => 1,
        }
    }

    pub(super) fn invalid_response(path: &str, reason: &dyn fmt::Display) -> Self {
        Self::InvalidResponse(format!("{INVALID}{path}: {}", shortened(&reason.to_string())))
    }

    /// The same error, with the path of the request where it matters.
    pub(super) fn at(self, path: &str) -> Self {
        match self {
            Self::InvalidResponse(reason) if !reason.starts_with(INVALID) => Self::invalid_response(path, &reason),
            other
            @ (Self::Status { .. } | Self::ConnectionFailed(_) | Self::TimedOut(_) | Self::InvalidResponse(_) | Self::Exceeded(_)) => other,
        }
    }

    /// The gap that the error leaves.
    pub(super) fn gap(&self, wanted: String, verb: &str, resource: &Resource) -> Gap {
        let hint = match self {
            Self::Status { code: 403, .. } => format!("grant `{verb}` on {}", resource.resource_name()),
            Self::Status { code: 401, .. } => "log in again, or select another user with --user or --context".into(),
            Self::Status { code: 404, .. } => format!("install the CRD of {}, if this cluster should have it", resource.resource_name()),
            Self::Status { .. } | Self::ConnectionFailed(_) | Self::InvalidResponse(_) => {
                "try again; if it persists, check the API server and any proxy in front of it".into()
            }
            Self::TimedOut(_) => "try again, or increase --request-timeout".into(),
            Self::Exceeded(limit) => limit.hint().into(),
        };
        Gap::new(wanted, self.to_string(), hint).of(resource.kind)
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code: 401, message } => write!(f, "unauthorized: {message}"),
            Self::Status { code: 403, message } => write!(f, "forbidden: {message}"),
            Self::Status { code: code @ (500 | 503), message } => {
                write!(f, "the server returned status {code}: {message}; it may still be starting or be overloaded")
            }
            Self::Status { code, message } => write!(f, "the server returned status {code}: {message}"),
            Self::ConnectionFailed(reason) => write!(f, "the connection failed: {reason}"),
            Self::TimedOut(after) => write!(f, "no response within {} s", after.as_secs_f32()),
            Self::InvalidResponse(reason) => f.write_str(reason),
            Self::Exceeded(limit) => limit.fmt(f),
        }
    }
}
