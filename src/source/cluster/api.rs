//! A single request to the API server: deadline, retries and errors.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;
use kube::{Client, client::Body};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::{path::Resource, protobuf};
use crate::{
    object::{Encoding, Gap},
    source::connection::error_chain,
};

/// A client of the API server.
pub(super) struct Api {
    client: Client,
    timeout: Duration,
    /// True until the server refuses protobuf.
    has_protobuf: AtomicBool,
}

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
}

/// The body of an error response of the API server.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    message: String,
}

const JSON: &str = "application/json";

/// The server picks the first one that it supports.
const PROTOBUF_OR_JSON: &str = "application/vnd.kubernetes.protobuf,application/json";

/// Upper limit of the wait between two tries, whatever `Retry-After` requests.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(10);

/// A response whose headers have arrived.
pub(super) struct Response {
    pub(super) encoding: Encoding,
    body: Body,
    timeout: Duration,
    /// Deadline of the body; set when the body is first read.
    deadline: Option<Instant>,
}

impl Response {
    /// The next chunk of the body; `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + self.timeout);
        loop {
            let frame = tokio::time::timeout_at(deadline, self.body.frame()).await;
            match frame.map_err(|_| RequestError::TimedOut(self.timeout))? {
                None => return Ok(None),
                Some(Err(error)) => return Err(RequestError::ConnectionFailed(error_chain(&error))),
                // A frame without data is a trailer, which is not used.
                Some(Ok(frame)) => {
                    if let Ok(chunk) = frame.into_data() {
                        return Ok(Some(chunk));
                    }
                }
            }
        }
    }

    pub(super) async fn body(&mut self) -> Result<Vec<u8>, RequestError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl Api {
    pub(super) fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout, has_protobuf: AtomicBool::new(true) }
    }

    /// Sends a request and returns when the headers have arrived; in protobuf if `wanted` and supported. Reading the body, and
    /// retrying if that fails, is up to the caller.
    pub(super) async fn open(&self, path: &str, wanted: Encoding) -> Result<Response, RequestError> {
        if wanted == Encoding::Protobuf && self.has_protobuf.load(Ordering::Relaxed) {
            match self.send_with_retries(path, PROTOBUF_OR_JSON).await {
                // The server, or a proxy in front of it, does not support protobuf.
                Err(RequestError::Status { code: 406 | 415, .. }) => self.has_protobuf.store(false, Ordering::Relaxed),
                response => return response,
            }
        }
        self.send_with_retries(path, JSON).await
    }

    /// The body of a response as text.
    pub(super) async fn text(&self, path: &str) -> Result<String, RequestError> {
        let mut attempts = 1;
        loop {
            let mut response = self.open(path, Encoding::Json).await?;
            match response.body().await {
                Ok(body) => return String::from_utf8(body).map_err(|_| RequestError::invalid_response(path, &"not UTF-8")),
                Err(error) if attempts >= error.max_attempts() => return Err(error),
                Err(_) => attempts += 1,
            }
        }
    }

    /// The body of a response, decoded from JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, RequestError> {
        serde_json::from_str(&self.text(path).await?).map_err(|error| RequestError::invalid_response(path, &error))
    }

    /// Sends a request, with retries, and returns when the headers have arrived.
    async fn send_with_retries(&self, path: &str, accept: &'static str) -> Result<Response, RequestError> {
        let mut attempts = 1;
        loop {
            let result = tokio::time::timeout(self.timeout, self.send(path, accept)).await;
            let (error, delay) = match result.unwrap_or(Err((RequestError::TimedOut(self.timeout), None))) {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            if attempts >= error.max_attempts() {
                return Err(error);
            }
            let backoff = Duration::from_millis(100) * 2_u32.pow(attempts);
            tokio::time::sleep(delay.unwrap_or(backoff).min(MAX_RETRY_DELAY)).await;
            attempts += 1;
        }
    }

    /// A single try; an error comes with the wait of `Retry-After`.
    async fn send(&self, path: &str, accept: &'static str) -> Result<Response, (RequestError, Option<Duration>)> {
        let request = http::Request::get(path).header(http::header::ACCEPT, accept).body(Body::empty());
        let request = request.map_err(|error| (RequestError::ConnectionFailed(error.to_string()), None))?;
        let response = self.client.send(request).await.map_err(|error| (RequestError::ConnectionFailed(error_chain(&error)), None))?;
        let (status, after) = (response.status(), retry_after(response.headers()));
        let encoding = encoding(path, response.headers());
        let with_encoding = |encoding| Response { encoding, body: response.into_body(), timeout: self.timeout, deadline: None };
        if status.is_success() {
            return encoding.map(with_encoding).map_err(|error| (error, None));
        }
        let encoding = encoding.unwrap_or(Encoding::Json);
        let body = with_encoding(encoding).body().await.map_err(|error| (error, None))?;
        let message = match encoding {
            Encoding::Json => serde_json::from_slice::<ErrorBody>(&body).map(|error| error.message).unwrap_or_default(),
            Encoding::Protobuf => protobuf::status_message(&body),
        };
        let message = if message.is_empty() { status.canonical_reason().unwrap_or("no reason given").to_owned() } else { message };
        Err((RequestError::Status { code: status.as_u16(), message }, after))
    }
}

/// The encoding of a response by its `Content-Type`. Without one it is taken as JSON and decoded strictly.
fn encoding(path: &str, headers: &http::HeaderMap) -> Result<Encoding, RequestError> {
    let content_type =
        headers.get(http::header::CONTENT_TYPE).map_or(Ok("application/json"), http::HeaderValue::to_str).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim() {
        protobuf::MEDIA_TYPE => Ok(Encoding::Protobuf),
        "application/json" => Ok(Encoding::Json),
        other => Err(RequestError::invalid_response(path, &format!("the content type is {other}"))),
    }
}

fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

impl RequestError {
    /// How many tries a request with this error is worth, the first one included.
    pub(super) fn max_attempts(&self) -> u32 {
        match self {
            Self::Status { code, .. } if *code == StatusCode::TOO_MANY_REQUESTS.as_u16() || *code >= 500 => 4,
            // A kept-alive connection may have been closed meanwhile; a new one shows the real error.
            Self::ConnectionFailed(_) => 2,
            Self::Status { .. } | Self::TimedOut(_) | Self::InvalidResponse(_) => 1,
        }
    }

    pub(super) fn invalid_response(path: &str, reason: &dyn fmt::Display) -> Self {
        Self::InvalidResponse(format!("invalid response to {path}: {reason}"))
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
        };
        Gap::new(wanted, self.to_string(), hint).of(resource.kind)
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code: 401, message } => write!(f, "unauthorized: {message}"),
            Self::Status { code: 403, message } => write!(f, "forbidden: {message}"),
            Self::Status { code, message } => write!(f, "the server returned status {code}: {message}"),
            Self::ConnectionFailed(reason) => write!(f, "the connection failed: {reason}"),
            Self::TimedOut(after) => write!(f, "no response within {} s", after.as_secs_f32()),
            Self::InvalidResponse(reason) => f.write_str(reason),
        }
    }
}
