//! Names of contexts, clusters and users in a kubeconfig.

use super::connection::Connection;

/// The names in a kubeconfig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contexts {
    /// For `--context`.
    pub contexts: Vec<String>,
    /// For `--cluster`.
    pub clusters: Vec<String>,
    /// For `--user`.
    pub users: Vec<String>,
}

/// The names in the kubeconfig that a connection would use; empty if it cannot be read.
#[must_use]
pub fn contexts(connection: &Connection) -> Contexts {
    let Ok(file) = connection.file() else { return Contexts::default() };
    Contexts {
        contexts: file.contexts.into_iter().map(|entry| entry.name).collect(),
        clusters: file.clusters.into_iter().map(|entry| entry.name).collect(),
        users: file.auth_infos.into_iter().map(|entry| entry.name).collect(),
    }
}
