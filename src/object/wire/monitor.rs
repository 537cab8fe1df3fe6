//! `ServiceMonitors` and `PodMonitors`, which configure what the Prometheus operator scrapes.

use serde::Deserialize;

use super::{Flag, Int, IntOrText, List, Meta, or_default};
use crate::object::{LabelSelector, Text};

/// A `ServiceMonitor` or a `PodMonitor`: they differ in what the selector selects and in the field that lists the endpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Monitor {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: MonitorSpec,
}

/// Spec of a monitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MonitorSpec {
    /// Selects Services or pods.
    #[serde(deserialize_with = "or_default")]
    pub selector: LabelSelector,
    /// The namespaces in which it selects.
    #[serde(deserialize_with = "or_default")]
    pub namespace_selector: MonitorNamespaces,
    /// Endpoints of a `ServiceMonitor`.
    pub endpoints: List<MonitorEndpoint>,
    /// Endpoints of a `PodMonitor`.
    pub pod_metrics_endpoints: List<MonitorEndpoint>,
}

/// `namespaceSelector` of a monitor; without either field it means the monitor's own namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MonitorNamespaces {
    /// Every namespace.
    pub any: Flag,
    /// These namespaces.
    pub match_names: List<Text>,
}

/// An endpoint of a monitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MonitorEndpoint {
    /// Name of the Service's port, or of the container's in a `PodMonitor`.
    pub port: Text,
    /// Number of the container's port, in a `PodMonitor`.
    pub port_number: Option<Int>,
    /// The container's port by name or number.
    pub target_port: Option<IntOrText>,
    /// `http` (also when empty) or `https`, in any capitals.
    pub scheme: Text,
    /// TLS of scrapes over `https`.
    pub tls_config: Option<MonitorTls>,
}

/// `tlsConfig` of an endpoint, limited to Prometheus's client certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct MonitorTls {
    /// File of the client certificate.
    pub cert_file: Text,
    /// The client certificate from a Secret or `ConfigMap`.
    pub cert: Option<MonitorCertificate>,
}

/// A certificate in a Secret or `ConfigMap`; only its presence matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct MonitorCertificate {}
