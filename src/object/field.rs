//! The path of a value inside an object.

use std::fmt;

use super::Text;

/// A path of map keys and list indices: `spec.portLevelMtls.8080.mode`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Text>);

impl FieldPath {
    /// A path from its dotted form, for keys without dots: `FieldPath::of("spec.mtls.mode")`.
    #[must_use]
    pub fn of(dotted: &str) -> Self {
        Self(dotted.split('.').map(Text::from).collect())
    }

    /// The path extended by one step.
    #[must_use]
    pub fn then(mut self, step: impl Into<Text>) -> Self {
        self.0.push(step.into());
        self
    }

    /// The steps from the root.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(Text::as_str)
    }
}

impl<T: Into<Text>> FromIterator<T> for FieldPath {
    fn from_iter<I: IntoIterator<Item = T>>(steps: I) -> Self {
        Self(steps.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if step.contains(['.', '/', '[']) {
                write!(f, "[\"{step}\"]")?;
            } else if at == 0 {
                f.write_str(step)?;
            } else {
                write!(f, ".{step}")?;
            }
        }
        Ok(())
    }
}
