//! Versions of Istio.

use std::fmt;

/// A version of Istio: `X.Y.Z`, or `X.Y` for the newest patch of that minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IstioVersion {
    major: u16,
    minor: u16,
    /// `None` is the newest patch.
    patch: Option<u16>,
}

impl IstioVersion {
    /// The newest version whose rules this tool knows.
    pub const NEWEST: Self = Self { major: 1, minor: 32, patch: None };

    /// The version in the tag of an image, such as `1.30.1` or `1.32-alpha.5f3`; `None` if the tag contains none.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::parse(tag.split(['-', '+']).next()?).ok()
    }

    /// A version as an option sets it.
    ///
    /// # Errors
    /// If it is neither `X.Y` nor `X.Y.Z`, or not a version of Istio 1.
    pub fn parse(text: &str) -> Result<Self, String> {
        let error = || format!("invalid version of Istio `{text}`: expected X.Y or X.Y.Z, such as 1.30 or 1.30.1");
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
        let numbers: Option<Vec<u16>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some(&[major @ 1, minor]) => Ok(Self { major, minor, patch: None }),
            Some(&[major @ 1, minor, patch]) => Ok(Self { major, minor, patch: Some(patch) }),
            _ => Err(error()),
        }
    }

    /// Whether it is this version of Istio 1, or a newer one.
    #[must_use]
    pub fn is_at_least(self, minor: u16, patch: u16) -> bool {
        (self.major, self.minor, self.patch.unwrap_or(u16::MAX)) >= (1, minor, patch)
    }
}

impl fmt::Display for IstioVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.iter().try_for_each(|patch| write!(f, ".{patch}"))
    }
}
