//! Cache of decoded values: pods of one workload follow each other and are encoded the same, so what they share is decoded and
//! stored once.

use std::{collections::VecDeque, marker::PhantomData};

use super::message::{Broken, Field, Value};

/// Recently decoded values, each with the bytes it was decoded from.
#[derive(Debug)]
pub(super) struct Recent<F, T> {
    known: VecDeque<(Vec<u8>, T)>,
    /// The relevant bytes of the requested value; kept to reuse the allocation.
    sieved: Vec<u8>,
    field: PhantomData<fn() -> F>,
}

impl<F, T> Default for Recent<F, T> {
    fn default() -> Self {
        Self { known: VecDeque::new(), sieved: Vec::new(), field: PhantomData }
    }
}

/// Size of the cache: enough for workloads whose pods interleave.
const KEPT: usize = 8;

impl<F: Field + Default + Into<T>, T: Clone> Recent<F, T> {
    /// The value: a cached one if the relevant bytes are equal, else a new one, decoded and passed to `finish`.
    pub(super) fn get_or_read(&mut self, value: Value<'_>, finish: impl FnOnce(&mut F)) -> Result<T, Broken> {
        self.sieved.clear();
        F::sieve(value, &mut self.sieved)?;
        if let Some(at) = self.known.iter().position(|(bytes, _)| *bytes == self.sieved) {
            return Ok(self.known[at].1.clone());
        }
        let mut read = F::default();
        read.merge(value)?;
        finish(&mut read);
        read.compact();
        let read: T = read.into();
        self.known.truncate(KEPT - 1);
        self.known.push_front((self.sieved.clone(), read.clone()));
        Ok(read)
    }
}
