//! Decodes Kubernetes and Istio objects into typed values, in which invalid states cannot be represented.
//!
//! Kinds with few objects in a mesh are decoded once into owned values; pods, containers, Services and the like are views that borrow
//! from the snapshot and are free to create.

mod authorization;
mod boolean;
mod container;
mod decode;
mod destination_rule;
mod domain;
mod endpoint_slice;
mod envoy_filter;
mod export_to;
mod gateway;
mod injector;
mod istiod_env;
mod kubelet;
mod mesh_config;
mod metadata;
mod mode;
mod monitor;
mod outbound;
mod peer_authentication;
mod pod;
mod port;
mod protocol;
mod proxy_config;
mod service;
mod service_call;
mod service_entry;
mod sidecar;
mod tls_block;
mod virtual_service;
mod webhook;
mod workload_entry;

pub use authorization::{Action, AuthorizationPolicy};
pub use boolean::parse_bool;
pub use container::{Container, ContainerPort};
pub use decode::{Decoded, IstioViolation};
pub use destination_rule::{DestinationRule, Subset, Tls, TlsMode, TrafficPolicy, Verification};
pub use domain::ClusterDomain;
pub use endpoint_slice::{EndpointSlice, SliceEndpoint};
pub use envoy_filter::envoy_filter_selector;
pub use export_to::{Export, ExportTo};
pub use gateway::{Gateway, GatewayListener, GatewayServer, GatewayTls, KubernetesGateway};
pub use injector::{InjectionPolicy, InjectorConfig};
pub use istiod_env::IstiodEnv;
pub use kubelet::{KubeletAction, KubeletCall, KubeletField};
pub use mesh_config::{ControlPlaneMap, MeshConfig, MeshConfigLayer};
pub use metadata::{Metadata, Owner, OwnerKind};
pub use mode::Mode;
pub use monitor::{Monitor, Scrape, ScrapePort, ScrapeTls};
pub use outbound::OutboundPolicy;
pub use peer_authentication::{PeerAuthentication, Selector};
pub use pod::{Controller, Pod, PodSpec, PodTemplate};
pub use port::{PortRef, parse_port, port};
pub use protocol::{Protocol, ProtocolClass};
pub use proxy_config::{PodProxyConfig, ProxyDefaults, ProxySettings};
pub use service::{Service, ServicePort, ServiceType};
pub use service_call::{ServiceCall, ingress_class};
pub use service_entry::{EntryPort, EntryResolution, Location, ServiceEntry};
pub use sidecar::{EgressListener, EgressPort, Import, ImportNamespace, IngressListener, Sidecar};
pub use tls_block::{TlsBlock, TlsBlocks, TlsLevel};
pub use virtual_service::{Route, RouteDestination, RouteType, VirtualService};
pub use webhook::{Webhook, WebhookConfiguration};
pub use workload_entry::{WorkloadEntry, WorkloadGroup};
