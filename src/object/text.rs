//! The string type of objects, with an interning cache.

use std::{borrow::Borrow, cell::RefCell, fmt, ops::Deref};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use smol_str::SmolStr;

/// A string of an object: cheap to copy, compared byte by byte.
///
/// It decodes from strings (and from `null`, which Go reads as empty) only: a number or boolean in a string field is rejected, as
/// the API server rejects it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(SmolStr);

impl Text {
    /// The string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let is_cacheable = (INLINE + 1..=LONGEST_CACHED).contains(&text.len());
        if is_cacheable { interned(text) } else { Self(text.into()) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// Strings up to this many bytes are stored inline.
const INLINE: usize = 23;

/// Longer strings rarely repeat and are not cached.
const LONGEST_CACHED: usize = 2_048;

/// Size of the cache of each thread.
const CACHE_SIZE: usize = 4_096;

thread_local! {
    /// Interning cache: label keys, images and arguments repeat from pod to pod, so recently seen strings share storage.
    static CACHE: RefCell<Vec<Text>> = RefCell::new(vec![Text::default(); CACHE_SIZE]);
}

/// The string, sharing storage with an equal one that is still in its slot of the cache.
fn interned(text: &str) -> Text {
    CACHE.with_borrow_mut(|cache| {
        let cached = &mut cache[slot(text.as_bytes())];
        if cached.as_str() != text {
            *cached = Text(text.into());
        }
        cached.clone()
    })
}

/// The slot of a string in the cache: a hash of its length, start and end, which is where strings differ.
fn slot(text: &[u8]) -> usize {
    let ends = text.iter().take(12).chain(text.iter().rev().take(24));
    let hash = ends.fold(text.len(), |hash, byte| (hash ^ usize::from(*byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)) % CACHE_SIZE
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(text.into())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
        Ok(Text::default())
    }
}
