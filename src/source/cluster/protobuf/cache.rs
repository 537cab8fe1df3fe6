//! Cache of decoded values: pods of one workload follow each other and are encoded the same, so what they share is decoded and
//! stored once.

use std::{collections::VecDeque, marker::PhantomData};

use super::message::{Field, ProtobufError, Value};

/// Recently decoded values, each with the bytes it was decoded from.
#[derive(Debug)]
pub(super) struct Recent<F, T> {
    entries: VecDeque<(Vec<u8>, T)>,
    /// The relevant bytes of the requested value; kept to reuse the allocation.
    fingerprint: Vec<u8>,
    /// Bytes from which new values were decoded.
    decoded: usize,
    field: PhantomData<fn() -> F>,
}

impl<F, T> Default for Recent<F, T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), fingerprint: Vec::new(), decoded: 0, field: PhantomData }
    }
}

/// Size of the cache: enough for workloads whose pods interleave.
const CAPACITY: usize = 8;

impl<F: Field + Default + Into<T>, T: Clone> Recent<F, T> {
    /// Bytes from which new values were decoded since the last call.
    pub(super) fn take_decoded(&mut self) -> usize {
        std::mem::take(&mut self.decoded)
    }

    /// The value: a cached one if the relevant bytes are equal, else a new one, decoded and passed to `finish`.
    pub(super) fn get_or_decode(&mut self, value: Value<'_>, finish: impl FnOnce(&mut F)) -> Result<T, ProtobufError> {
        self.fingerprint.clear();
        F::fingerprint(value, &mut self.fingerprint)?;
        if let Some(at) = self.entries.iter().position(|(bytes, _)| *bytes == self.fingerprint) {
            return Ok(self.entries[at].1.clone());
        }
        self.decoded += self.fingerprint.len();
        let mut read = F::default();
        read.merge(value)?;
        finish(&mut read);
        read.compact();
        let read: T = read.into();
        self.entries.truncate(CAPACITY - 1);
        self.entries.push_front((self.fingerprint.clone(), read.clone()));
        Ok(read)
    }
}
