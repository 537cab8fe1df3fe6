//! Lists Services by label.

use std::time::Duration;

use serde::Deserialize;

use super::{api::Api, limits::Limits, path::Resource, request_error::RequestError, type_meta::TypeMeta};
use crate::{
    object::{Kind, wire},
    source::{connection::Connection, error::SourceError},
};

#[derive(Deserialize)]
struct Page {
    kind: String,
    #[serde(default)]
    items: Option<Vec<wire::Service>>,
}

/// The Services with any of these labels, each written as `KEY=VALUE` and escaped for a URL.
///
/// # Errors
/// If the cluster cannot be reached, or listing Services is denied.
pub(in crate::source) async fn services_with_labels(
    connection: &Connection,
    labels: &[&str],
    timeout: Duration,
) -> Result<Vec<wire::Service>, SourceError> {
    let connected = connection.connect().await?;
    let place = connected.place.clone();
    let api = Api::new(connected, timeout, Limits::default());
    let unreachable = |error: RequestError| SourceError::Unreachable { server: place.server.clone(), reason: error.to_string() };
    let mut found = Vec::new();
    for label in labels {
        let path = format!("/api/v1/services?labelSelector={label}");
        let Page { kind, items } = api.json(&path).await.map_err(unreachable)?;
        let types = TypeMeta { kind: Some(kind.into()), api_version: None };
        let checked = types.check_list(&Resource::of(Kind::Service, "v1"));
        checked.map_err(|reason| unreachable(RequestError::invalid_response(&path, &reason)))?;
        found.extend(items.unwrap_or_default());
    }
    Ok(found)
}
