//! Telling somebody how far the reading is.

use std::{fmt, sync::Arc};

use crate::object::Kind;

/// Somebody to tell, or nobody.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Told>>);

/// Takes a kind, and how many objects of it have come since the last time.
type Told = dyn Fn(Kind, usize) + Send + Sync;

impl Progress {
    /// Tells this function of every page: which kind, and how many objects it brought.
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
