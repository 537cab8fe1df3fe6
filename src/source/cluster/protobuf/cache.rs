//! Pods of one workload come one after the other and are written alike: what they have in common is read once and kept once.

use std::{collections::VecDeque, marker::PhantomData};

use super::message::{Broken, Field, Value};

/// Values that were read lately, each under the bytes it was read from.
#[derive(Debug)]
pub(super) struct Recent<F, T> {
    known: VecDeque<(Vec<u8>, T)>,
    /// The bytes of the value that is asked for; kept, so that its allocation is used again.
    sieved: Vec<u8>,
    field: PhantomData<fn() -> F>,
}

impl<F, T> Default for Recent<F, T> {
    fn default() -> Self {
        Self { known: VecDeque::new(), sieved: Vec::new(), field: PhantomData }
    }
}

/// How many are remembered: enough for workloads whose names interleave.
const KEPT: usize = 8;

impl<F: Field + Default + Into<T>, T: Clone> Recent<F, T> {
    /// The value: one that was read before from bytes that differ in nothing of use, or a new one with the last touch.
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
