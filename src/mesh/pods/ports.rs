//! Ports of workloads, and what declares them (S16, S23, S104).

use super::dataplane::PROXY;
use crate::{
    istio::Protocol,
    object::{
        Id, Text,
        wire::{Container, ContainerPort, PodSpec},
    },
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

/// Ports of the application's containers; the proxy's own are not the workload's.
pub(in crate::mesh) fn container_ports(spec: &PodSpec) -> impl Iterator<Item = &ContainerPort> {
    let native = spec.init_containers.iter().filter(|c: &&Container| c.restart_policy == "Always");
    spec.containers.iter().chain(native).filter(|c| c.name != PROXY).flat_map(|c| c.ports.iter())
}

pub(in crate::mesh) fn is_tcp(protocol: &str) -> bool {
    matches!(protocol, "" | "TCP")
}

/// A port, if it can be one.
pub(in crate::mesh) fn number(port: i64) -> Option<u16> {
    u16::try_from(port).ok().filter(|&port| port != 0)
}
