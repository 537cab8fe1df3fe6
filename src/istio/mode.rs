//! The server's side of mTLS in one word.

use std::fmt;

/// What a server accepts. `UNSET` is not among them: whoever holds a mode has resolved it.
///
/// Ordered by strength, so that the smallest of several is the one to worry about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Plaintext alone.
    Disable,
    /// Plaintext and mTLS.
    Permissive,
    /// mTLS alone.
    Strict,
}

impl Mode {
    /// Istio's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "DISABLE",
            Self::Permissive => "PERMISSIVE",
            Self::Strict => "STRICT",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
