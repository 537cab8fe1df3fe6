//! `metadata.uid`.

use serde::de::{Deserialize, Deserializer};

use crate::object::Uid;

/// The `uid` of an object itself. It is no part of the object's content: all are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnUid(pub Uid);

impl PartialEq for OwnUid {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for OwnUid {}

impl<'de> Deserialize<'de> for OwnUid {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Uid::deserialize(from).map(Self)
    }
}
