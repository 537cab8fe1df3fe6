//! The names of objects, and nothing else of them.

use std::{sync::Arc, time::Duration};

use tokio::{runtime, task::JoinSet};

use super::{api::Api, listing::List, path::Resource, progress::Progress};
use crate::{
    object::{Id, Kind},
    source::{connection::Connection, error::SourceError, manifest::yaml},
};

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
            let listed = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            found(listed.read.ids().cloned().collect());
        }
        Ok(())
    })
}
