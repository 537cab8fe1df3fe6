//! Traffic counted by proxies, read from a Prometheus with a fixed set of `GET` queries.

mod access;
mod answer;
mod discovery;
mod error;
mod http;
pub mod promql;
mod question;
mod reading;

use tokio::runtime;

use self::{http::Http, promql::Queries, reading::Reading};
use crate::object::{Gap, evidence::Evidence};

pub use access::{Access, AccessError, Login, Options, Secret, Service};
pub use discovery::candidates;
pub use question::Question;

/// Runs all queries. What fails is recorded in the evidence's gaps and in `unanswered`.
#[must_use]
pub fn read(access: &Access, question: &Question) -> Evidence {
    match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(Box::pin(all(access, question))),
        Err(error) => nothing(
            access,
            question,
            format!("no thread to read with: {error}"),
            "raise the limit on threads or memory (ulimit -u, ulimit -v)",
        ),
    }
}

/// The values in the body of a response to an instant query, in order and without non-finite ones.
///
/// # Errors
/// If the body is not such a response, with the reason.
pub fn samples(status: u16, media_type: &str, body: &[u8]) -> Result<Vec<f64>, String> {
    let rows = answer::rows(status, media_type, body).map_err(|error| error.to_string())?;
    Ok(rows.found.iter().map(|row| row.value).collect())
}

async fn all(access: &Access, question: &Question) -> Evidence {
    match Http::open(access).await {
        Ok(http) => Reading::new(access, http, Queries::new(access.matchers.clone(), &question.namespaces), question).all().await,
        Err(error) => nothing(access, question, error.to_string(), error.hint(access.is_proxied())),
    }
}

/// Empty evidence, with the reason as a gap.
fn nothing(access: &Access, question: &Question, because: String, hint: &str) -> Evidence {
    let gap = Gap::new(format!("traffic evidence from {}", access.from()), because, hint);
    Evidence { unanswered: reading::ORDER.into(), gaps: vec![gap], ..question.evidence(access) }
}
