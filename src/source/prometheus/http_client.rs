//! Sends a single query: a GET with a timeout and a maximum response size.

use http::{Request, header};
use kube::{Client, Config, client::Body};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    access::{Access, Address, Credentials},
    error::QueryError,
    response::{self, QueryResult},
};
use crate::source::{
    connection::{Connected, Route, accept_gzip, error_chain},
    http_body::{BodyError, BodyLimits, HttpBody},
};

/// A client of a Prometheus.
pub(super) struct HttpClient<'a> {
    client: Client,
    /// Path prefix before `/api/v1`, if it is not part of the client's base URL.
    prefix: String,
    access: &'a Access,
    route: Route,
}

impl<'a> HttpClient<'a> {
    pub(super) async fn open(access: &'a Access) -> Result<Self, QueryError> {
        let (client, prefix, route) = match &access.address {
            Address::Url(url) => {
                let config = config(access, url.clone()).map_err(QueryError::Unreachable)?;
                let client = Client::try_from(config).map_err(|error| QueryError::Unreachable(error_chain(&error)))?;
                let trust =
                    if access.ca_file.is_some() { "the certificates of --prometheus-ca" } else { "the CA certificates of this system" };
                (client, String::new(), Route { trust: trust.into(), proxy: None })
            }
            Address::Service { connection, service } => {
                let Connected { client, route, .. } =
                    connection.connect().await.map_err(|error| QueryError::Unreachable(error.to_string()))?;
                let prefix = format!("/api/v1/namespaces/{}/services/http:{}:{}/proxy", service.namespace, service.name, service.port);
                (client, prefix, route)
            }
        };
        Ok(Self { client, prefix, access, route })
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
        let failed = |error: kube::Error| QueryError::Unreachable(self.route.explain(&error));
        let (head, body) = self.client.send(request).await.map_err(failed)?.into_parts();
        let limit = self.access.max_response;
        let mut body = HttpBody::new(&head.headers, body, BodyLimits { bytes: limit, ..BodyLimits::default() })?;
        response::decode(head.status.as_u16(), &head.headers, &body.whole(limit).await?)
    }
}

impl From<BodyError> for QueryError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Cut(reason) => Self::Unreachable(format!("the response was cut off ({reason})")),
            BodyError::Corrupt(_) | BodyError::TooDense(_) => Self::InvalidResponse(error.to_string()),
            BodyError::TooLong(limit) => Self::TooLong(limit),
        }
    }
}

/// The client configuration for a URL. The client for API servers is used: HTTP, TLS and both kinds of credentials are the same.
fn config(access: &Access, url: http::Uri) -> Result<Config, String> {
    let mut config = Config::new(url);
    config.default_retry = false;
    config.connect_timeout = Some(access.timeout);
    config.accept_invalid_certs = access.insecure;
    config.root_cert_file.clone_from(&access.ca_file);
    config.headers.clone_from(&access.headers);
    config.headers.push(accept_gzip());
    let credentials = match &access.credentials {
        Credentials::None => return Ok(config),
        Credentials::Token(token) => serde_json::json!({"token": token.expose()}),
        Credentials::Basic { user, password } => serde_json::json!({"username": user, "password": password.expose()}),
    };
    config.auth_info = serde_json::from_value(credentials).map_err(|_| "cannot send the credentials".to_owned())?;
    Ok(config)
}
