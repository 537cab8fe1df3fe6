//! Ports of workloads, and what declares them (S16, S23, S104).

use super::dataplane::PROXY;
use crate::{
    istio::{Container, ContainerPort, PodSpec, Protocol},
    object::{Id, Text},
};

/// A port of a workload, and who declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredPort<'s> {
    /// Whether a container does.
    pub by_container: bool,
    /// The Services and `ServiceEntries` whose port leads here, with that port's number and protocol.
    pub by_services: Vec<ServicePort<'s>>,
    /// Whether a `portLevelMtls` in force names it.
    pub by_policy: bool,
    /// Whether a Sidecar's ingress names it.
    pub by_sidecar: bool,
}

/// A service port that leads to a workload port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServicePort<'s> {
    /// Whose it is.
    pub service: &'s Id,
    /// Number that clients call.
    pub number: u16,
    /// The port's name.
    pub name: &'s Text,
    /// What it declares.
    pub protocol: Protocol,
}

impl DeclaredPort<'_> {
    /// Whether the port exists apart from the policies that name it.
    #[must_use]
    pub fn is_real(&self) -> bool {
        self.by_container || self.by_sidecar || !self.by_services.is_empty()
    }
}

/// TCP ports of the application's containers; the proxy's own are not the workload's.
pub(in crate::mesh) fn tcp_ports(spec: PodSpec<'_>) -> impl Iterator<Item = ContainerPort<'_>> {
    spec.running_containers().filter(|container| container.name() != PROXY).flat_map(Container::ports).filter(|port| port.is_tcp)
}
