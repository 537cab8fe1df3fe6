//! Decodes pods; values that the pods of one workload share are decoded and stored once.

use super::{
    cache::Recent,
    message::{Field, ProtobufError, Value, entry, fields, raw, read},
    meta::{ANNOTATIONS, ByNumber as _},
};
use crate::object::{
    Shared, is_relevant_annotation,
    wire::{Meta, Pod, PodSpec},
};

/// Values of recently decoded pods.
#[derive(Debug, Default)]
pub(in crate::source::cluster) struct PodCache {
    /// Whether probes and hooks are dropped.
    pub(super) drops_probes_and_hooks: bool,
    pub(super) metadata: Recent<CommonMeta, Meta>,
    pub(super) specs: Recent<Shared<PodSpec>, Shared<PodSpec>>,
    /// Bytes of the status of the last pod.
    pub(super) status: usize,
}

/// Memory of a pod, beside its texts.
const POD: usize = 512;

impl PodCache {
    /// An empty cache.
    pub(in crate::source::cluster) fn new(drops_probes_and_hooks: bool) -> Self {
        Self { drops_probes_and_hooks, ..Self::default() }
    }

    /// Bytes of the last pod that are not shared with earlier pods.
    pub(in crate::source::cluster) fn take_pod_size(&mut self) -> usize {
        POD + std::mem::take(&mut self.status) + self.metadata.take_decoded() + self.specs.take_decoded()
    }
}

/// Decodes a pod; values that it shares with earlier pods come from the cache.
pub(super) fn pod(bytes: &[u8], cache: &mut PodCache) -> Result<Box<Pod>, ProtobufError> {
    let mut pod = Box::<Pod>::default();
    read(bytes, |number, value| match number {
        1 => {
            pod.metadata = cache.metadata.get_or_decode(value, |_| ())?;
            fields(value, |number, value| match number {
                1 => pod.metadata.name.merge(value),
                5 => pod.metadata.uid.0.merge(value),
                8 => pod.metadata.creation_timestamp.merge(value),
                _ => Ok(()),
            })
        }
        2 => {
            let drops_probes_and_hooks = cache.drops_probes_and_hooks;
            pod.spec = cache.specs.get_or_decode(value, |spec| {
                if drops_probes_and_hooks {
                    spec.make_mut().remove_probes_and_hooks();
                }
            })?;
            Ok(())
        }
        3 => {
            if let Value::Bytes(status) = value {
                cache.status += status.len();
            }
            pod.status.merge(value)
        }
        _ => Ok(()),
    })?;
    Ok(pod)
}

/// The metadata that pods of one workload share: all but name, `uid` and creation time.
#[derive(Clone, Debug, Default)]
pub(super) struct CommonMeta(Meta);

impl From<CommonMeta> for Meta {
    fn from(common: CommonMeta) -> Self {
        common.0
    }
}

impl Field for CommonMeta {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        fields(value, |number, value| if is_common(number) { self.0.field(number, value) } else { Ok(()) })
    }

    fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
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
