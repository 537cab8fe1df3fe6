//! Ports of workloads, and the objects that declare them (S16, S23, S104).

use std::sync::Arc;

use super::dataplane::PROXY;
use crate::{
    istio::{Container, ContainerPort, IngressListener, PodSpec, Protocol},
    object::{Id, Text},
};

/// A port of a workload, and where it is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredPort<'s> {
    /// Whether a container declares it.
    pub by_container: bool,
    /// The Services and `ServiceEntries` that target it, with number and protocol of their port.
    ///
    /// Where one selector matches many workloads, these share the list.
    pub by_services: Arc<[TargetingPort<'s>]>,
    /// Whether a `portLevelMtls` in force names it.
    pub by_policy: bool,
    /// Whether a Sidecar's ingress names it.
    pub by_sidecar: bool,
}

/// A service port that targets a workload port.
#[derive(Clone, Copy, Debug, Eq)]
pub struct TargetingPort<'s> {
    /// The Service or `ServiceEntry`.
    pub service: &'s Id,
    /// Number that clients call.
    pub number: u16,
    /// The port's name.
    pub name: &'s Text,
    /// The protocol that it declares.
    pub protocol: Protocol,
}

impl PartialEq for TargetingPort<'_> {
    /// References to the same service are equal without a comparison of its name: with one label for everything there are many.
    fn eq(&self, other: &Self) -> bool {
        let is_same_service = std::ptr::eq(self.service, other.service) || self.service == other.service;
        is_same_service && self.number == other.number && self.protocol == other.protocol && self.name == other.name
    }
}

impl DeclaredPort<'_> {
    /// Whether anything other than a policy declares the port.
    #[must_use]
    pub fn is_declared_outside_policies(&self) -> bool {
        self.by_container || self.by_sidecar || !self.by_services.is_empty()
    }
}

/// TCP ports of the application's containers; those of the proxy do not belong to the workload.
pub(in crate::mesh) fn tcp_ports(spec: PodSpec<'_>) -> impl Iterator<Item = ContainerPort<'_>> {
    spec.running_containers().filter(|container| container.name() != PROXY).flat_map(Container::ports).filter(|port| port.is_tcp)
}

/// The ports of a Sidecar's listeners.
pub(super) fn numbers(listeners: &[IngressListener]) -> impl Iterator<Item = u16> {
    listeners.iter().filter_map(|listener| listener.port)
}
