//! Decodes Kubernetes protobuf straight into the wire structs.
//!
//! A message is a series of numbered fields. Only the fields in the tables of [`fields`] are decoded; everything else, above all
//! managed fields and volumes, is skipped by its length. The target structs are the same as for JSON, so both encodings give the
//! same result.

mod cache;
mod controller;
mod envelope;
mod fields;
mod message;
mod meta;
mod object;
mod pod;

pub(super) use envelope::{List as ListBody, MEDIA_TYPE, Part, enclosed, status_message, types};
pub(super) use message::ProtobufError;
pub(super) use object::object;
pub(super) use pod::PodCache;
