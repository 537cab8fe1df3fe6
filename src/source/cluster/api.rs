//! A single request to the API server, with retries.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use kube::client::Body;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::{
    limits::{Budget, Limits},
    protobuf,
    request_error::RequestError,
    response::{Response, within},
    type_meta::shortened,
};
use crate::{
    object::Encoding,
    source::{
        connection::{Connected, Route, masked, masked_address},
        http_body::HttpBody,
    },
};

/// A client of the API server.
pub(super) struct Api {
    client: kube::Client,
    route: Route,
    timeout: Duration,
    pub(super) budget: Budget,
    /// True until the server refuses protobuf.
    has_protobuf: AtomicBool,
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

/// Bytes of an error response.
const MAX_ERROR_SIZE: u64 = 1 << 20;

impl Api {
    pub(super) fn new(connected: Connected, timeout: Duration, limits: Limits) -> Self {
        let Connected { client, route, .. } = connected;
        Self { client, route, timeout, budget: Budget::new(limits), has_protobuf: AtomicBool::new(true) }
    }

    fn total(&self) -> (Instant, Duration) {
        (self.budget.deadline, self.budget.limits.total)
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
            match response.body(self.budget.limits.object_bytes).await {
                Ok(body) => return String::from_utf8(body).map_err(|_| RequestError::invalid_response(path, &"not UTF-8")),
                Err(error) if attempts >= error.max_attempts() => return Err(error.at(path)),
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
            let deadline = Instant::now() + self.timeout;
            let result = within(deadline, self.timeout, self.total(), self.send(path, accept)).await;
            let (error, delay) = match result.unwrap_or_else(|error| Err((error, None))) {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            if attempts >= error.max_attempts() {
                return Err(error);
            }
            let backoff = Duration::from_millis(100) * 2_u32.pow(attempts);
            let until = Instant::now() + delay.unwrap_or(backoff).min(MAX_RETRY_DELAY);
            within(until + self.timeout, self.timeout, self.total(), tokio::time::sleep_until(until)).await?;
            attempts += 1;
        }
    }

    /// A single try; an error comes with the wait of `Retry-After`.
    async fn send(&self, path: &str, accept: &'static str) -> Result<Response, (RequestError, Option<Duration>)> {
        let request = http::Request::get(path).header(http::header::ACCEPT, accept).body(Body::empty());
        let request = request.map_err(|error| (RequestError::ConnectionFailed(error.to_string()), None))?;
        let failed = |error: kube::Error| (RequestError::ConnectionFailed(self.route.explain(&error)), None);
        let (head, body) = self.client.send(request).await.map_err(failed)?.into_parts();
        let (status, after) = (head.status, retry_after(&head.headers));
        let body =
            HttpBody::new(&head.headers, body, self.budget.limits.response).map_err(|error| (RequestError::from(error).at(path), None))?;
        let encoding = encoding(path, &head.headers);
        let with_encoding = |encoding| Response { encoding, body, timeout: self.timeout, deadline: None, total: self.total() };
        if status.is_success() {
            return encoding.map(with_encoding).map_err(|error| (error, None));
        }
        let is_text = encoding.is_err();
        let encoding = encoding.unwrap_or(Encoding::Json);
        let body = with_encoding(encoding).body(MAX_ERROR_SIZE).await.map_err(|error| (error.at(path), None))?;
        let message = match encoding {
            _ if status.is_redirection() => redirection(&head.headers),
            Encoding::Json if is_text => first_line(&body),
            Encoding::Json => serde_json::from_slice::<ErrorBody>(&body).map(|error| error.message).unwrap_or_default(),
            Encoding::Protobuf => protobuf::status_message(&body),
        };
        let message = if message.is_empty() {
            status.canonical_reason().unwrap_or("no reason given").to_owned()
        } else {
            shortened(&masked(&message))
        };
        Err((RequestError::Status { code: status.as_u16(), message }, after))
    }
}

/// Where the server redirects to, which is not followed: the credentials are for this server.
fn redirection(headers: &http::HeaderMap) -> String {
    let location = headers.get(http::header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    format!("redirected to {}, as a login page or a proxy does", masked_address(location))
}

/// The first line of an error in plain text; empty for an HTML page.
fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.trim_start().lines().next().unwrap_or_default();
    if line.starts_with('<') { String::new() } else { line.to_owned() }
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
