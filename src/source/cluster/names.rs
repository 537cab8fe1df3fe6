//! Identities of objects only, for the completion of names.

use std::{sync::Arc, time::Duration};

use tokio::{runtime, task::JoinSet};

use super::{api::Api, limits::Limits, listing::List, path::Resource, progress::Progress};
use crate::{
    object::{Id, Kind},
    source::{connection::Connection, error::SourceError, manifest::yaml},
};

/// Objects per page.
const PAGE: usize = 500;

/// Passes the identities of objects of some built-in kinds, in one namespace or in all, to `found`, kind by kind as the responses
/// arrive. What is denied is skipped.
///
/// # Errors
/// If the cluster cannot be reached.
pub fn ids(
    connection: &Connection,
    kinds: &[Kind],
    namespace: Option<&str>,
    timeout: Duration,
    found: impl Fn(Vec<Id>),
) -> Result<(), SourceError> {
    // Decoding recurses, so these threads need a large stack.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).thread_stack_size(yaml::STACK_SIZE).enable_all().build();
    runtime.map_err(SourceError::NoThread)?.block_on(async {
        let api = Arc::new(Api::new(connection.connect().await?, timeout, Limits::default()));
        let mut tasks = JoinSet::new();
        for kind in kinds {
            let namespace = namespace.filter(|_| kind.is_namespaced()).map(str::to_owned);
            let resource = Resource::of(*kind, "v1");
            let list = List {
                api: Arc::clone(&api),
                resource,
                namespace,
                limit: PAGE,
                drops_probes_and_hooks: true,
                progress: Progress::default(),
            };
            tasks.spawn(async move { list.read().await });
        }
        while let Some(done) = tasks.join_next().await {
            let listed = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            found(listed.read.ids().cloned().collect());
        }
        Ok(())
    })
}
