//! Kubernetes Services.

use std::sync::LazyLock;

use super::{ExportTo, Metadata, PortRef, Protocol, port};
use crate::object::{Id, Labels, Read, Text, wire};

#[derive(Clone, Copy, Debug)]
pub struct Service<'s> {
    pub id: &'s Id,
    /// How clients reach it.
    pub kind: ServiceType<'s>,
    body: &'s wire::Service,
}

/// How clients reach a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceType<'s> {
    /// Through its cluster IP.
    ClusterIp,
    /// `clusterIP: None`: clients connect to its endpoints (S75). The API server allows it only for type `ClusterIP`.
    Headless,
    /// Through a port of every node (S196).
    NodePort,
    /// Through the address of a load balancer (S196).
    LoadBalancer,
    /// It is a DNS alias for this host (S79).
    ExternalName(&'s Text),
}

/// A TCP port of a Service.
#[derive(Clone, Copy, Debug)]
pub struct ServicePort<'s> {
    /// The number that clients call.
    pub number: u16,
    /// The workload's port.
    pub target: PortRef<'s>,
    body: &'s wire::ServicePort,
}

impl<'s> ServiceType<'s> {
    fn of(spec: &'s wire::ServiceSpec) -> Self {
        match spec.type_.as_str() {
            "ExternalName" => Self::ExternalName(&spec.external_name),
            _ if spec.cluster_ip == "None" => Self::Headless,
            "NodePort" => Self::NodePort,
            "LoadBalancer" => Self::LoadBalancer,
            _ => Self::ClusterIp,
        }
    }
}

impl<'s> Service<'s> {
    /// The Service as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::Service>) -> Self {
        Self { id: &read.id, kind: ServiceType::of(&read.body.spec), body: &read.body }
    }

    /// A Service that was not read: only its name is known.
    #[must_use]
    pub fn unread(id: &'s Id) -> Self {
        static NOTHING: LazyLock<wire::Service> = LazyLock::new(wire::Service::default);
        Self { id, kind: ServiceType::ClusterIp, body: &NOTHING }
    }

    #[must_use]
    pub fn meta(&self) -> Metadata<'s> {
        Metadata(&self.body.metadata)
    }

    /// The labels of its pods; empty if it has no selector.
    #[must_use]
    pub fn selector(&self) -> &'s Labels {
        &self.body.spec.selector
    }

    /// Its cluster IP; the text `None` for a headless Service.
    #[must_use]
    pub fn address(&self) -> &'s Text {
        &self.body.spec.cluster_ip
    }

    /// All its cluster IPs; none for a headless Service.
    pub fn cluster_ips(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        let spec = &self.body.spec;
        // The first of `clusterIPs` is `clusterIP` again.
        let more = spec.cluster_ips.iter().filter(|address| **address != spec.cluster_ip);
        let all = std::iter::once(&spec.cluster_ip).chain(more).map(Text::as_str);
        all.filter(|address| !address.is_empty() && *address != "None")
    }

    /// Whether pods that are not ready count as endpoints (S105).
    #[must_use]
    pub fn publishes_not_ready(&self) -> bool {
        self.body.spec.publish_not_ready_addresses.0
    }

    /// Its TCP ports, in the order of the object, without those whose number or target is invalid.
    pub fn tcp_ports(&self) -> impl Iterator<Item = ServicePort<'s>> + Clone + use<'s> {
        self.body.spec.ports.iter().filter(|port| is_tcp(&port.protocol)).filter_map(ServicePort::of)
    }

    /// The namespaces that it is exported to, from its annotation (S47).
    #[must_use]
    pub fn exports(&self) -> ExportTo {
        self.annotation("networking.istio.io/exportTo").map(ExportTo::of_list).unwrap_or_default()
    }

    /// The names that its servers may have besides those of their service accounts (S84), in a mesh with this trust domain.
    #[must_use]
    pub fn subject_alt_names(&self, trust_domain: &str) -> Vec<Text> {
        if self.body.metadata.annotations.is_empty() {
            return Vec::new();
        }
        let list = |key: &str| {
            let names = self.annotation(key).unwrap_or_default().split(',');
            names.map(str::trim).filter(|name| !name.is_empty())
        };
        let own = list("alpha.istio.io/kubernetes-serviceaccounts")
            .map(|account| format!("spiffe://{trust_domain}/ns/{}/sa/{account}", self.id.namespace).into());
        own.chain(list("alpha.istio.io/canonical-serviceaccounts").map(Text::from)).collect()
    }

    fn annotation(&self, key: &str) -> Option<&'s str> {
        self.body.metadata.annotations.get(key)
    }
}

impl<'s> ServicePort<'s> {
    fn of(body: &'s wire::ServicePort) -> Option<Self> {
        let number = port(body.port.0)?;
        // An absent target is serialized as 0.
        let target = match &body.target_port {
            None | Some(wire::IntOrText::Int(0)) => PortRef::Number(number),
            Some(target) => PortRef::of(target)?,
        };
        Some(Self { number, target, body })
    }

    #[must_use]
    pub fn name(&self) -> &'s Text {
        &self.body.name
    }

    /// The protocol that it declares (S26).
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        Protocol::of(self.body)
    }

    /// The node port that forwards to it, if one is set (S196).
    #[must_use]
    pub fn node_port(&self) -> Option<u16> {
        port(self.body.node_port.0)
    }
}

/// Whether the `protocol` of a Service's or container's port is TCP, which is the default.
pub(super) fn is_tcp(protocol: &str) -> bool {
    matches!(protocol, "" | "TCP")
}
