//! Decodes one response of the query API.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use super::{
    error::QueryError,
    partial::{self, Partial},
};
use crate::object::Text;

/// A sample: labels and a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    labels: BTreeMap<String, String>,
    /// The number; always finite.
    pub(super) value: f64,
}

/// The samples of a response, and what limits their completeness.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct QueryResult {
    pub(super) samples: Vec<Sample>,
    /// The store's warnings: something is missing.
    pub(super) warnings: Vec<String>,
    /// The store's notes.
    pub(super) infos: Vec<String>,
    /// Number of samples that are not finite.
    pub(super) non_finite: usize,
}

#[derive(Deserialize)]
struct Response {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    infos: Option<Vec<String>>,
    #[serde(flatten)]
    partial: Partial,
}

#[derive(Deserialize)]
struct Data {
    #[serde(flatten)]
    partial: Partial,
    #[serde(rename = "resultType")]
    result_type: String,
    result: Box<serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct WireSample {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    /// Time and number; the number is a string, because JSON has no `NaN`.
    value: (serde_json::Number, String),
}

/// The body of an error of the API server, which forwards requests to a Service.
#[derive(Deserialize)]
struct Status {
    kind: String,
    #[serde(default)]
    message: String,
}

impl Sample {
    /// A label; empty if missing.
    pub(super) fn label(&self, name: &str) -> Text {
        self.labels.get(name).map_or("", String::as_str).into()
    }

    /// The number as a count. Prometheus estimates, so any positive value counts as at least one.
    pub(super) fn count(&self) -> u64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
        let rounded = self.value.round() as u64;
        if self.value > 0.0 { rounded.max(1) } else { 0 }
    }
}

/// Decodes the body of a response.
pub(super) fn decode(code: u16, headers: &HeaderMap, body: &[u8]) -> Result<QueryResult, QueryError> {
    let content_type = headers.get(header::CONTENT_TYPE).map_or(Ok(""), HeaderValue::to_str).unwrap_or_default();
    let response = match serde_json::from_slice::<Response>(body) {
        Ok(response) if response.status == "success" || !response.error_type.is_empty() => response,
        Ok(response) => return Err(other_error(code, content_type, body, format!("the status is `{}`", response.status))),
        Err(error) => return Err(other_error(code, content_type, body, error.to_string())),
    };
    if response.status != "success" {
        return Err(prometheus_error(code, response.error_type, response.error));
    }
    let invalid_response = |reason: String| QueryError::InvalidResponse(reason);
    let data = response.data.ok_or_else(|| invalid_response("no data".into()))?;
    if data.result_type != "vector" {
        return Err(invalid_response(format!("the result is a {}, not a vector", data.result_type)));
    }
    let wire_samples: Vec<WireSample> = serde_json::from_str(data.result.get()).map_err(|error| invalid_response(error.to_string()))?;
    let (mut warnings, infos) = (response.warnings.unwrap_or_default(), response.infos.unwrap_or_default());
    warnings.extend(partial::reasons(code, headers, &[response.partial, data.partial], &infos));
    let mut result = QueryResult { warnings, infos, ..QueryResult::default() };
    for WireSample { metric, value: (_, number) } in wire_samples {
        let value: f64 = number.parse().map_err(|_| invalid_response(format!("invalid number `{number}`")))?;
        if value.is_finite() {
            result.samples.push(Sample { labels: metric, value });
        } else {
            result.non_finite += 1;
        }
    }
    Ok(result)
}

/// The error that Prometheus itself reports.
fn prometheus_error(code: u16, kind: String, message: String) -> QueryError {
    match kind.as_str() {
        "timeout" | "canceled" => QueryError::TooExpensive(message),
        "execution" if message.contains("too many samples") || message.contains("timed out") => QueryError::TooExpensive(message),
        _ if code == 401 => QueryError::Unauthorized(message),
        _ if code == 403 => QueryError::Forbidden(message),
        _ => QueryError::Rejected { kind, message },
    }
}

/// The error for a response that does not come from Prometheus.
fn other_error(code: u16, content_type: &str, body: &[u8], reason: String) -> QueryError {
    let status = serde_json::from_slice::<Status>(body).ok().filter(|status| status.kind == "Status");
    let message = status.map(|status| status.message).unwrap_or_default();
    let is_page = content_type.starts_with("text/html") || body.trim_ascii_start().starts_with(b"<");
    match code {
        401 => QueryError::Unauthorized(message),
        403 => QueryError::Forbidden(message),
        300..=399 => QueryError::LoginPage,
        404 => QueryError::NotFound(message),
        _ if is_page && code < 500 => QueryError::LoginPage,
        503 if message.is_empty() => QueryError::TooExpensive("Prometheus is not available".into()),
        504 => QueryError::TooExpensive("the gateway in front of it timed out".into()),
        200..=299 => QueryError::InvalidResponse(reason),
        _ => QueryError::Status { code, message },
    }
}
