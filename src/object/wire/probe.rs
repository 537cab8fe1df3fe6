//! Calls of the kubelet to containers: probes and lifecycle hooks.

use serde::Deserialize;

use super::{Int, IntOrText, or_default};
use crate::object::Text;

/// A probe. Empty if it runs a command, because then it calls no port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Probe {
    /// Its action; a separate message in protobuf.
    pub handler: ProbeHandler,
}

/// The action of a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ProbeHandler {
    /// An HTTP request.
    pub http_get: Option<HttpGet>,
    /// A TCP connection.
    pub tcp_socket: Option<TcpSocket>,
    /// A call of gRPC's health service.
    pub grpc: Option<GrpcCall>,
}

/// `lifecycle` of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Lifecycle {
    /// Runs after the container has started.
    #[serde(deserialize_with = "or_default")]
    pub post_start: LifecycleHandler,
    /// Runs before the container is stopped.
    #[serde(deserialize_with = "or_default")]
    pub pre_stop: LifecycleHandler,
}

/// The action of a hook. Empty if it runs a command or sleeps, because then it calls no port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct LifecycleHandler {
    /// An HTTP request.
    pub http_get: Option<HttpGet>,
    /// A TCP connection.
    pub tcp_socket: Option<TcpSocket>,
}

/// An HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct HttpGet {
    /// Path; empty means `/`.
    pub path: Text,
    /// Number of the port, or its name in the same container.
    pub port: IntOrText,
    /// Host to call; empty means the pod.
    pub host: Text,
    /// `HTTP` (also when empty) or `HTTPS`.
    pub scheme: Text,
}

/// A TCP connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct TcpSocket {
    /// Number of the port, or its name in the same container.
    pub port: IntOrText,
    /// Host to call; empty means the pod.
    pub host: Text,
}

/// A call of gRPC's health service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct GrpcCall {
    /// Number of the port.
    pub port: Int,
}
