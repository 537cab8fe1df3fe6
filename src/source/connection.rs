//! The connection to a cluster: kubeconfig, context, and kubectl's flags for both.

use std::path::PathBuf;

use kube::{
    Client, Config,
    client::AuthError,
    config::{AuthInfo, KubeConfigOptions, Kubeconfig, KubeconfigError},
};

use super::error::SourceError;
use crate::object::ClusterInfo;

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

impl Connection {
    /// A client, and the cluster's name for messages.
    pub(super) async fn connect(&self) -> Result<(Client, ClusterInfo), SourceError> {
        let unusable = |reason: String| SourceError::NoKubeconfig { reason };
        let (mut config, context) = self.config().await.map_err(unusable)?;
        if let Some(server) = &self.server {
            config.cluster_url = server.parse().map_err(|e| unusable(format!("invalid --server `{server}`: {e}")))?;
        }
        config.accept_invalid_certs |= self.insecure;
        if self.impersonate.is_some() {
            config.auth_info.impersonate.clone_from(&self.impersonate);
            config.auth_info.impersonate_groups = (!self.impersonate_groups.is_empty()).then(|| self.impersonate_groups.clone());
            config.auth_info.impersonate_uid.clone_from(&self.impersonate_uid);
        }
        // This tool retries itself, with regard to Retry-After and the deadline.
        config.default_retry = false;
        let place = ClusterInfo { context, server: config.cluster_url.to_string(), version: String::new() };
        let plugin = config.auth_info.exec.as_ref().and_then(|exec| exec.command.clone()).unwrap_or_default();
        let client = Client::try_from(config).map_err(|error| unusable(auth_failure(&error, &plugin)))?;
        Ok((client, place))
    }

    async fn config(&self) -> Result<(Config, Option<String>), String> {
        let file = match self.file() {
            Ok(file) => file,
            // In a pod there is no kubeconfig, and its service account is used.
            Err(_) if self.kubeconfig.is_none() && self.context.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => {
                return Config::incluster().map(|config| (config, None)).map_err(|e| error_chain(&e));
            }
            Err(error) => return Err(error_chain(&error)),
        };
        let context = self.context.clone().or_else(|| file.current_context.clone()).filter(|context| !context.is_empty());
        if context.is_none() && (self.cluster.is_none() || self.user.is_none()) {
            return Err("the kubeconfig has no current context, and --context is not set".into());
        }
        self.check_user(&file, context.as_deref())?;
        let options = KubeConfigOptions { context: context.clone(), cluster: self.cluster.clone(), user: self.user.clone() };
        let mut config = Config::from_custom_kubeconfig(file, &options).await.map_err(|e| error_chain(&e))?;
        if config.root_cert.as_ref().is_some_and(|certificates| certificates.iter().all(Vec::is_empty)) {
            return Err("certificate-authority-data of the cluster contains no certificate".into());
        }
        read_token(&mut config.auth_info)?;
        Ok((config, context))
    }

    /// The kubeconfig: the given file, else those that kubectl reads.
    pub(super) fn file(&self) -> Result<Kubeconfig, KubeconfigError> {
        self.kubeconfig.as_ref().map_or_else(default_files, Kubeconfig::read_from)
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

/// The files that kubectl reads: those of KUBECONFIG that exist, else the one in the home folder.
fn default_files() -> Result<Kubeconfig, KubeconfigError> {
    let Some(paths) = std::env::var_os("KUBECONFIG").filter(|paths| !paths.is_empty()) else { return Kubeconfig::read() };
    let mut merged: Option<Kubeconfig> = None;
    for path in std::env::split_paths(&paths).filter(|path| path.exists()) {
        let next = Kubeconfig::read_from(path)?;
        merged = Some(match merged {
            Some(mut file) => {
                file.current_context = file.current_context.filter(|context| !context.is_empty());
                file.merge(next)?
            }
            None => next,
        });
    }
    merged.ok_or(KubeconfigError::FindPath)
}

/// Reads a token from its file and trims it: many files end in a line break, which is invalid in a header.
fn read_token(auth: &mut AuthInfo) -> Result<(), String> {
    let Some(path) = auth.token_file.take() else { return Ok(()) };
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read the token file {path}: {error}"))?;
    let read: AuthInfo = serde_json::from_value(serde_json::json!({"token": text.trim()})).map_err(|error| error.to_string())?;
    auth.token = read.token;
    Ok(())
}

/// Why there is no client. The input and standard output of an exec plugin are secret and left out; its exit status and standard
/// error are not.
#[allow(clippy::wildcard_enum_match_arm, reason = "the other errors contain no secrets")]
fn auth_failure(error: &kube::Error, plugin: &str) -> String {
    let kube::Error::Auth(error) = error else { return error_chain(error) };
    let plugin = format!("the exec plugin `{plugin}`");
    match error {
        AuthError::AuthExecStart(error) => format!("cannot start {plugin}: {error}"),
        AuthError::AuthExecRun { out, .. } => {
            let stderr = String::from_utf8_lossy(&out.stderr);
            format!("{plugin} failed with {}: {}", out.status, stderr.trim())
        }
        AuthError::AuthExecParse(_) | AuthError::AuthExecSerialize(_) => format!("{plugin} did not print an ExecCredential"),
        AuthError::ExecPluginFailed => format!("{plugin} printed an ExecCredential without status"),
        other => error_chain(other),
    }
}

/// An error and its chain of sources, in one line.
pub(super) fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        next = cause.source();
    }
    text
}
