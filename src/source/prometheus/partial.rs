//! Whether a store behind the query API marks its response as partial. Stores have different fields and headers for that.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

/// Fields that mark a partial response, each a boolean: `isPartial` is that of `VictoriaMetrics`.
#[derive(Default, Deserialize)]
pub(super) struct Partial {
    #[serde(default, rename = "isPartial")]
    of_victoria_metrics: Value,
    #[serde(default, rename = "partial")]
    short: Value,
    #[serde(default, rename = "partialResponse")]
    camel_case: Value,
    #[serde(default, rename = "partial_response")]
    snake_case: Value,
}

impl Partial {
    fn field(&self) -> Option<&'static str> {
        let Self { of_victoria_metrics, short, camel_case, snake_case } = self;
        let fields =
            [("isPartial", of_victoria_metrics), ("partial", short), ("partialResponse", camel_case), ("partial_response", snake_case)];
        fields.into_iter().find(|(_, value)| is_set(value)).map(|(name, _)| name)
    }
}

/// Whether a field is set: to anything but what means `false`.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_set) => *is_set,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => is_yes(text),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn is_yes(text: &str) -> bool {
    !matches!(text.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "none")
}

/// Every sign that a response is partial.
pub(super) fn reasons(code: u16, headers: &HeaderMap, fields: &[Partial; 2], infos: &[String]) -> Vec<String> {
    let status = (code == StatusCode::PARTIAL_CONTENT.as_u16()).then(|| "the response is partial (status 206)".to_owned());
    let fields = fields.iter().filter_map(Partial::field).map(|name| format!("the response is partial (`{name}` is set)"));
    let headers = headers.iter().filter_map(|(name, value)| header_reason(name.as_str(), value));
    // A note is no warning, unless it is about missing data.
    let notes = infos.iter().filter(|note| note.to_ascii_lowercase().contains("partial")).cloned();
    let mut all: Vec<String> = status.into_iter().chain(fields).chain(headers).chain(notes).collect();
    all.sort();
    all.dedup();
    all
}

fn header_reason(name: &str, value: &HeaderValue) -> Option<String> {
    let value = String::from_utf8_lossy(value.as_bytes());
    if name == header::WARNING.as_str() {
        return Some(format!("the response has a warning: {value}"));
    }
    (name.contains("partial") && is_yes(&value)).then(|| format!("the response is partial (header {name}: {value})"))
}
