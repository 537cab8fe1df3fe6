//! Reads kubeconfig files. Errors name the file and the place, and never contain its lines, which hold credentials.

use std::path::Path;

use kube::config::{Kubeconfig, KubeconfigError};

use super::masked::masked;
use crate::source::error::UNKNOWN_CONTEXT;

/// Why there is no kubeconfig.
#[derive(Debug)]
pub(in crate::source) enum FileError {
    /// None was given, and there is none where kubectl looks for it.
    Missing(String),
    /// A file is not usable.
    Unusable(String),
}

impl FileError {
    pub(super) fn into_reason(self) -> String {
        match self {
            Self::Missing(reason) | Self::Unusable(reason) => reason,
        }
    }
}

/// The given file, else those that kubectl reads: those of KUBECONFIG that exist, else the one in the home folder.
pub(super) fn read(given: Option<&Path>) -> Result<Kubeconfig, FileError> {
    if let Some(path) = given {
        return one(path);
    }
    let Some(paths) = std::env::var_os("KUBECONFIG").filter(|paths| !paths.is_empty()) else { return at_home() };
    let mut merged: Option<Kubeconfig> = None;
    for path in std::env::split_paths(&paths).filter(|path| path.exists()) {
        let next = one(&path)?;
        merged = Some(match merged {
            Some(mut file) => {
                file.current_context = file.current_context.filter(|context| !context.is_empty());
                file.merge(next).map_err(|error| FileError::Unusable(described(&error, &path)))?
            }
            None => next,
        });
    }
    merged.ok_or_else(|| FileError::Missing(format!("none of the files in KUBECONFIG exists: {}", Path::new(&paths).display())))
}

fn at_home() -> Result<Kubeconfig, FileError> {
    let path = std::env::home_dir().unwrap_or_default().join(".kube").join("config");
    if path.exists() { one(&path) } else { Err(FileError::Missing(format!("cannot read {}: there is no such file", path.display()))) }
}

fn one(path: &Path) -> Result<Kubeconfig, FileError> {
    Kubeconfig::read_from(path).map_err(|error| FileError::Unusable(described(&error, path)))
}

/// An error of a file, without its content.
#[allow(clippy::wildcard_enum_match_arm, reason = "the other errors contain names and paths only")]
fn described(error: &KubeconfigError, path: &Path) -> String {
    let file = path.display();
    match error {
        KubeconfigError::ReadConfig(error, _) => format!("cannot read {file}: {error}"),
        KubeconfigError::Parse(error) => {
            let place = error.location().map(|at| format!(", line {}, column {}", at.line(), at.column())).unwrap_or_default();
            let missing = missing_field(&error.to_string()).map(|field| format!(": the field `{field}` is missing")).unwrap_or_default();
            format!("cannot parse {file} as a kubeconfig{place}{missing}")
        }
        other => masked(&format!("cannot use {file}: {other}")),
    }
}

/// The field that the message of a parser reports as missing. Its other messages may contain values.
fn missing_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("missing field `")?;
    let (field, _) = rest.split_once('`')?;
    field.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-').then_some(field)
}

/// An error of the selected cluster or user, without its content.
#[allow(clippy::wildcard_enum_match_arm, reason = "the other errors contain names and paths only")]
pub(super) fn selection_error(error: &KubeconfigError) -> String {
    use kube::config::LoadDataError as Data;
    match error {
        KubeconfigError::LoadContext(name) => format!("{UNKNOWN_CONTEXT} {name}"),
        KubeconfigError::LoadClusterOfContext(name) if name.is_empty() => "the context has no cluster".into(),
        KubeconfigError::LoadClusterOfContext(name) => format!("the kubeconfig has no cluster {name}"),
        KubeconfigError::MissingClusterUrl => "the cluster of the kubeconfig has no server".into(),
        KubeconfigError::LoadCertificateAuthority(Data::DecodeBase64(_)) => {
            "certificate-authority-data of the cluster is not base64".into()
        }
        KubeconfigError::LoadCertificateAuthority(Data::ReadFile(error, path)) => unreadable("certificate-authority", error, path),
        KubeconfigError::ParseCertificates(_) => "the certificate-authority of the cluster is not a PEM certificate".into(),
        KubeconfigError::ParseProxyUrl(_) => "the proxy-url of the cluster, or HTTPS_PROXY, is not a URL".into(),
        other => super::failure::error_chain(other),
    }
}

fn unreadable(field: &str, error: &std::io::Error, path: &Path) -> String {
    format!("cannot read {field} {}: {error}", path.display())
}
