//! Traffic counted by proxies, read from a Prometheus with a fixed set of `GET` queries.

mod access;
mod collector;
mod discovery;
mod error;
mod http_client;
mod partial;
pub mod promql;
mod request;
mod response;

use http::{HeaderMap, HeaderValue, header};
use tokio::runtime;

use self::{collector::Collector, http_client::HttpClient, promql::Queries};
use crate::object::{Gap, evidence::Evidence};

pub use access::{Access, AccessError, Credentials, DEFAULT_MAX_RESPONSE, Options, Secret, Service};
pub use discovery::candidates;
pub use request::Request;

/// Runs all queries. What fails is recorded in the evidence's gaps and in `unanswered`.
#[must_use]
pub fn read(access: &Access, request: &Request) -> Evidence {
    match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(Box::pin(read_all(access, request))),
        Err(error) => empty_evidence(
            access,
            request,
            format!("cannot start a thread: {error}"),
            "raise the limit on threads or memory (ulimit -u, ulimit -v)",
        ),
    }
}

/// The values in the body of a response to an instant query, in order and without non-finite ones.
///
/// # Errors
/// If the body is not such a response, with the reason.
pub fn samples(status: u16, media_type: &str, body: &[u8]) -> Result<Vec<f64>, String> {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let result = response::decode(status, &headers, body).map_err(|error| error.to_string())?;
    Ok(result.samples.iter().map(|sample| sample.value).collect())
}

async fn read_all(access: &Access, request: &Request) -> Evidence {
    match HttpClient::open(access).await {
        Ok(http) => Collector::new(access, http, Queries::new(access.matchers.clone(), &request.namespaces), request).collect().await,
        Err(error) => empty_evidence(access, request, error.to_string(), error.hint(access.is_proxied())),
    }
}

/// Empty evidence, with the reason as a gap.
fn empty_evidence(access: &Access, request: &Request, reason: String, hint: &str) -> Evidence {
    let gap = Gap::new(format!("traffic evidence from {}", access.display_address()), reason, hint);
    Evidence { unanswered: collector::ORDER.into(), gaps: vec![gap], ..request.evidence(access) }
}
