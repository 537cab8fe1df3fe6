//! Wire structs: the fields of each kind that this tool uses; unknown fields are skipped, never stored.
//!
//! The structs decode from JSON and YAML. They are as strict as the API server: a value of another type than the schema's is
//! rejected. `null` reads as absent, as in Go.

mod backend_policy;
mod config;
mod controller;
mod endpoint_slice;
mod endpoints;
mod gateway_route;
mod ingress;
mod istio;
mod monitor;
mod pod;
mod probe;
mod reference;
mod scalar;
mod service;
mod tls;
mod traffic;
mod uid;
mod webhook;

use serde::{Deserialize, Deserializer};

use super::{Labels, Text, labels::annotations};

pub use backend_policy::{BackendName, BackendPolicy, BackendPolicySpec, BackendRef, BackendValidation, CaReference};
pub use config::{
    CaCertificate, ConfigMap, EmbeddedConfig, Global, InjectorPolicy, InjectorValues, MeshConfig, OutboundTrafficPolicy, ProxyConfig,
    ProxyValues, WebhookValues,
};
pub use controller::{Controller, ControllerSpec, ControllerStatus, JobTemplate, JobTemplateSpec, Ordinals, Template};
pub use endpoint_slice::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice, TargetPod};
pub use endpoints::{EndpointAddress, EndpointSubset, Endpoints};
pub use gateway_route::{
    AnyMethod, GatewayRoute, GatewayRouteSpec, ParentRef, PathMatch, RouteBackend, RouteFilter, RouteMatch, RouteMirror, RouteRule,
};
pub use ingress::{HttpIngress, Ingress, IngressBackend, IngressPath, IngressPort, IngressRule, IngressService, IngressSpec};
pub use istio::{
    AuthorizationPolicy, DestinationRule, DestinationRuleSpec, EgressListener, EnvoyFilter, EnvoyFilterSpec, Gateway, GatewaySpec,
    IngressListener, KubernetesGateway, KubernetesGatewaySpec, Listener, ListenerTls, LoadBalancer, Mtls, PeerAuthentication,
    PeerAuthenticationSpec, Port, PortSettings, Server, ServerTls, ServiceEntry, ServiceEntryPort, ServiceEntrySpec, Sidecar, SidecarSpec,
    Subset, TrafficPolicy, VirtualService, WorkloadEntry, WorkloadEntrySpec, WorkloadGroup, WorkloadGroupMetadata, WorkloadGroupSpec,
    WorkloadSelector,
};
pub use monitor::{Monitor, MonitorCertificate, MonitorEndpoint, MonitorNamespaces, MonitorSpec, MonitorTls};
pub use pod::{
    Condition, Conditions, Container, ContainerPort, EnvVar, Environment, Pod, PodSecurityContext, PodSpec, PodStatus, SecurityContext,
    is_relevant_variable,
};
pub use probe::{GrpcCall, HttpGet, Lifecycle, LifecycleHandler, Probe, ProbeHandler, TcpSocket};
pub use reference::{PortSelector, Selector, TargetRef};
pub use scalar::{Flag, Int, IntOrText, List, Pairs, Time};
pub use service::{Service, ServicePort, ServiceSpec};
pub use tls::Tls;
pub use traffic::{
    AuthorizationPolicySpec, AuthorizationRule, Match, Present, Route, RouteDestination, RuleCondition, RuleFrom, Source, UriMatch,
    VirtualServiceSpec, Weighted,
};
pub use uid::OwnUid;
pub use webhook::{
    ApiService, ApiServiceSpec, CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionSpec, MutatingWebhook,
    MutatingWebhookConfiguration, ServiceReference, ValidatingWebhook, ValidatingWebhookConfiguration, WebhookClientConfig,
    WebhookConversion,
};

/// `metadata`, limited to the fields that this tool uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Meta {
    /// Name; empty if only `generateName` is set.
    pub name: Text,
    /// Prefix of the name that the API server will generate.
    pub generate_name: Text,
    /// Namespace; empty if the manifest does not set it.
    pub namespace: Text,
    pub labels: Labels,
    /// Annotations; only those that this tool reads are kept.
    #[serde(deserialize_with = "annotations")]
    pub annotations: Labels,
    /// When the object was created.
    pub creation_timestamp: Time,
    /// Its `uid`, which equal objects need not share.
    pub uid: OwnUid,
    /// Its owners.
    pub owner_references: List<Owner>,
}

/// An owner of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Owner {
    /// Kind of the owner.
    pub kind: Text,
    /// Its name, in the same namespace.
    pub name: Text,
    /// Whether it is the managing controller.
    pub controller: Flag,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Namespace {
    /// Metadata; only the labels are used.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
}

/// Reads `null` as the default.
pub(super) fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
