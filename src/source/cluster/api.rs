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
    source::connection::causes,
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
pub(super) enum Refusal {
    /// The server answered with an error status.
    Status { code: u16, message: String },
    /// The connection failed, or the response was cut off.
    Broken(String),
    /// No response in time.
    TimedOut(Duration),
    /// The response is not of the expected format.
    Garbled(String),
}

/// The body of an error response of the API server.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
}

const JSON: &str = "application/json";

/// The server picks the first one that it supports.
const PROTOBUF_OR_JSON: &str = "application/vnd.kubernetes.protobuf,application/json";

/// Upper limit of the wait between two tries, whatever `Retry-After` requests.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A response whose headers have arrived.
pub(super) struct Answer {
    pub(super) encoding: Encoding,
    body: Body,
    timeout: Duration,
    /// Deadline of the body; set when the body is first read.
    deadline: Option<Instant>,
}

impl Answer {
    /// The next chunk of the body; `None` at its end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Refusal> {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + self.timeout);
        loop {
            let frame = tokio::time::timeout_at(deadline, self.body.frame()).await;
            match frame.map_err(|_| Refusal::TimedOut(self.timeout))? {
                None => return Ok(None),
                Some(Err(error)) => return Err(Refusal::Broken(causes(&error))),
                // A frame without data is a trailer, which is not used.
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }

    /// The whole body.
    pub(super) async fn whole(&mut self) -> Result<Vec<u8>, Refusal> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}

impl Api {
    pub(super) fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout, has_protobuf: AtomicBool::new(true) }
    }

    /// Sends a request and returns when the headers have arrived; in protobuf if `wanted` and supported. Reading the body, and
    /// retrying if that fails, is up to the caller.
    pub(super) async fn open(&self, path: &str, wanted: Encoding) -> Result<Answer, Refusal> {
        if wanted == Encoding::Protobuf && self.has_protobuf.load(Ordering::Relaxed) {
            match self.patiently(path, PROTOBUF_OR_JSON).await {
                // The server, or a proxy in front of it, does not support protobuf.
                Err(Refusal::Status { code: 406 | 415, .. }) => self.has_protobuf.store(false, Ordering::Relaxed),
                answer => return answer,
            }
        }
        self.patiently(path, JSON).await
    }

    /// The body of a response as text.
    pub(super) async fn text(&self, path: &str) -> Result<String, Refusal> {
        let mut tries = 1;
        loop {
            let mut answer = self.open(path, Encoding::Json).await?;
            match answer.whole().await {
                Ok(body) => return String::from_utf8(body).map_err(|_| Refusal::garbled(path, &"it is not UTF-8")),
                Err(refusal) if tries >= refusal.tries() => return Err(refusal),
                Err(_) => tries += 1,
            }
        }
    }

    /// The body of a response, decoded from JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        serde_json::from_str(&self.text(path).await?).map_err(|error| Refusal::garbled(path, &error))
    }

    /// Sends a request, with retries, and returns when the headers have arrived.
    async fn patiently(&self, path: &str, accept: &'static str) -> Result<Answer, Refusal> {
        let mut tries = 1;
        loop {
            let once = tokio::time::timeout(self.timeout, self.once(path, accept)).await;
            let (refusal, wait) = match once.unwrap_or(Err((Refusal::TimedOut(self.timeout), None))) {
                Ok(answer) => return Ok(answer),
                Err(refused) => refused,
            };
            if tries >= refusal.tries() {
                return Err(refusal);
            }
            let backoff = Duration::from_millis(100) * 2_u32.pow(tries);
            tokio::time::sleep(wait.unwrap_or(backoff).min(LONGEST_WAIT)).await;
            tries += 1;
        }
    }

    /// A single try; an error comes with the wait of `Retry-After`.
    async fn once(&self, path: &str, accept: &'static str) -> Result<Answer, (Refusal, Option<Duration>)> {
        let request = http::Request::get(path).header(http::header::ACCEPT, accept).body(Body::empty());
        let request = request.map_err(|error| (Refusal::Broken(error.to_string()), None))?;
        let response = self.client.send(request).await.map_err(|error| (Refusal::Broken(causes(&error)), None))?;
        let (status, after) = (response.status(), retry_after(response.headers()));
        let encoding = encoding(path, response.headers());
        let answer = |encoding| Answer { encoding, body: response.into_body(), timeout: self.timeout, deadline: None };
        if status.is_success() {
            return encoding.map(answer).map_err(|refusal| (refusal, None));
        }
        let encoding = encoding.unwrap_or(Encoding::Json);
        let body = answer(encoding).whole().await.map_err(|refusal| (refusal, None))?;
        let said = match encoding {
            Encoding::Json => serde_json::from_slice::<Said>(&body).map(|said| said.message).unwrap_or_default(),
            Encoding::Protobuf => protobuf::status_message(&body),
        };
        let message = if said.is_empty() { status.canonical_reason().unwrap_or("no reason given").to_owned() } else { said };
        Err((Refusal::Status { code: status.as_u16(), message }, after))
    }
}

/// The encoding of a response by its `Content-Type`. Without one it is taken as JSON and decoded strictly.
fn encoding(path: &str, headers: &http::HeaderMap) -> Result<Encoding, Refusal> {
    let said = headers.get(http::header::CONTENT_TYPE).map_or(Ok("application/json"), http::HeaderValue::to_str).unwrap_or_default();
    match said.split(';').next().unwrap_or_default().trim() {
        protobuf::MEDIA_TYPE => Ok(Encoding::Protobuf),
        "application/json" => Ok(Encoding::Json),
        other => Err(Refusal::garbled(path, &format!("it is {other}"))),
    }
}

fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

impl Refusal {
    /// How many tries a request with this error is worth, the first one included.
    pub(super) fn tries(&self) -> u32 {
        match self {
            Self::Status { code, .. } if *code == StatusCode::TOO_MANY_REQUESTS.as_u16() || *code >= 500 => 4,
            // A kept-alive connection may have been closed meanwhile; a new one shows the real error.
            Self::Broken(_) => 2,
            Self::Status { .. } | Self::TimedOut(_) | Self::Garbled(_) => 1,
        }
    }

    pub(super) fn garbled(path: &str, because: &dyn fmt::Display) -> Self {
        Self::Garbled(format!("the answer to {path} is not what Kubernetes sends ({because})"))
    }

    /// The gap that the error leaves.
    pub(super) fn gap(&self, wanted: String, verb: &str, resource: &Resource) -> Gap {
        let hint = match self {
            Self::Status { code: 403, .. } => format!("grant `{verb}` on {}", resource.rights()),
            Self::Status { code: 401, .. } => "log in again, or name another user with --user or --context".into(),
            Self::Status { code: 404, .. } => format!("install the CRD of {}, if this cluster is to have it", resource.rights()),
            Self::Status { .. } | Self::Broken(_) | Self::Garbled(_) => {
                "try again; if it stays, look at the API server and what stands before it".into()
            }
            Self::TimedOut(_) => "try again, or give it more time with --request-timeout".into(),
        };
        Gap::new(wanted, self.to_string(), hint).of(resource.kind)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code: 401, message } => write!(f, "not logged in: {message}"),
            Self::Status { code: 403, message } => write!(f, "forbidden: {message}"),
            Self::Status { code, message } => write!(f, "the server answered {code}: {message}"),
            Self::Broken(because) => write!(f, "the connection failed: {because}"),
            Self::TimedOut(after) => write!(f, "no answer within {} s", after.as_secs_f32()),
            Self::Garbled(because) => f.write_str(because),
        }
    }
}
