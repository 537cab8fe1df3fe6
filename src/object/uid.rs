//! `uid`: distinguishes an object from earlier ones of the same name.

use std::{
    fmt,
    hash::{Hash as _, Hasher as _},
};

use serde::de::{Deserialize, Deserializer, Visitor};

/// A `uid` as a hash, because a cluster has one text of 36 bytes for each pod. Zero is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(u64);

impl Uid {
    /// Whether there is none, as in a manifest that was not read from a cluster.
    #[must_use]
    pub fn is_absent(self) -> bool {
        self.0 == 0
    }
}

impl From<&str> for Uid {
    fn from(text: &str) -> Self {
        let mut hasher = std::hash::DefaultHasher::new();
        text.hash(&mut hasher);
        Self(if text.is_empty() { 0 } else { hasher.finish().max(1) })
    }
}

struct UidVisitor;

impl Visitor<'_> for UidVisitor {
    type Value = Uid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Uid, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Uid, E> {
        Ok(Uid::default())
    }
}

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(UidVisitor)
    }
}
