//! The way to a cluster: kubeconfig, context, and the flags that kubectl has for both.

use std::path::PathBuf;

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use super::SourceError;
use crate::object::ClusterPlace;

/// Which cluster, and as whom: kubectl's flags, all of them optional.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `--cluster`.
    pub cluster: Option<String>,
    /// `--user`.
    pub user: Option<String>,
    /// `--server`.
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

impl Connection {
    /// A client, and what to call the cluster.
    pub(super) async fn open(&self) -> Result<(Client, ClusterPlace), SourceError> {
        let unusable = |because: String| SourceError::NoKubeconfig { because };
        let (mut config, context) = self.config().await.map_err(unusable)?;
        if let Some(server) = &self.server {
            config.cluster_url = server.parse().map_err(|e| unusable(format!("--server {server} is no URL: {e}")))?;
        }
        config.accept_invalid_certs |= self.insecure;
        if self.impersonate.is_some() {
            config.auth_info.impersonate.clone_from(&self.impersonate);
            config.auth_info.impersonate_groups = (!self.impersonate_groups.is_empty()).then(|| self.impersonate_groups.clone());
            config.auth_info.impersonate_uid.clone_from(&self.impersonate_uid);
        }
        // Retries are this tool's own affair: they mind Retry-After and the deadline.
        config.default_retry = false;
        let place = ClusterPlace { context, server: config.cluster_url.to_string(), version: String::new() };
        let client = Client::try_from(config).map_err(|e| unusable(causes(&e)))?;
        Ok((client, place))
    }

    async fn config(&self) -> Result<(Config, Option<String>), String> {
        let options = KubeConfigOptions { context: self.context.clone(), cluster: self.cluster.clone(), user: self.user.clone() };
        let file = match &self.kubeconfig {
            Some(path) => Kubeconfig::read_from(path).map(Some),
            None => Kubeconfig::read().map(Some),
        };
        let file = match file {
            Ok(file) => file,
            // Inside a cluster there is no file, and the pod's service account is the way in.
            Err(_) if self.kubeconfig.is_none() && self.context.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => None,
            Err(error) => return Err(causes(&error)),
        };
        let Some(file) = file else {
            return Config::incluster().map(|config| (config, None)).map_err(|e| causes(&e));
        };
        let context = self.context.clone().or_else(|| file.current_context.clone());
        let config = Config::from_custom_kubeconfig(file, &options).await.map_err(|e| causes(&e))?;
        Ok((config, context))
    }

    /// How to name the user in a message.
    pub(super) fn whom(&self) -> String {
        self.impersonate.as_ref().map_or_else(|| "the user of the kubeconfig".into(), |name| format!("user {name}"))
    }
}

/// An error and everything behind it, in one line.
pub(super) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}
