//! Sends a single query: a GET with a timeout and a maximum response size.

use http::{Request, header};
use http_body_util::BodyExt as _;
use kube::{Client, Config, client::Body};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    access::{Access, Login, Place},
    answer::{self, Rows},
    error::QueryError,
};
use crate::source::connection::causes;

/// Maximum size of a response in bytes.
const LONGEST: usize = 64 << 20;

/// A client of a Prometheus.
pub(super) struct Http<'a> {
    client: Client,
    /// Path prefix before `/api/v1`, if it is not part of the client's base URL.
    prefix: String,
    access: &'a Access,
}

impl<'a> Http<'a> {
    pub(super) async fn open(access: &'a Access) -> Result<Self, QueryError> {
        let (client, prefix) = match &access.place {
            Place::Url(url) => {
                let config = config(access, url.clone()).map_err(QueryError::Unreachable)?;
                (Client::try_from(config).map_err(|error| QueryError::Unreachable(causes(&error)))?, String::new())
            }
            Place::Service { connection, service } => {
                let (client, _) = connection.open().await.map_err(|error| QueryError::Unreachable(error.to_string()))?;
                let prefix = format!("/api/v1/namespaces/{}/services/http:{}:{}/proxy", service.namespace, service.name, service.port);
                (client, prefix)
            }
        };
        Ok(Self { client, prefix, access })
    }

    /// The samples of an instant query at a time, in seconds since 1970.
    pub(super) async fn ask(&self, query: &str, time: i64) -> Result<Rows, QueryError> {
        let timeout = self.access.timeout;
        tokio::time::timeout(timeout, self.once(query, time)).await.unwrap_or(Err(QueryError::TimedOut(timeout)))
    }

    async fn once(&self, query: &str, time: i64) -> Result<Rows, QueryError> {
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
        let response = self.client.send(request).await.map_err(|error| QueryError::Unreachable(causes(&error)))?;
        let code = response.status().as_u16();
        let content_type =
            response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        answer::rows(code, &content_type, &whole(response.into_body()).await?)
    }
}

/// The whole body.
async fn whole(mut body: Body) -> Result<Vec<u8>, QueryError> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| QueryError::Unreachable(causes(&error)))?;
        // A frame without data is a trailer, which is not used.
        let Ok(piece) = frame.into_data() else { continue };
        if whole.len() + piece.len() > LONGEST {
            return Err(QueryError::TooLong(LONGEST));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// The client configuration for a URL. The client for API servers is used: HTTP, TLS and both kinds of credentials are the same.
fn config(access: &Access, url: http::Uri) -> Result<Config, String> {
    let mut config = Config::new(url);
    config.default_retry = false;
    config.connect_timeout = Some(access.timeout);
    config.accept_invalid_certs = access.insecure;
    config.root_cert_file.clone_from(&access.authorities);
    config.headers.clone_from(&access.headers);
    let login = match &access.login {
        Login::None => return Ok(config),
        Login::Token(token) => serde_json::json!({"token": token.reveal()}),
        Login::Basic { user, password } => serde_json::json!({"username": user, "password": password.reveal()}),
    };
    config.auth_info = serde_json::from_value(login).map_err(|_| "the login cannot be sent".to_owned())?;
    Ok(config)
}
