//! Pods of one workload come one after the other: what they have in common is read once and kept once.

use super::{
    cache::Recent,
    message::{Broken, Field, Value, entry, fields, raw, read},
    meta::{ANNOTATIONS, ByNumber as _},
};
use crate::object::{
    Shared, is_relevant_annotation,
    wire::{Meta, Pod, PodSpec},
};

/// What the pods that came lately were made of.
#[derive(Debug, Default)]
pub(in crate::source::cluster) struct PodCache {
    /// Whether what the kubelet calls is dropped.
    pub(super) drops_kubelet: bool,
    pub(super) metadata: Recent<CommonMeta, Meta>,
    pub(super) specs: Recent<Shared<PodSpec>, Shared<PodSpec>>,
}

impl PodCache {
    /// Nothing yet; of probes and hooks nothing ever, if they are dropped.
    pub(in crate::source::cluster) fn new(drops_kubelet: bool) -> Self {
        Self { drops_kubelet, ..Self::default() }
    }
}

/// A pod: what it has in common with those before it is taken from them.
pub(super) fn pod(bytes: &[u8], cache: &mut PodCache) -> Result<Box<Pod>, Broken> {
    let mut pod = Box::<Pod>::default();
    read(bytes, |number, value| match number {
        1 => {
            pod.metadata = cache.metadata.get_or_read(value, |_| ())?;
            fields(value, |number, value| match number {
                1 => pod.metadata.name.merge(value),
                8 => pod.metadata.creation_timestamp.merge(value),
                _ => Ok(()),
            })
        }
        2 => {
            let drops_kubelet = cache.drops_kubelet;
            pod.spec = cache.specs.get_or_read(value, |spec| {
                if drops_kubelet {
                    spec.make_mut().without_kubelet();
                }
            })?;
            Ok(())
        }
        3 => pod.status.merge(value),
        _ => Ok(()),
    })?;
    Ok(pod)
}

/// The metadata that pods of one workload have in common: all but name and creation.
#[derive(Clone, Debug, Default)]
pub(super) struct CommonMeta(Meta);

impl From<CommonMeta> for Meta {
    fn from(common: CommonMeta) -> Self {
        common.0
    }
}

impl Field for CommonMeta {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        fields(value, |number, value| if is_common(number) { self.0.field(number, value) } else { Ok(()) })
    }

    fn sieve(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), Broken> {
        fields(value, |number, value| {
            let is_wanted = match (number, value) {
                (ANNOTATIONS, value) => is_relevant_annotation(entry(value)?.0),
                (number, _) => is_common(number),
            };
            if !is_wanted {
                return Ok(());
            }
            into.push(number.to_le_bytes()[0]);
            raw(value, into);
            Ok(())
        })
    }

    fn compact(&mut self) {
        self.0.compact();
    }
}

/// `generateName`, `namespace`, `labels`, `annotations` and `ownerReferences`.
fn is_common(number: u64) -> bool {
    matches!(number, 2 | 3 | 11 | ANNOTATIONS | 13)
}
