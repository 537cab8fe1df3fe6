//! Lists Services by label.

use std::time::Duration;

use serde::Deserialize;

use super::api::{Api, RequestError};
use crate::{
    object::wire,
    source::{connection::Connection, error::SourceError},
};

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    items: Vec<wire::Service>,
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
    let (client, place) = connection.connect().await?;
    let api = Api::new(client, timeout);
    let unreachable = |error: RequestError| SourceError::Unreachable { server: place.server.clone(), reason: error.to_string() };
    let mut found = Vec::new();
    for label in labels {
        let page: Page = api.json(&format!("/api/v1/services?labelSelector={label}")).await.map_err(unreachable)?;
        found.extend(page.items);
    }
    Ok(found)
}
