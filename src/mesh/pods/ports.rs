//! The workload ports that something declares (S16, S23, S104).

use std::collections::BTreeMap;

use super::{dataplane::PROXY, instance::Instance};
use crate::{
    istio::Protocol,
    mesh::Mesh,
    object::{
        Id, Text,
        wire::{self, Container, ContainerPort, IntOrText, PodSpec},
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

impl<'s> Mesh<'s> {
    /// Every workload port that containers, Services, policies in force or a Sidecar's ingress declare.
    pub(in crate::mesh) fn declared_ports(&self, namespace: &str, instance: &Instance<'s>) -> BTreeMap<u16, DeclaredPort<'s>> {
        let mut ports: BTreeMap<u16, DeclaredPort<'s>> = BTreeMap::new();
        for port in instance.spec.into_iter().flat_map(container_ports).filter(|port| is_tcp(&port.protocol)) {
            if let Some(number) = number(port.container_port.0) {
                ports.entry(number).or_default().by_container = true;
            }
        }
        for (target, from) in self.service_ports(namespace, instance) {
            ports.entry(target).or_default().by_services.push(from);
        }
        for port in instance.listeners(self) {
            ports.entry(port).or_default().by_sidecar = true;
        }
        for port in self.decision(instance).ports() {
            ports.entry(port).or_default().by_policy = true;
        }
        ports
    }

    /// The ports of Services and `ServiceEntries` that lead to an instance, as pairs of workload port and origin.
    fn service_ports(&self, namespace: &str, instance: &Instance<'s>) -> Vec<(u16, ServicePort<'s>)> {
        let mut found = Vec::new();
        for service in self.services().services(namespace, &instance.labels) {
            for port in service.body.spec.ports.iter().filter(|port| is_tcp(&port.protocol)) {
                if let Some((target, called)) = instance.target_of(port).zip(number(port.port.0)) {
                    let from = ServicePort { service: &service.id, number: called, name: &port.name, protocol: Protocol::of(port) };
                    found.push((target, from));
                }
            }
        }
        for entry in self.services().entries(namespace, &instance.labels) {
            for port in entry.body.spec.ports.iter().filter(|port| port.protocol != "UDP") {
                let own = instance.entry_port(&port.name);
                let target = own.or_else(|| number(port.target_port.0)).or_else(|| number(port.number.0));
                let declared = wire::ServicePort { name: port.protocol.clone(), port: port.number, ..Default::default() };
                if let Some((target, called)) = target.zip(number(port.number.0)) {
                    let from = ServicePort { service: &entry.id, number: called, name: &port.name, protocol: Protocol::of(&declared) };
                    found.push((target, from));
                }
            }
        }
        found
    }
}

impl Instance<'_> {
    /// The number of a named port (S104): the first container port of that name and protocol, native sidecars last.
    pub(in crate::mesh) fn named_port(&self, name: &str, protocol: &str) -> Option<u16> {
        let Some(spec) = self.spec else { return self.entry_port(name) };
        let native = spec.init_containers.iter().filter(|c| c.restart_policy == "Always");
        let mut ports = spec.containers.iter().chain(native).flat_map(|c| c.ports.iter());
        let same = |a: &str, b: &str| a == b || is_tcp(a) && is_tcp(b);
        ports.find(|port| port.name == name && same(&port.protocol, protocol)).and_then(|port| number(port.container_port.0))
    }

    /// The number to which a port of a Service leads.
    pub(in crate::mesh) fn target_of(&self, port: &wire::ServicePort) -> Option<u16> {
        match &port.target_port {
            None | Some(IntOrText::Int(0)) => number(port.port.0),
            Some(IntOrText::Int(n)) => number(*n),
            Some(IntOrText::Text(name)) => self.named_port(name, &port.protocol),
        }
    }

    /// The number a `WorkloadEntry` gives to a named port.
    pub(in crate::mesh) fn entry_port(&self, name: &str) -> Option<u16> {
        self.entry_ports?.iter().find(|(key, _)| key == name).and_then(|(_, port)| number(port.0))
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
