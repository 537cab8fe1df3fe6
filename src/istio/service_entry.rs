//! `ServiceEntry`: hosts that are added to the service registry (S47, S81).

use ipnet::IpNet;

use super::{ExportTo, Metadata, Protocol, WorkloadEntry, port};
use crate::object::{Id, Labels, Read, Text, wire};

#[derive(Clone, Copy, Debug)]
pub struct ServiceEntry<'s> {
    pub id: &'s Id,
    /// Whether its servers are inside the mesh.
    pub location: Location,
    /// How its endpoints are found.
    pub resolution: EntryResolution,
    body: &'s wire::ServiceEntry,
}

/// Whether the servers of a `ServiceEntry` are inside the mesh (S81).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// `MESH_EXTERNAL`, also if no location is set.
    External,
    /// `MESH_INTERNAL`.
    Internal,
}

/// How the endpoints of a `ServiceEntry` are found (S81).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryResolution {
    /// `NONE`, also if no resolution is set: the dialled address is used.
    None,
    /// `STATIC`: the endpoints that it contains or selects.
    Static,
    /// `DNS`, `DNS_ROUND_ROBIN` and `DYNAMIC_DNS`: resolved by name.
    Dns,
}

/// A port of a `ServiceEntry` that is not UDP.
#[derive(Clone, Copy, Debug)]
pub struct EntryPort<'s> {
    /// The number that clients call.
    pub number: u16,
    pub name: &'s Text,
    /// The endpoint's port, if it differs.
    pub target: Option<u16>,
    /// The protocol that it declares (S26).
    pub protocol: Protocol,
}

impl<'s> ServiceEntry<'s> {
    /// The entry as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::ServiceEntry>) -> Self {
        let spec = &read.body.spec;
        let location = if spec.location == "MESH_INTERNAL" { Location::Internal } else { Location::External };
        let resolution = match spec.resolution.as_str() {
            "" | "NONE" => EntryResolution::None,
            "STATIC" => EntryResolution::Static,
            _ => EntryResolution::Dns,
        };
        Self { id: &read.id, location, resolution, body: &read.body }
    }

    #[must_use]
    pub fn meta(&self) -> Metadata<'s> {
        Metadata(&self.body.metadata)
    }

    /// Its hosts; some may begin with a wildcard.
    #[must_use]
    pub fn hosts(&self) -> &'s [Text] {
        &self.body.spec.hosts
    }

    /// Its virtual addresses.
    #[must_use]
    pub fn addresses(&self) -> &'s [Text] {
        &self.body.spec.addresses
    }

    /// Its virtual addresses that are one address each, those written as a range of one among them (S234).
    pub fn single_addresses(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        let single = |address: &'s Text| {
            let whole = if address.contains(':') { "/128" } else { "/32" };
            Some(address.strip_suffix(whole).unwrap_or(address)).filter(|address| !address.contains('/'))
        };
        self.addresses().iter().filter_map(single)
    }

    /// Its virtual addresses that are ranges of several.
    pub fn address_ranges(&self) -> impl Iterator<Item = IpNet> + use<'s> {
        let ranges = self.addresses().iter().filter(|address| address.contains('/')).filter_map(|address| address.parse::<IpNet>().ok());
        ranges.filter(|range| range.prefix_len() < range.max_prefix_len()).map(|range| range.trunc())
    }

    /// The addresses that istiod allocated to one of its hosts, if clients that know them use them (S234).
    pub fn allocated_addresses<'h>(&self, host: &'h str) -> impl Iterator<Item = &'s str> + use<'s, 'h> {
        let is_used = self.may_have_allocated_address(host);
        let own = self.body.status.addresses.iter().filter(move |one| is_used && one.host.as_str() == host);
        own.map(|one| one.value.as_str())
    }

    /// Whether istiod allocates an address to one of its hosts.
    #[must_use]
    pub fn may_have_allocated_address(&self, host: &str) -> bool {
        let is_eligible = self.addresses().is_empty() && self.resolution != EntryResolution::None && !self.opts_out_of_address();
        is_eligible && !host.starts_with('*')
    }

    /// The endpoints that it contains.
    pub fn endpoints(&self) -> impl ExactSizeIterator<Item = WorkloadEntry<'s>> + use<'s> {
        self.body.spec.endpoints.iter().map(WorkloadEntry::of_spec)
    }

    /// The labels that it selects workloads by; `None` if it has no selector.
    #[must_use]
    pub fn selector(&self) -> Option<&'s Labels> {
        self.body.spec.workload_selector.as_ref().map(|selector| &selector.labels)
    }

    /// Whether a label keeps istiod from allocating addresses to it (S234).
    fn opts_out_of_address(&self) -> bool {
        self.body.metadata.labels.has("networking.istio.io/enable-autoallocate-ip", "false")
    }

    /// Whether istiod merges the ports of another entry of the same namespace and host into this one's (S279).
    #[must_use]
    pub fn merges(&self, other: &Self) -> bool {
        let resolution =
            |entry: &Self| if entry.resolution == EntryResolution::None { "NONE" } else { entry.body.spec.resolution.as_str() };
        let selector = |entry: &Self| entry.selector().filter(|labels| !labels.is_empty());
        resolution(self) == resolution(other)
            && self.body.metadata.labels == other.body.metadata.labels
            && selector(self) == selector(other)
            && self.exports() == other.exports()
    }

    /// The namespaces that it is exported to (S47).
    #[must_use]
    pub fn exports(&self) -> ExportTo {
        ExportTo::of(&self.body.spec.export_to)
    }

    /// Names that its servers may have besides those of their service accounts (S84).
    #[must_use]
    pub fn subject_alt_names(&self) -> &'s [Text] {
        &self.body.spec.subject_alt_names
    }

    /// Its ports that are not UDP, in the order of the object, without those whose number is invalid.
    pub fn ports(&self) -> impl Iterator<Item = EntryPort<'s>> + use<'s> {
        self.body.spec.ports.iter().filter(|port| !port.protocol.eq_ignore_ascii_case("UDP")).filter_map(EntryPort::of)
    }
}

impl<'s> EntryPort<'s> {
    fn of(body: &'s wire::ServiceEntryPort) -> Option<Self> {
        let number = port(body.number.0)?;
        let protocol = Protocol::of_field(&body.protocol, number);
        Some(Self { number, name: &body.name, target: port(body.target_port.0), protocol })
    }
}
