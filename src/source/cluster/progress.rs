//! Progress of reading a cluster.

use std::{fmt, sync::Arc};

use crate::object::Kind;

/// A callback for progress, or none.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Told>>);

/// Accepts a kind, and the number of its objects since the last call.
type Told = dyn Fn(Kind, usize) + Send + Sync;

impl Progress {
    /// Calls this function for every page, with its kind and number of objects.
    #[must_use]
    pub fn to(told: impl Fn(Kind, usize) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(super) fn tell(&self, kind: Kind, more: usize) {
        if let Some(told) = &self.0 {
            told(kind, more);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.0.is_some()).finish()
    }
}
