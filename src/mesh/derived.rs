//! Values that depend on both indices and workloads, computed on first use.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use super::{
    call::{ClaimedAt, Mismatch},
    client::{ClientClasses, Selections, ServiceAddresses, SettingsInUse, SlicedPorts},
    external::{ExternalCalls, Refusal},
    pods::Membership,
};
use crate::{istio::Protocol, object::Text};

/// Caches for results that few queries need. They are accessible only through their [`Mesh`](super::Mesh), so that none can be computed
/// before its workloads are there.
#[derive(Debug, Default)]
pub(super) struct Derived {
    /// Positions of the workloads by the hashes of their labels.
    pub(super) workloads_by_label: OnceLock<Vec<(u64, u32)>>,
    /// Positions of the pods (workload, instance, pod) by the hashes of their names.
    pub(super) pods_by_name: OnceLock<Vec<(u64, [u32; 3])>>,
    /// The instances that each selector of a service selects.
    pub(super) selections: OnceLock<Selections>,
    /// Services that list pods in their `EndpointSlices`.
    pub(super) sliced_ports: OnceLock<SlicedPorts>,
    /// Whether istiod runs with ambient enabled.
    pub(super) has_ambient: OnceLock<bool>,
    pub(super) service_addresses: OnceLock<ServiceAddresses>,
    pub(super) client_classes: OnceLock<ClientClasses>,
    pub(super) possible_client_classes: OnceLock<ClientClasses>,
    /// Settings of rules that some client uses.
    pub(super) settings_in_use: OnceLock<SettingsInUse>,
    /// The declared protocol of the ports of each class of instances that are declared.
    pub(super) declared_protocols: OnceLock<BTreeMap<(usize, u16), Option<Protocol>>>,
    /// Hosts that gateways whose pods were not read route calls to.
    pub(super) hosts_of_unread_gateways: OnceLock<BTreeSet<Text>>,
    pub(super) mismatches: OnceLock<Vec<Mismatch>>,
    /// Calls that another service gets.
    pub(super) claimed_calls: OnceLock<Vec<ClaimedAt>>,
    /// Mesh membership of each instance of each workload.
    pub(super) memberships: OnceLock<Vec<Vec<Membership>>>,
    pub(super) external_calls: OnceLock<ExternalCalls>,
    /// Calls from outside the mesh that fail.
    pub(super) refusals: OnceLock<Vec<Refusal>>,
}
