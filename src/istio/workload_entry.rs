//! Machines: `WorkloadEntry`, `WorkloadGroup`, and endpoints written into a `ServiceEntry` (S8, S74, S82).

use super::port;
use crate::object::{Labels, Read, Text, wire};

/// A machine, or an endpoint of a `ServiceEntry`.
#[derive(Clone, Copy, Debug)]
pub struct WorkloadEntry<'s>(&'s wire::WorkloadEntrySpec);

/// A template of machines that register themselves.
#[derive(Clone, Copy, Debug)]
pub struct WorkloadGroup<'s>(&'s wire::WorkloadGroupSpec);

impl<'s> WorkloadEntry<'s> {
    /// The machine as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::WorkloadEntry>) -> Self {
        Self(&read.body.spec)
    }

    pub(super) fn of_spec(spec: &'s wire::WorkloadEntrySpec) -> Self {
        Self(spec)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &'s Text {
        &self.0.address
    }

    /// Its labels, without those of its metadata.
    #[must_use]
    pub fn labels(&self) -> &'s Labels {
        &self.0.labels
    }

    /// Its service account, which makes it a member of the mesh (S74).
    #[must_use]
    pub fn service_account(&self) -> Option<&'s Text> {
        Some(&self.0.service_account).filter(|account| !account.is_empty())
    }

    /// The number that it gives to a port of this name (S104).
    #[must_use]
    pub fn port(&self, name: &str) -> Option<u16> {
        self.0.ports.iter().find(|(key, _)| key == name).and_then(|(_, number)| port(number.0))
    }
}

impl<'s> WorkloadGroup<'s> {
    /// The group as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::WorkloadGroup>) -> Self {
        Self(&read.body.spec)
    }

    /// What each of its machines will be.
    #[must_use]
    pub fn template(&self) -> WorkloadEntry<'s> {
        WorkloadEntry(&self.0.template)
    }

    /// The labels that its machines get besides those of the template.
    #[must_use]
    pub fn labels(&self) -> &'s Labels {
        &self.0.metadata.labels
    }
}
