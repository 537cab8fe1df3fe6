//! Decodes one page of a list without a server.

use super::{
    listing::{Head, keep},
    path::Resource,
    protobuf::{self, Broken, ListBody, Part, PodCache},
};
use crate::{
    object::{Kind, Snapshot},
    source::manifest::decode,
};

/// Decodes a page of a list in Kubernetes protobuf, given in chunks of any size: what [`read`](super::read) does with each page.
///
/// # Errors
/// The reason why the bytes are not a page of that kind.
pub fn page<'b>(kind: Kind, pieces: impl IntoIterator<Item = &'b [u8]>) -> Result<Snapshot, String> {
    objects(kind, pieces).map_err(|broken| broken.to_string())
}

fn objects<'b>(kind: Kind, pieces: impl IntoIterator<Item = &'b [u8]>) -> Result<Snapshot, Broken> {
    let head = Head::new(&Resource::of(kind, "v1"));
    let (mut read, mut cache, mut body) = (Snapshot::default(), PodCache::default(), ListBody::default());
    for piece in pieces {
        body.take(piece, |part| {
            if let Part::Item(bytes) = part {
                keep(decode::whole_object(&head.written(""), protobuf::object(kind, bytes, &mut cache)?), &mut read);
            }
            Ok(())
        })?;
    }
    body.finish()?;
    read.normalize();
    Ok(read)
}
