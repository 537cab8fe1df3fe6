//! The strings of objects.

use std::{borrow::Borrow, cell::RefCell, fmt, ops::Deref};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use smol_str::SmolStr;

/// A string as an object spells it: cheap to copy, compared byte by byte.
///
/// It decodes from strings alone (and from `null`, which Go reads as empty): a number or boolean
/// where Kubernetes wants a string is refused here as the API server refuses it.
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
        let is_worth_sharing = (INLINE + 1..=LONGEST_SHARED).contains(&text.len());
        if is_worth_sharing { shared(text) } else { Self(text.into()) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// Bytes that a string holds in itself.
const INLINE: usize = 23;

/// What is longer is hardly said twice.
const LONGEST_SHARED: usize = 2_048;

/// Strings a thread remembers.
const REMEMBERED: usize = 4_096;

thread_local! {
    /// Label keys, images and arguments come again with every pod: one that was met lately is not stored twice.
    static LATELY: RefCell<Vec<Text>> = RefCell::new(vec![Text::default(); REMEMBERED]);
}

/// The string, in the memory of the same one met before, if that still lies in its slot.
fn shared(text: &str) -> Text {
    LATELY.with_borrow_mut(|lately| {
        let remembered = &mut lately[slot(text.as_bytes())];
        if remembered.as_str() != text {
            *remembered = Text(text.into());
        }
        remembered.clone()
    })
}

/// Where to look for a string: by its length, its start and its end, which is where strings differ.
fn slot(text: &[u8]) -> usize {
    let ends = text.iter().take(12).chain(text.iter().rev().take(24));
    let hash = ends.fold(text.len(), |hash, byte| (hash ^ usize::from(*byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)) % REMEMBERED
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
        from.deserialize_any(Strict)
    }
}

struct Strict;

impl Visitor<'_> for Strict {
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
