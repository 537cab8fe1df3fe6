//! What can be named before anything is answered: entries of the kubeconfig, and objects by their names alone.

use std::{sync::Arc, time::Duration};

use tokio::{runtime, task::JoinSet};

use super::{api::Api, kinds::Resource, listing::List, progress::Progress};
use crate::{
    object::{Id, Kind},
    source::{connection::Connection, error::SourceError, manifest::yaml},
};

/// The names a kubeconfig gives to what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contexts {
    /// For `--context`.
    pub contexts: Vec<String>,
    /// For `--cluster`.
    pub clusters: Vec<String>,
    /// For `--user`.
    pub users: Vec<String>,
}

/// The names in the kubeconfig that a connection would use; none where it cannot be read.
#[must_use]
pub fn contexts(connection: &Connection) -> Contexts {
    let Ok(file) = connection.file() else { return Contexts::default() };
    Contexts {
        contexts: file.contexts.into_iter().map(|named| named.name).collect(),
        clusters: file.clusters.into_iter().map(|named| named.name).collect(),
        users: file.auth_infos.into_iter().map(|named| named.name).collect(),
    }
}

/// Objects asked for at a time.
const PAGE: usize = 500;

/// Tells who is there of some built-in kinds, in one namespace or in all, kind by kind as the answers come.
/// What may not be listed is left out.
///
/// # Errors
/// When there is no way to the cluster.
pub fn ids(
    connection: &Connection,
    kinds: &[Kind],
    namespace: Option<&str>,
    timeout: Duration,
    found: impl Fn(Vec<Id>),
) -> Result<(), SourceError> {
    // Decoding recurses, so whatever runs on these threads must have the stack for it.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).thread_stack_size(yaml::STACK).enable_all().build();
    runtime.map_err(SourceError::NoThread)?.block_on(async {
        let (client, _) = connection.open().await?;
        let api = Arc::new(Api::new(client, timeout));
        let mut tasks = JoinSet::new();
        for kind in kinds {
            let namespace = namespace.filter(|_| kind.is_namespaced()).map(str::to_owned);
            let resource = Resource::of(*kind, "v1");
            let list = List { api: Arc::clone(&api), resource, namespace, limit: PAGE, drops_kubelet: true, progress: Progress::default() };
            tasks.spawn(async move { list.read().await });
        }
        while let Some(done) = tasks.join_next().await {
            if let Ok(listed) = done {
                found(listed.read.ids().cloned().collect());
            }
        }
        Ok(())
    })
}
