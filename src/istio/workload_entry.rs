//! Machines: `WorkloadEntry`, `WorkloadGroup`, and endpoints inside a `ServiceEntry` (S8, S74, S82).

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

    #[must_use]
    pub fn address(&self) -> &'s Text {
        &self.0.address
    }

    /// Its labels in the spec, without those of its metadata.
    #[must_use]
    pub fn labels(&self) -> &'s Labels {
        &self.0.labels
    }

    /// Its service account; with one, the machine is a member of the mesh (S74).
    #[must_use]
    pub fn service_account(&self) -> Option<&'s Text> {
        Some(&self.0.service_account).filter(|account| !account.is_empty())
    }

    /// The number that it gives to the port with this name (S104).
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

    /// The template of its machines.
    #[must_use]
    pub fn template(&self) -> WorkloadEntry<'s> {
        WorkloadEntry(&self.0.template)
    }

    /// The labels that its machines get in addition to those of the template.
    #[must_use]
    pub fn labels(&self) -> &'s Labels {
        &self.0.metadata.labels
    }
}
