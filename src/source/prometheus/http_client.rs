//! Sends a single query: a GET with a timeout and a maximum response size.

use http::{Request, header};
use http_body_util::BodyExt as _;
use kube::{Client, Config, client::Body};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    access::{Access, Address, Credentials},
    error::QueryError,
    response::{self, QueryResult},
};
use crate::source::connection::error_chain;

/// Maximum size of a response in bytes.
const MAX_RESPONSE_SIZE: usize = 64 << 20;

/// A client of a Prometheus.
pub(super) struct HttpClient<'a> {
    client: Client,
    /// Path prefix before `/api/v1`, if it is not part of the client's base URL.
    prefix: String,
    access: &'a Access,
}

impl<'a> HttpClient<'a> {
    pub(super) async fn open(access: &'a Access) -> Result<Self, QueryError> {
        let (client, prefix) = match &access.address {
            Address::Url(url) => {
                let config = config(access, url.clone()).map_err(QueryError::Unreachable)?;
                (Client::try_from(config).map_err(|error| QueryError::Unreachable(error_chain(&error)))?, String::new())
            }
            Address::Service { connection, service } => {
                let (client, _) = connection.connect().await.map_err(|error| QueryError::Unreachable(error.to_string()))?;
                let prefix = format!("/api/v1/namespaces/{}/services/http:{}:{}/proxy", service.namespace, service.name, service.port);
                (client, prefix)
            }
        };
        Ok(Self { client, prefix, access })
    }

    /// The samples of an instant query at a time, in seconds since 1970.
    pub(super) async fn query_at(&self, query: &str, time: i64) -> Result<QueryResult, QueryError> {
        let timeout = self.access.timeout;
        tokio::time::timeout(timeout, self.send(query, time)).await.unwrap_or(Err(QueryError::TimedOut(timeout)))
    }

    async fn send(&self, query: &str, time: i64) -> Result<QueryResult, QueryError> {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        let timeout = self.access.timeout.as_secs().max(1);
        let path = format!("{}/api/v1/query?query={query}&time={time}&timeout={timeout}s", self.prefix);
        let mut request = Request::get(path).header(header::ACCEPT, "application/json");
        if self.access.is_proxied() {
            for (name, value) in &self.access.headers {
                request = request.header(name, value);
            }
        }
        let request = request.body(Body::empty()).map_err(|error| QueryError::Unreachable(error.to_string()))?;
        let response = self.client.send(request).await.map_err(|error| QueryError::Unreachable(error_chain(&error)))?;
        let code = response.status().as_u16();
        let content_type =
            response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        response::decode(code, &content_type, &read_body(response.into_body()).await?)
    }
}

async fn read_body(mut body: Body) -> Result<Vec<u8>, QueryError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| QueryError::Unreachable(error_chain(&error)))?;
        // A frame without data is a trailer, which is not used.
        let Ok(chunk) = frame.into_data() else { continue };
        if bytes.len() + chunk.len() > MAX_RESPONSE_SIZE {
            return Err(QueryError::TooLong(MAX_RESPONSE_SIZE));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The client configuration for a URL. The client for API servers is used: HTTP, TLS and both kinds of credentials are the same.
fn config(access: &Access, url: http::Uri) -> Result<Config, String> {
    let mut config = Config::new(url);
    config.default_retry = false;
    config.connect_timeout = Some(access.timeout);
    config.accept_invalid_certs = access.insecure;
    config.root_cert_file.clone_from(&access.ca_file);
    config.headers.clone_from(&access.headers);
    let credentials = match &access.credentials {
        Credentials::None => return Ok(config),
        Credentials::Token(token) => serde_json::json!({"token": token.expose()}),
        Credentials::Basic { user, password } => serde_json::json!({"username": user, "password": password.expose()}),
    };
    config.auth_info = serde_json::from_value(credentials).map_err(|_| "cannot send the credentials".to_owned())?;
    Ok(config)
}
