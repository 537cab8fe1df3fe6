//! What the kubelet asks of containers: probes, and the hooks of their life.

use serde::Deserialize;

use super::{Int, IntOrText, or_default};
use crate::object::Text;

/// A probe. One that runs a command calls nobody, and is empty here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Probe {
    /// What it does; in protobuf a message of its own.
    pub handler: ProbeHandler,
}

/// What a probe does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ProbeHandler {
    /// It sends a request.
    pub http_get: Option<HttpGet>,
    /// It opens a connection.
    pub tcp_socket: Option<TcpSocket>,
    /// It calls gRPC's health service.
    pub grpc: Option<GrpcCall>,
}

/// `lifecycle` of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Lifecycle {
    /// Done when it has been started.
    #[serde(deserialize_with = "or_default")]
    pub post_start: LifecycleHandler,
    /// Done before it is stopped.
    #[serde(deserialize_with = "or_default")]
    pub pre_stop: LifecycleHandler,
}

/// What a hook does. One that runs a command or waits calls nobody, and is empty here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct LifecycleHandler {
    /// It sends a request.
    pub http_get: Option<HttpGet>,
    /// It opens a connection.
    pub tcp_socket: Option<TcpSocket>,
}

/// A request over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct HttpGet {
    /// Path; empty means `/`.
    pub path: Text,
    /// Number of the port, or its name in the same container.
    pub port: IntOrText,
    /// Whom to call; empty means the pod.
    pub host: Text,
    /// `HTTP` (also when empty) or `HTTPS`.
    pub scheme: Text,
}

/// A connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct TcpSocket {
    /// Number of the port, or its name in the same container.
    pub port: IntOrText,
    /// Whom to call; empty means the pod.
    pub host: Text,
}

/// A call of gRPC's health service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct GrpcCall {
    /// Number of the port.
    pub port: Int,
}
