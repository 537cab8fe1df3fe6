//! One request: a deadline, retries, and a plain word for everything that can go wrong.

use std::{fmt, time::Duration};

use http::StatusCode;
use http_body_util::BodyExt as _;
use kube::{Client, client::Body};
use serde::{Deserialize, de::DeserializeOwned};

use super::{connection::causes, kinds::Resource};
use crate::object::Gap;

/// The API server.
pub(super) struct Api {
    client: Client,
    timeout: Duration,
}

/// Why a request gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The server said no.
    Status { code: u16, message: String },
    /// No answer, or half of one.
    Broken(String),
    /// No answer in time.
    TimedOut(Duration),
    /// An answer that is not what was asked for.
    Garbled(String),
}

/// The body of an error, as the API server writes it.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
}

/// Never wait longer than this between two tries, whatever the server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

impl Api {
    pub(super) fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout }
    }

    /// The body of an answer.
    pub(super) async fn text(&self, path: &str) -> Result<String, Refusal> {
        let mut tries = 1;
        loop {
            let once = tokio::time::timeout(self.timeout, self.once(path)).await;
            let (refusal, wait) = match once.unwrap_or(Err((Refusal::TimedOut(self.timeout), None))) {
                Ok(text) => return Ok(text),
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

    /// An answer, decoded.
    pub(super) async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        serde_json::from_str(&self.text(path).await?).map_err(|error| Refusal::garbled(path, &error))
    }

    /// One try; an error comes with the wait that the server asked for.
    async fn once(&self, path: &str) -> Result<String, (Refusal, Option<Duration>)> {
        let request = http::Request::get(path).header(http::header::ACCEPT, "application/json").body(Body::empty());
        let request = request.map_err(|error| (Refusal::Broken(error.to_string()), None))?;
        let broken = |error: &(dyn std::error::Error + 'static)| (Refusal::Broken(causes(error)), None);
        let response = self.client.send(request).await.map_err(|error| broken(&error))?;
        let (status, after) = (response.status(), retry_after(response.headers()));
        let body = response.into_body().collect().await.map_err(|error| broken(&error))?.to_bytes();
        let text = String::from_utf8(body.to_vec()).map_err(|_| (Refusal::Garbled("the answer is not UTF-8".into()), None))?;
        if status.is_success() {
            return Ok(text);
        }
        let said = serde_json::from_str::<Said>(&text).map(|said| said.message).unwrap_or_default();
        let message = if said.is_empty() { status.canonical_reason().unwrap_or("no reason given").to_owned() } else { said };
        Err((Refusal::Status { code: status.as_u16(), message }, after))
    }
}

fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

impl Refusal {
    /// How often a request is worth trying that ends like this, the first time included.
    fn tries(&self) -> u32 {
        match self {
            Self::Status { code, .. } if *code == StatusCode::TOO_MANY_REQUESTS.as_u16() || *code >= 500 => 4,
            // A connection that was kept open may have ended meanwhile; a new one says what is really wrong.
            Self::Broken(_) => 2,
            Self::Status { .. } | Self::TimedOut(_) | Self::Garbled(_) => 1,
        }
    }

    pub(super) fn garbled(path: &str, error: &serde_json::Error) -> Self {
        Self::Garbled(format!("the answer to {path} is not what Kubernetes sends ({error})"))
    }

    /// What is missing because of it.
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
