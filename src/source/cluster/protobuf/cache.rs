//! Pods of one workload come one after the other and are written alike: what they have in common is read once and kept once.

use std::{collections::VecDeque, marker::PhantomData};

use super::{Broken, Field, Value, fields::CommonMeta};
use crate::object::{
    Shared,
    wire::{Meta, PodSpec},
};

/// What the pods that came lately were made of.
#[derive(Debug, Default)]
pub(in crate::source::cluster) struct Memory {
    /// Whether what the kubelet calls is dropped.
    pub(super) drops_kubelet: bool,
    pub(super) metadata: Recent<CommonMeta, Meta>,
    pub(super) specs: Recent<Shared<PodSpec>, Shared<PodSpec>>,
}

impl Memory {
    /// Nothing yet; of probes and hooks nothing ever, if they are dropped.
    pub(in crate::source::cluster) fn new(drops_kubelet: bool) -> Self {
        Self { drops_kubelet, ..Self::default() }
    }
}

/// Values that were read lately, each under the bytes it was read from.
#[derive(Debug)]
pub(super) struct Recent<F, T> {
    known: VecDeque<(Vec<u8>, T)>,
    /// The bytes of the value that is asked for; kept, so that its memory is used again.
    sieved: Vec<u8>,
    field: PhantomData<fn() -> F>,
}

impl<F, T> Default for Recent<F, T> {
    fn default() -> Self {
        Self { known: VecDeque::new(), sieved: Vec::new(), field: PhantomData }
    }
}

/// How many are remembered: enough for workloads whose names interleave.
const REMEMBERED: usize = 8;

impl<F: Field + Default + Into<T>, T: Clone> Recent<F, T> {
    /// The value: one that was read before from bytes that differ in nothing of use, or a new one with the last touch.
    pub(super) fn recall(&mut self, value: Value<'_>, finish: impl FnOnce(&mut F)) -> Result<T, Broken> {
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
        self.known.truncate(REMEMBERED - 1);
        self.known.push_front((self.sieved.clone(), read.clone()));
        Ok(read)
    }
}
