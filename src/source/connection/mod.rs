//! The connection to a cluster: kubeconfig, context, and kubectl's flags for both.

mod address;
mod failure;
mod kubeconfig;
mod login;
mod masked;

use std::path::PathBuf;

use kube::{
    Client, Config,
    config::{AuthInfo, Cluster, KubeConfigOptions, Kubeconfig},
};

use self::{
    address::Address,
    kubeconfig::{FileError, selection_error},
};
use super::error::SourceError;
use crate::object::ClusterInfo;

pub(super) use failure::{Route, error_chain};
pub(super) use masked::{masked, masked_address};

/// kubectl's flags for the cluster and the user, all of them optional.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
    pub cluster: Option<String>,
    pub user: Option<String>,
    pub server: Option<String>,
    /// `--as`.
    pub impersonate: Option<String>,
    /// `--as-group`.
    pub impersonate_groups: Vec<String>,
    /// `--as-uid`.
    pub impersonate_uid: Option<String>,
    /// `--insecure-skip-tls-verify`.
    pub insecure: bool,
}

/// A client of a cluster, with what messages need.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) place: ClusterInfo,
    pub(super) route: Route,
}

impl Connection {
    /// A client, and the cluster's name for messages.
    pub(super) async fn connect(&self) -> Result<Connected, SourceError> {
        let unusable = |reason: String| SourceError::NoKubeconfig { reason };
        let (mut config, context, trust) = self.config().await.map_err(unusable)?;
        config.accept_invalid_certs |= self.insecure;
        if self.impersonate.is_some() {
            config.auth_info.impersonate.clone_from(&self.impersonate);
            config.auth_info.impersonate_groups = (!self.impersonate_groups.is_empty()).then(|| self.impersonate_groups.clone());
            config.auth_info.impersonate_uid.clone_from(&self.impersonate_uid);
        }
        login::resolve(&mut config.auth_info).map_err(unusable)?;
        // This tool retries itself, with regard to Retry-After and the deadline.
        config.default_retry = false;
        if !config.disable_compression {
            config.headers.push(accept_gzip());
        }
        check_impersonation(&config.auth_info).map_err(unusable)?;
        let proxy = set_proxy(&mut config).map_err(unusable)?;
        let place = ClusterInfo { context, server: config.cluster_url.to_string(), version: String::new() };
        let client = Client::try_from(config).map_err(|error| unusable(error_chain(&error)))?;
        Ok(Connected { client, place, route: Route { trust, proxy } })
    }

    /// The configuration, the context, and the CA certificates that are trusted.
    async fn config(&self) -> Result<(Config, Option<String>, String), String> {
        let mut file = match self.file() {
            Ok(file) => file,
            // In a pod there is no kubeconfig, and its service account is used.
            Err(FileError::Missing(_)) if self.context.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => {
                let mut config = Config::incluster().map_err(|e| error_chain(&e))?;
                if let Some(server) = &self.server {
                    config.cluster_url = Address::parse(server, true).map_err(|reason| format!("--server: {reason}"))?.url;
                }
                return Ok((config, None, "the CA certificates of the service account".into()));
            }
            Err(error) => return Err(error.into_reason()),
        };
        let context = self.context.clone().or_else(|| file.current_context.clone()).filter(|context| !context.is_empty());
        if context.is_none() && (self.cluster.is_none() || self.user.is_none()) {
            return Err("the kubeconfig has no current context, and --context is not set".into());
        }
        self.check_user(&file, context.as_deref())?;
        let login = self.set_address(&mut file, context.as_deref())?;
        let options = KubeConfigOptions { context: context.clone(), cluster: self.cluster.clone(), user: self.user.clone() };
        let mut config = Config::from_custom_kubeconfig(file, &options).await.map_err(|error| selection_error(&error))?;
        if config.root_cert.as_ref().is_some_and(|certificates| certificates.iter().all(Vec::is_empty)) {
            return Err("certificate-authority-data of the cluster contains no certificate".into());
        }
        if let Some(login) = login {
            login::use_url(&mut config.auth_info, login)?;
        }
        let trust = if config.root_cert.is_some() { "the CA certificates in the kubeconfig" } else { "the CA certificates of this system" };
        Ok((config, context, trust.into()))
    }

    /// Replaces the address of the selected cluster by the one that is used. Returns user name and password of its URL.
    fn set_address(&self, file: &mut Kubeconfig, context: Option<&str>) -> Result<Option<(String, String)>, String> {
        let selected = file.contexts.iter().find(|entry| Some(entry.name.as_str()) == context).and_then(|entry| entry.context.clone());
        let user = self.user.clone().or_else(|| selected.as_ref()?.user.clone());
        let auth = file.auth_infos.iter().find(|entry| Some(&entry.name) == user.as_ref()).and_then(|entry| entry.auth_info.as_ref());
        let has_client_certificate = auth.is_some_and(|auth| auth.client_certificate.is_some() || auth.client_certificate_data.is_some());
        let Some(name) = self.cluster.clone().or_else(|| selected.map(|context| context.cluster)) else { return Ok(None) };
        let Some(cluster) = file.clusters.iter_mut().find(|entry| entry.name == name).and_then(|entry| entry.cluster.as_mut()) else {
            return Ok(None);
        };
        let Some(text) = self.server.as_ref().or(cluster.server.as_ref()) else { return Ok(None) };
        let has_certificates = has_client_certificate || self.insecure || has_authority(cluster);
        let parsed = Address::parse(text, has_certificates);
        let Address { url, login } = parsed.map_err(|reason| if self.server.is_some() { format!("--server: {reason}") } else { reason })?;
        cluster.server = Some(url.to_string());
        Ok(login)
    }

    /// The kubeconfig: the given file, else those that kubectl reads.
    pub(super) fn file(&self) -> Result<Kubeconfig, FileError> {
        kubeconfig::read(self.kubeconfig.as_deref())
    }

    /// Rejects a user that is not in the kubeconfig: requests would be anonymous, and all denied.
    fn check_user(&self, file: &Kubeconfig, context: Option<&str>) -> Result<(), String> {
        let of_context = || file.contexts.iter().find(|entry| Some(entry.name.as_str()) == context)?.context.as_ref()?.user.clone();
        let Some(user) = self.user.clone().or_else(of_context).filter(|user| !user.is_empty()) else { return Ok(()) };
        let exists = file.auth_infos.iter().any(|entry| entry.name == user);
        if exists { Ok(()) } else { Err(format!("the kubeconfig has no user {user}")) }
    }

    /// The user, as named in messages.
    pub(super) fn user_description(&self) -> String {
        self.impersonate.as_ref().map_or_else(|| "the user of the kubeconfig".into(), |name| format!("user {name}"))
    }
}

/// The header that asks for compressed responses, which [`HttpBody`](super::http_body::HttpBody) unpacks.
pub(super) fn accept_gzip() -> (http::HeaderName, http::HeaderValue) {
    (http::header::ACCEPT_ENCODING, http::HeaderValue::from_static("gzip"))
}

/// Whether a cluster sets anything about TLS, which makes HTTPS the default scheme.
fn has_authority(cluster: &Cluster) -> bool {
    let Cluster { certificate_authority, certificate_authority_data, insecure_skip_tls_verify, .. } = cluster;
    certificate_authority.is_some() || certificate_authority_data.is_some() || *insecure_skip_tls_verify == Some(true)
}

/// Adds the scheme to a proxy without one, as Go does. Returns the proxy for messages.
fn set_proxy(config: &mut Config) -> Result<Option<String>, String> {
    let Some(proxy) = config.proxy_url.take() else { return Ok(None) };
    let shown = masked_address(&proxy.to_string());
    let invalid = || format!("invalid proxy `{shown}`: expected http://, https:// or socks5://");
    let proxy = if proxy.scheme().is_none() { format!("http://{proxy}").parse().map_err(|_| invalid())? } else { proxy };
    if !matches!(proxy.scheme_str(), Some("http" | "https" | "socks5")) || proxy.host().is_none_or(str::is_empty) {
        return Err(invalid());
    }
    config.proxy_url = Some(proxy);
    Ok(Some(shown))
}

/// Rejects names that cannot be sent in a header.
fn check_impersonation(auth: &AuthInfo) -> Result<(), String> {
    let groups = auth.impersonate_groups.iter().flatten();
    let mut names = auth.impersonate.iter().chain(&auth.impersonate_uid).chain(groups);
    if names.all(|name| http::HeaderValue::from_str(name).is_ok()) {
        return Ok(());
    }
    Err("the user, group or UID to impersonate contains a line break or another character that is invalid in a header".into())
}
