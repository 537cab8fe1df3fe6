//! One value for each of two states of a mesh.

/// A value before a change, and after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct States<T> {
    pub(super) before: T,
    pub(super) after: T,
}

impl<T> States<T> {
    pub(super) fn as_ref(&self) -> States<&T> {
        States { before: &self.before, after: &self.after }
    }

    pub(super) fn map<U>(self, mut change: impl FnMut(T) -> U) -> States<U> {
        States { before: change(self.before), after: change(self.after) }
    }

    pub(super) fn zip<U>(self, other: States<U>) -> States<(T, U)> {
        States { before: (self.before, other.before), after: (self.after, other.after) }
    }

    pub(super) fn into_array(self) -> [T; 2] {
        [self.before, self.after]
    }
}
