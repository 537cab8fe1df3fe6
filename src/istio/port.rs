//! Port numbers, and fields that refer to a port by number or by name.

use crate::object::{Text, wire::IntOrText};

/// A port number; `None` for 0, negative numbers and numbers above 65535, which no API server accepts.
#[must_use]
pub fn port(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|&port| port != 0)
}

/// A port number from a map key, an annotation or an argument; `None` if it is not a valid port.
#[must_use]
pub fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().and_then(port)
}

/// A port of a workload, by number or by the name of a container's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortRef<'s> {
    Number(u16),
    /// The name (S104).
    Name(&'s Text),
}

impl<'s> PortRef<'s> {
    /// Whether it refers to a port with this number and name.
    #[must_use]
    pub fn is(self, number: u16, name: &str) -> bool {
        match self {
            Self::Number(own) => own == number,
            Self::Name(own) => own == name,
        }
    }

    /// `None` for a number that is not a valid port.
    pub(super) fn of(written: &'s IntOrText) -> Option<Self> {
        match written {
            IntOrText::Int(number) => port(*number).map(Self::Number),
            IntOrText::Text(name) => Some(Self::Name(name)),
        }
    }
}
