//! Kubernetes protobuf, read straight into the wire structs.
//!
//! A message is a series of fields, each a number and a value. Only the fields of the tables in [`fields`] are looked
//! at; everything else, managed fields and volumes above all, is stepped over by its length. Nothing stands between
//! the bytes and the structs that JSON is read into, so the two encodings cannot come to mean different things.

mod cache;
mod controller;
mod envelope;
mod fields;
mod message;
mod meta;
mod object;
mod pod;

pub(super) use envelope::{List as ListBody, MEDIA_TYPE, Part, enclosed, status_message};
pub(super) use message::Broken;
pub(super) use object::object;
pub(super) use pod::PodCache;
