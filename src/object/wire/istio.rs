//! Istio's custom resources, and the Kubernetes Gateway.

use serde::Deserialize;

use super::{
    AuthorizationPolicySpec, Flag, Int, List, Meta, OutboundTrafficPolicy, Pairs, PortSelector, Selector, TargetRef, Tls,
    VirtualServiceSpec, or_default, scalar::Ignored,
};
use crate::object::{Labels, Text};

/// Declares a kind with metadata and a spec. Any other top-level field is rejected: it was probably meant for the spec.
macro_rules! resources {
    ($($(#[$doc:meta])* $kind:ident { $spec:ident }),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
            #[serde(expecting = "a mapping", default, deny_unknown_fields)]
            pub struct $kind {
                #[serde(rename = "apiVersion")]
                api_version: Ignored,
                kind: Ignored,
                status: Ignored,
                #[serde(deserialize_with = "or_default")]
                pub metadata: Meta,
                #[serde(deserialize_with = "or_default")]
                pub spec: $spec,
            }
        )*
    };
}

resources! {
    /// A `PeerAuthentication`: which mTLS mode a server enforces.
    PeerAuthentication { PeerAuthenticationSpec },
    /// An `AuthorizationPolicy`: which clients may call.
    AuthorizationPolicy { AuthorizationPolicySpec },
    /// A `VirtualService`: where calls to a host are routed.
    VirtualService { VirtualServiceSpec },
    /// A `DestinationRule`: which TLS a client sends.
    DestinationRule { DestinationRuleSpec },
    /// A `WorkloadEntry`: a workload outside Kubernetes, such as a VM.
    WorkloadEntry { WorkloadEntrySpec },
    /// A `WorkloadGroup`: the template of workloads that register themselves.
    WorkloadGroup { WorkloadGroupSpec },
    Sidecar { SidecarSpec },
    /// Istio's `Gateway`.
    Gateway { GatewaySpec },
    EnvoyFilter { EnvoyFilterSpec },
    /// The `Gateway` of the Kubernetes Gateway API.
    KubernetesGateway { KubernetesGatewaySpec },
}

/// Spec of a `PeerAuthentication` (S2). Unknown fields are rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PeerAuthenticationSpec {
    /// Which workloads it applies to; absent or empty means all of the namespace.
    pub selector: Option<Selector>,
    /// The mode.
    pub mtls: Option<Mtls>,
    /// Modes of single workload ports (S16).
    pub port_level_mtls: Option<Pairs<Option<Mtls>>>,
}

/// An mTLS setting of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields)]
pub struct Mtls {
    /// `UNSET` (also when empty), `DISABLE`, `PERMISSIVE` or `STRICT`.
    pub mode: Text,
}

/// Spec of a `DestinationRule`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct DestinationRuleSpec {
    /// The host it applies to.
    pub host: Text,
    /// Traffic policy of the host.
    pub traffic_policy: Option<TrafficPolicy>,
    /// Subsets of the host.
    pub subsets: List<Subset>,
    /// Namespaces to which the rule is visible.
    pub export_to: List<Text>,
    /// Which clients it applies to.
    pub workload_selector: Option<Selector>,
}

/// A subset of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Subset {
    pub name: Text,
    /// Labels of its endpoints.
    pub labels: Labels,
    /// Traffic policy of the subset.
    pub traffic_policy: Option<TrafficPolicy>,
}

/// A traffic policy, limited to the fields that affect TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct TrafficPolicy {
    /// TLS settings.
    pub tls: Option<Tls>,
    /// Load balancing.
    pub load_balancer: Option<LoadBalancer>,
    /// Settings by service port.
    pub port_level_settings: List<PortSettings>,
}

/// Load balancing, limited to the field that affects TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct LoadBalancer {
    /// `PASSTHROUGH` keeps the address that the client dialled (S75).
    pub simple: Text,
}

/// Settings of one service port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct PortSettings {
    /// The service port.
    #[serde(deserialize_with = "or_default")]
    pub port: PortSelector,
    /// TLS settings.
    pub tls: Option<Tls>,
    /// Load balancing.
    pub load_balancer: Option<LoadBalancer>,
}

/// A `ServiceEntry`, with the addresses that istiod allocates to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields)]
pub struct ServiceEntry {
    #[serde(rename = "apiVersion")]
    api_version: Ignored,
    kind: Ignored,
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: ServiceEntrySpec,
    #[serde(deserialize_with = "or_default")]
    pub status: ServiceEntryStatus,
}

/// Status of a `ServiceEntry` (S234).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ServiceEntryStatus {
    pub addresses: List<AllocatedAddress>,
}

/// An address that istiod allocated to a host of a `ServiceEntry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct AllocatedAddress {
    pub value: Text,
    pub host: Text,
}

/// Spec of a `ServiceEntry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ServiceEntrySpec {
    /// Host names.
    pub hosts: List<Text>,
    /// Its virtual addresses.
    pub addresses: List<Text>,
    /// `MESH_EXTERNAL` (also when empty) or `MESH_INTERNAL` (S81).
    pub location: Text,
    /// `NONE` (also when empty), `STATIC`, `DNS`, `DNS_ROUND_ROBIN` or `DYNAMIC_DNS` (S81).
    pub resolution: Text,
    /// Inline endpoints.
    pub endpoints: List<WorkloadEntrySpec>,
    /// Namespaces to which it is visible (S47).
    pub export_to: List<Text>,
    /// Accepted names in its servers' certificates (S84).
    pub subject_alt_names: List<Text>,
    pub ports: List<ServiceEntryPort>,
    /// Selects the workloads behind it.
    pub workload_selector: Option<WorkloadSelector>,
}

/// A port of a `ServiceEntry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ServiceEntryPort {
    pub name: Text,
    /// The number clients call.
    pub number: Int,
    pub protocol: Text,
    /// The endpoint's port; 0 means the same number.
    pub target_port: Int,
}

/// Spec of a `WorkloadEntry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct WorkloadEntrySpec {
    pub address: Text,
    /// Ports by name.
    pub ports: Pairs<Int>,
    /// Labels; those of the metadata override them (S8).
    pub labels: Labels,
    /// Service account; if set, the workload is a member of the mesh (S74).
    pub service_account: Text,
}

/// Spec of a `WorkloadGroup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct WorkloadGroupSpec {
    /// Labels and annotations of the entries.
    #[serde(deserialize_with = "or_default")]
    pub metadata: WorkloadGroupMetadata,
    /// Spec of the entries.
    #[serde(deserialize_with = "or_default")]
    pub template: WorkloadEntrySpec,
}

/// `spec.metadata` of a `WorkloadGroup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct WorkloadGroupMetadata {
    pub labels: Labels,
}

/// A selector that has `labels` only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct WorkloadSelector {
    /// Labels that must all match.
    pub labels: Labels,
}

/// Spec of a `Sidecar`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct SidecarSpec {
    /// Which proxies it applies to; absent means all of the namespace.
    pub workload_selector: Option<WorkloadSelector>,
    /// Inbound listeners.
    pub ingress: List<IngressListener>,
    /// Which hosts its proxies can see; absent means everything (S45).
    pub egress: List<EgressListener>,
    /// How calls to unknown destinations are handled (S49).
    pub outbound_traffic_policy: Option<OutboundTrafficPolicy>,
}

/// An outbound listener of a `Sidecar`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct EgressListener {
    /// The only service port it applies to; absent means all.
    pub port: Option<Port>,
    /// `NAMESPACE/HOST`, with `*`, `.` and `~` (S45).
    pub hosts: List<Text>,
}

/// An inbound listener of a `Sidecar`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressListener {
    #[serde(deserialize_with = "or_default")]
    pub port: Port,
    /// Its own TLS, which is mostly not effective (S36).
    pub tls: Option<ServerTls>,
}

/// A port of Istio's own kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Port {
    pub number: Int,
    pub protocol: Text,
    pub name: Text,
}

/// Spec of Istio's `Gateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct GatewaySpec {
    /// Labels of the gateway pods, in every namespace.
    pub selector: Labels,
    pub servers: List<Server>,
}

/// A server of Istio's `Gateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Server {
    #[serde(deserialize_with = "or_default")]
    pub port: Port,
    /// TLS; absent means plaintext.
    pub tls: Option<ServerTls>,
}

/// TLS of a server of a `Gateway` or of a `Sidecar`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ServerTls {
    /// `PASSTHROUGH` (also when empty), `SIMPLE`, `MUTUAL`, `AUTO_PASSTHROUGH`, `ISTIO_MUTUAL` or `OPTIONAL_MUTUAL`.
    pub mode: Text,
    /// Whether plaintext requests are only redirected to HTTPS.
    pub https_redirect: Flag,
}

/// Spec of an `EnvoyFilter`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct EnvoyFilterSpec {
    /// Which proxies it applies to; absent means all of the namespace, or of the mesh in the root namespace.
    pub workload_selector: Option<WorkloadSelector>,
    /// Gateways and services it is attached to, instead of a selector.
    pub target_refs: List<TargetRef>,
}

/// Spec of the Kubernetes `Gateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct KubernetesGatewaySpec {
    /// Its class.
    pub gateway_class_name: Text,
    pub listeners: List<Listener>,
}

/// A listener of the Kubernetes `Gateway`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Listener {
    pub name: Text,
    pub port: Int,
    /// `HTTP`, `HTTPS`, `TLS`, `TCP`, `HBONE` …
    pub protocol: Text,
    pub tls: Option<ListenerTls>,
}

/// TLS of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct ListenerTls {
    /// `Terminate` (also when empty) or `Passthrough`.
    pub mode: Text,
}
