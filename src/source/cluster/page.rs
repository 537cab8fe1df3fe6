//! Decodes one page of a list without a server.

use super::{
    listing::add_decoded,
    object_context::ObjectContext,
    path::Resource,
    protobuf::{self, ListBody, Part, PodCache, ProtobufError},
};
use crate::{
    object::{Kind, Snapshot},
    source::manifest::decode,
};

/// Decodes a page of a list in Kubernetes protobuf, given in chunks of any size: what [`read`](super::read) does with each page.
///
/// # Errors
/// The reason why the bytes are not a page of that kind.
pub fn page<'b>(kind: Kind, chunks: impl IntoIterator<Item = &'b [u8]>) -> Result<Snapshot, String> {
    objects(kind, chunks).map_err(|error| error.to_string())
}

fn objects<'b>(kind: Kind, chunks: impl IntoIterator<Item = &'b [u8]>) -> Result<Snapshot, ProtobufError> {
    let context = ObjectContext::new(&Resource::of(kind, "v1"));
    let (mut read, mut cache, mut body) = (Snapshot::default(), PodCache::default(), ListBody::default());
    for chunk in chunks {
        body.push(chunk, |part| {
            if let Part::Item(bytes) = part {
                add_decoded(decode::wire_object(&context.raw(""), protobuf::object(kind, bytes, &mut cache)?), &mut read);
            }
            Ok(())
        })?;
    }
    body.finish()?;
    read.normalize();
    Ok(read)
}
