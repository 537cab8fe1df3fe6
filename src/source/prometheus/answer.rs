//! Decodes one response of the query API.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::QueryError;
use crate::object::Text;

/// A sample: labels and a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    labels: BTreeMap<String, String>,
    /// The number; always finite.
    pub(super) value: f64,
}

/// The samples of a response, and what limits their completeness.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    pub(super) found: Vec<Row>,
    /// The store's warnings: something is missing.
    pub(super) warnings: Vec<String>,
    /// The store's notes.
    pub(super) infos: Vec<String>,
    /// Number of samples that are not finite.
    pub(super) numberless: usize,
}

#[derive(Deserialize)]
struct Reply {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    infos: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: Box<serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct Sample {
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

impl Row {
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
pub(super) fn rows(code: u16, content_type: &str, body: &[u8]) -> Result<Rows, QueryError> {
    let reply = match serde_json::from_slice::<Reply>(body) {
        Ok(reply) if reply.status == "success" || !reply.error_type.is_empty() => reply,
        Ok(reply) => return Err(strange(code, content_type, body, format!("its status is `{}`", reply.status))),
        Err(error) => return Err(strange(code, content_type, body, error.to_string())),
    };
    if reply.status != "success" {
        return Err(refused(code, reply.error_type, reply.error));
    }
    let garbled = |because: String| QueryError::Garbled(because);
    let data = reply.data.ok_or_else(|| garbled("it has no data".into()))?;
    if data.result_type != "vector" {
        return Err(garbled(format!("it is a {}, not a vector", data.result_type)));
    }
    let samples: Vec<Sample> = serde_json::from_str(data.result.get()).map_err(|error| garbled(error.to_string()))?;
    let mut rows = Rows { warnings: reply.warnings, infos: reply.infos, ..Rows::default() };
    for Sample { metric, value: (_, number) } in samples {
        let value: f64 = number.parse().map_err(|_| garbled(format!("`{number}` is no number")))?;
        if value.is_finite() {
            rows.found.push(Row { labels: metric, value });
        } else {
            rows.numberless += 1;
        }
    }
    Ok(rows)
}

/// The error that Prometheus itself reports.
fn refused(code: u16, kind: String, said: String) -> QueryError {
    match kind.as_str() {
        "timeout" | "canceled" => QueryError::Slow(said),
        "execution" if said.contains("too many samples") || said.contains("timed out") => QueryError::Slow(said),
        _ if code == 401 => QueryError::NotLoggedIn(said),
        _ if code == 403 => QueryError::Forbidden(said),
        _ => QueryError::Refused { kind, said },
    }
}

/// The error for a response that does not come from Prometheus.
fn strange(code: u16, content_type: &str, body: &[u8], because: String) -> QueryError {
    let status = serde_json::from_slice::<Status>(body).ok().filter(|status| status.kind == "Status");
    let said = status.map(|status| status.message).unwrap_or_default();
    let is_page = content_type.starts_with("text/html") || body.trim_ascii_start().starts_with(b"<");
    match code {
        401 => QueryError::NotLoggedIn(said),
        403 => QueryError::Forbidden(said),
        300..=399 => QueryError::LoginPage,
        404 => QueryError::WrongPath(said),
        _ if is_page && code < 500 => QueryError::LoginPage,
        503 if said.is_empty() => QueryError::Slow("it is not available".into()),
        504 => QueryError::Slow("the gateway before it gave up".into()),
        200..=299 => QueryError::Garbled(because),
        _ => QueryError::Status { code, said },
    }
}
