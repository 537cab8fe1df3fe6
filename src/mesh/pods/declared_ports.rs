//! The ports of an instance that containers, Services, policies in force or a Sidecar's ingress declare (S16, S23, S25, S104).

use std::collections::BTreeMap;

use super::{
    dataplane::Dataplane,
    instance::Instance,
    ports::{DeclaredPort, TargetingPort, tcp_ports},
};
use crate::{istio::IngressListener, mesh::indices::Indices, object::Labels};

impl<'s> Indices<'s> {
    /// Every workload port that containers, Services, policies in force or a Sidecar's ingress declare.
    pub(in crate::mesh) fn declared_ports(&self, namespace: &str, instance: &Instance<'s>) -> BTreeMap<u16, DeclaredPort<'s>> {
        let mut ports: BTreeMap<u16, DeclaredPort<'s>> = BTreeMap::new();
        for port in instance.spec.into_iter().flat_map(tcp_ports) {
            ports.entry(port.number).or_default().by_container = true;
        }
        for (target, from) in self.service_ports(namespace, instance) {
            ports.entry(target).or_default().by_services.push(from);
        }
        for port in self.listeners(instance) {
            ports.entry(port).or_default().by_sidecar = true;
        }
        for port in self.policies().decision(instance.decision).ports() {
            ports.entry(port).or_default().by_policy = true;
        }
        ports
    }

    /// The ports of Services and `ServiceEntries` that target an instance, as pairs of workload port and origin.
    fn service_ports(&self, namespace: &str, instance: &Instance<'s>) -> Vec<(u16, TargetingPort<'s>)> {
        let mut found = Vec::new();
        for service in self.services().services(namespace, &instance.labels) {
            for port in service.tcp_ports() {
                if let Some(target) = instance.target_of(port.target) {
                    let from = TargetingPort { service: service.id, number: port.number, name: port.name(), protocol: port.protocol() };
                    found.push((target, from));
                }
            }
        }
        for entry in self.services().entries(namespace, &instance.labels) {
            for port in entry.ports() {
                let target = instance.entry_port(port.name).or(port.target).unwrap_or(port.number);
                found.push((target, TargetingPort { service: entry.id, number: port.number, name: port.name, protocol: port.protocol }));
            }
        }
        found
    }

    /// The ports on which the Sidecar resource in force listens; empty for other data planes.
    fn listeners(&self, instance: &Instance<'s>) -> Vec<u16> {
        if instance.dataplane != Dataplane::Sidecar {
            return Vec::new();
        }
        numbers(self.ingress(instance.namespace, &instance.revision, &instance.labels)).collect()
    }

    /// The inbound listeners that the Sidecar resource of such a proxy defines; empty if none does (S25, S44).
    pub(in crate::mesh) fn ingress(&self, namespace: &str, revision: &str, labels: &Labels) -> &[IngressListener] {
        let root = &self.control_planes().of_revision(revision).root_namespace;
        let sidecar = self.services().sidecar(root, namespace, labels);
        sidecar.map(|sidecar| sidecar.ingress.as_slice()).unwrap_or_default()
    }
}

/// The ports of a Sidecar's listeners.
pub(super) fn numbers(listeners: &[IngressListener]) -> impl Iterator<Item = u16> {
    listeners.iter().filter_map(|listener| listener.port)
}
