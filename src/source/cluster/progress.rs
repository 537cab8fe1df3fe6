//! Progress of reading a cluster.

use std::{fmt, sync::Arc};

use crate::object::Kind;

/// A callback for progress, or none.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Callback>>);

/// Accepts a kind, and the number of its objects since the last call.
type Callback = dyn Fn(Kind, usize) + Send + Sync;

impl Progress {
    /// Calls this function for every page, with its kind and number of objects.
    #[must_use]
    pub fn new(callback: impl Fn(Kind, usize) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    pub(super) fn report(&self, kind: Kind, count: usize) {
        if let Some(callback) = &self.0 {
            callback(kind, count);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.0.is_some()).finish()
    }
}
