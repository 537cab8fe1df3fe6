//! How much is read from a cluster at most: memory and time stay within these limits, whatever a server sends.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::source::http_body::{BodyLimits, size};

/// Limits of reading a cluster. The defaults are far above what the largest clusters have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Objects that are kept. Kubernetes supports 150,000 pods in one cluster.
    pub objects: u64,
    /// Bytes of the objects that are kept. What equal pods share counts once; of a response that is split while it arrives, the rest
    /// does not count.
    pub bytes: u64,
    /// Pages of one list that have no objects.
    pub empty_pages: usize,
    /// Bytes of one object, and of a response that is not a list. API servers accept objects of 1.5 MiB, and etcd a few more.
    pub object_bytes: u64,
    /// Limits of each response.
    pub response: BodyLimits,
    /// Time for everything.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            objects: 2_000_000,
            bytes: 4 << 30,
            empty_pages: 1_000,
            object_bytes: 64 << 20,
            response: BodyLimits::default(),
            total: Duration::from_hours(1),
        }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    Objects(u64),
    Bytes(u64),
    EmptyPages(usize),
    Time(Duration),
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Objects(limit) => write!(f, "the limit of {limit} objects is reached"),
            Self::Bytes(limit) => write!(f, "the limit of {} of objects is reached", size(*limit)),
            Self::EmptyPages(limit) => write!(f, "the list does not end: more than {limit} pages without an object"),
            Self::Time(limit) => write!(f, "the limit of {} s for reading everything is reached", limit.as_secs_f32()),
        }
    }
}

impl Exceeded {
    /// What to do about it.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Objects(_) => "if the cluster is that large, raise --max-objects, or select namespaces with -n",
            Self::Bytes(_) => "if the cluster is that large, raise --max-bytes, or select namespaces with -n",
            Self::EmptyPages(_) => "check the API server and any proxy in front of it",
            Self::Time(_) => "raise --total-timeout, or select namespaces with -n",
        }
    }
}

/// What is left of the limits, shared by all lists.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) limits: Limits,
    pub(super) deadline: Instant,
    objects: AtomicU64,
    bytes: AtomicU64,
}

/// What was read so far of one page, and is given back if the page is requested again.
#[derive(Debug, Default)]
pub(super) struct Spent {
    objects: u64,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, deadline: Instant::now() + limits.total, objects: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// Counts one object.
    pub(super) fn spend(&self, bytes: u64, spent: &mut Spent) -> Result<(), Exceeded> {
        spent.objects += 1;
        spent.bytes += bytes;
        let Limits { objects: max_objects, bytes: max_bytes, .. } = self.limits;
        if self.objects.fetch_add(1, Ordering::Relaxed) >= max_objects {
            return Err(Exceeded::Objects(max_objects));
        }
        if self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > max_bytes {
            return Err(Exceeded::Bytes(max_bytes));
        }
        Ok(())
    }

    /// Gives back what a page spent that is requested again.
    pub(super) fn give_back(&self, spent: &mut Spent) {
        let Spent { objects, bytes } = std::mem::take(spent);
        self.objects.fetch_sub(objects, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}
