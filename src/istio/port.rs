//! Numbers that are ports, and fields that name a port by number or by name.

use crate::object::{Text, wire::IntOrText};

/// The number of a port; `None` for 0, for negative numbers and for those above 65535, which no API server lets in.
#[must_use]
pub fn port(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|&port| port != 0)
}

/// A port number of a map key, an annotation or an argument; `None` for what is no port.
#[must_use]
pub fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().and_then(port)
}

/// A port of a workload, by number or by the name of a container's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortRef<'s> {
    /// The number.
    Number(u16),
    /// The name (S104).
    Name(&'s Text),
}

impl<'s> PortRef<'s> {
    /// `None` for a number that is no port.
    pub(super) fn of(written: &'s IntOrText) -> Option<Self> {
        match written {
            IntOrText::Int(number) => port(*number).map(Self::Number),
            IntOrText::Text(name) => Some(Self::Name(name)),
        }
    }
}
