//! The client side: what a client sends to an endpoint of a service, and why (S44–S91).
//!
//! ```text
//! Client ─▶ Destination (is it in scope?) ─▶ RuleInForce ─▶ Cluster (which TLS?) ─▶ SentAs, endpoint by endpoint
//! ```

mod addresses;
mod by_host;
mod claim;
mod classes;
mod cluster;
mod cluster_dns;
mod converted_routes;
mod egress;
mod endpoint;
mod endpoints;
mod entry_endpoints;
mod generated_rules;
mod headless_pod;
mod identity;
mod known_host;
mod listener;
mod registry;
mod routes;
mod rules;
mod scope;
mod selections;
mod sent_as;
mod shared_listener;
mod slice_endpoints;
mod slice_index;
mod takers;
mod waypoint;
mod ztunnel_endpoints;

use super::{Dataplane, Instance, Workload, indices::Indices};
use crate::{
    istio::ProxySettings,
    object::{Labels, Text},
};

pub(super) use addresses::ServiceAddresses;
pub use claim::Claim;
pub use classes::{ClientClass, ClientClasses, ClientExceptions, Representative};
pub use cluster::{AutoMtlsOff, Cluster, ClusterTls};
pub use cluster_dns::NamedInDns;
pub use egress::OutOfScope;
pub use endpoint::{Endpoint, FoundBy, InstanceAt, Represented, SelectedClass};
pub(super) use endpoint::{Selections, SlicedPorts};
pub use entry_endpoints::{entry_port, target_of};
pub(super) use generated_rules::generated_rules;
pub use headless_pod::HeadlessPod;
pub use registry::{MAX_ALIASES, Port, Registry, Resolution, Service, ServiceSource, TargetPort, resolve_alias};
pub use routes::{RouteTarget, Routes, Routing};
pub(super) use rules::Query;
pub use rules::{DestinationRuleIndex, RuleInForce, SettingsInUse, UncoveredClients, UnmergedRule, host_matches};
pub use scope::{Destination, Known};
pub use shared_listener::SharedListener;
pub use ztunnel_endpoints::SliceUse;

/// The kind of proxy that sends a client's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientKind {
    Sidecar,
    /// ztunnel.
    Ambient,
    Gateway,
    Waypoint,
    /// Proxyless gRPC.
    Proxyless,
    /// No mesh proxy.
    None,
}

impl From<Dataplane> for ClientKind {
    fn from(dataplane: Dataplane) -> Self {
        match dataplane {
            Dataplane::Sidecar => Self::Sidecar,
            Dataplane::Ambient => Self::Ambient,
            Dataplane::Gateway => Self::Gateway,
            Dataplane::Waypoint => Self::Waypoint,
            Dataplane::Proxyless => Self::Proxyless,
            Dataplane::None => Self::None,
        }
    }
}

impl ClientKind {
    /// Whether Envoy sends, so that a failure shows as its 503 rather than as a reset (S95).
    #[must_use]
    pub fn is_envoy(self) -> bool {
        matches!(self, Self::Sidecar | Self::Gateway | Self::Waypoint)
    }

    /// Whether `DestinationRules` and Sidecar resources apply to these clients.
    #[must_use]
    pub fn has_rules(self) -> bool {
        !matches!(self, Self::Ambient | Self::None)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sidecar => "sidecar",
            Self::Ambient => "ambient",
            Self::Gateway => "gateway",
            Self::Waypoint => "waypoint",
            Self::Proxyless => "proxyless",
            Self::None => "none",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Client<'m> {
    /// Its namespace; empty outside the cluster.
    pub namespace: Text,
    pub labels: Labels,
    /// What sends its calls.
    pub kind: ClientKind,
    /// The revision whose settings it uses.
    pub revision: Text,
    /// Its workload and pods; `None` for any client of its namespace.
    pub instance: Option<(&'m Workload<'m>, &'m Instance<'m>)>,
    /// The name of its pod; `None` for any pod of its workload.
    pub pod: Option<Text>,
}

impl<'m> Client<'m> {
    /// A workload as client.
    #[must_use]
    pub fn workload(workload: &'m Workload<'m>, instance: &'m Instance<'m>) -> Self {
        Self {
            namespace: workload.subject.namespace.clone(),
            labels: instance.labels.clone(),
            kind: instance.dataplane.into(),
            revision: instance.revision.clone(),
            instance: Some((workload, instance)),
            pod: None,
        }
    }

    /// Any client of a namespace with these labels.
    #[must_use]
    pub fn any(indices: &Indices<'_>, namespace: &str, labels: Labels, kind: ClientKind) -> Self {
        let revision = indices.control_planes().revision_of_namespace(indices.namespace_labels(namespace)).into();
        Self { namespace: namespace.into(), labels, kind, revision, instance: None, pod: None }
    }

    /// A client outside the mesh and the cluster.
    #[must_use]
    pub fn outside() -> Self {
        Self {
            namespace: Text::default(),
            labels: Labels::default(),
            kind: ClientKind::None,
            revision: "default".into(),
            instance: None,
            pod: None,
        }
    }

    /// Whether its proxy has certificates of its own (S91).
    #[must_use]
    pub fn has_own_certificates(&self, indices: &Indices<'_>) -> bool {
        self.proxy_settings(indices).has_own_certificates()
    }

    /// Whether its application can read the mesh's certificate from files (S248).
    #[must_use]
    pub fn outputs_certificates(&self, indices: &Indices<'_>) -> bool {
        self.instance.is_some() && self.proxy_settings(indices).outputs_certificates()
    }

    /// Whether its proxy is configured not to send HBONE (S78).
    pub(super) fn disables_hbone_send(&self, indices: &Indices<'_>) -> bool {
        self.proxy_settings(indices).disables_hbone_send()
    }

    /// Whether its proxy uses the addresses that istiod allocates to entries without one (S234).
    pub(super) fn uses_allocated_addresses(&self, indices: &Indices<'_>) -> bool {
        let settings = self.proxy_settings(indices);
        settings.captures_dns() && (settings.allocates_addresses() || indices.control_planes().version().is_at_least(25, 0))
    }

    /// The settings of its proxy: the pod's own, and the mesh's where the pod sets none (S18).
    fn proxy_settings<'p>(&self, indices: &'p Indices<'_>) -> ProxySettings<'p>
    where
        'm: 'p,
    {
        let own = self.instance.and_then(|(_, instance)| instance.proxy_config);
        indices.control_planes().of_revision(&self.revision).proxy.with(own)
    }
}

impl Indices<'_> {
    /// Whether a client knows the addresses that istiod allocates to entries: ztunnel does, and a sidecar that captures DNS (S234).
    #[must_use]
    pub fn knows_allocated_addresses(&self, client: &Client<'_>) -> bool {
        client.kind == ClientKind::Ambient || client.kind == ClientKind::Sidecar && client.uses_allocated_addresses(self)
    }
}
