//! YAML as kubectl reads it, and JSON, as values with their places.
//!
//! `scalar` resolves plain scalars, `compose` builds the tree of a document from the parser's events, `document` knows kubectl's line breaks, `json` builds one from JSON, and
//! `decode` makes typed values of a tree.

mod compose;
mod decode;
mod document;
mod error;
mod json;
mod node;
mod scalar;

use serde::de::DeserializeOwned;

pub use compose::MAX_LEVELS;
pub use decode::Mismatch;
pub use document::{document, has_unicode_breaks};
pub use error::ParseError;
pub use json::json;
pub use node::{Document, Node, Span};

/// Stack of the threads that decode: values of [`MAX_LEVELS`] levels are decoded and dropped by recursion.
pub const STACK_SIZE: usize = 16 << 20;

/// Decodes a document into a type.
///
/// # Errors
/// If the text is not YAML, repeats a key, or does not match the type.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, ParseError> {
    let document = document(text)?;
    let root = &document.root;
    let broken = |at: Span, reason: String| {
        let before = text.get(..at.start as usize).unwrap_or_default();
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let line = before.rfind('\n').map_or(before, |line| &before[line + 1..]);
        ParseError { line: narrow(before.matches('\n').count() + 1), column: narrow(line.chars().count() + 1), reason }
    };
    if let Some(path) = root.repeated_keys().first().filter(|_| document.repeats_keys) {
        let key = path.steps().last().unwrap_or_default().to_owned();
        return Err(broken(root.locate(path.steps()), format!("duplicate key `{key}`")));
    }
    root.decode().map_err(|mismatch| broken(root.locate(mismatch.path().steps()), mismatch.message().to_owned()))
}
