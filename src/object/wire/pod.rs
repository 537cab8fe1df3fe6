//! Pods.

use serde::{Deserialize, Deserializer};

use super::{EmbeddedConfig, Flag, Int, List, Meta, ProxyConfig, or_default};
use crate::object::Text;

/// A `Pod`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Pod {
    /// Metadata.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec.
    #[serde(deserialize_with = "or_default")]
    pub spec: PodSpec,
    /// Status; absent or without content for a manifest that nobody has run.
    #[serde(deserialize_with = "or_default")]
    pub status: PodStatus,
    /// The annotation `proxy.istio.io/config`, read by the source.
    #[serde(skip)]
    pub proxy_config: EmbeddedConfig<ProxyConfig>,
}

/// The spec of a pod or of a pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct PodSpec {
    /// Containers.
    pub containers: List<Container>,
    /// Init containers; native sidecars are among them.
    pub init_containers: List<Container>,
    /// Whether the pod uses the node's network.
    pub host_network: Flag,
    /// The node it was put on.
    pub node_name: Text,
    /// Service account; empty means `default`.
    pub service_account_name: Text,
    /// The pod's security context.
    #[serde(deserialize_with = "or_default")]
    pub security_context: SecurityContext,
}

/// A container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Container {
    /// Name.
    pub name: Text,
    /// Image.
    pub image: Text,
    /// Arguments.
    pub args: List<Text>,
    /// Environment, as far as Istio's own variables go.
    #[serde(deserialize_with = "istio_env")]
    pub env: Vec<EnvVar>,
    /// Declared ports.
    pub ports: List<ContainerPort>,
    /// `Always` makes an init container a native sidecar.
    pub restart_policy: Text,
    /// The container's security context.
    #[serde(deserialize_with = "or_default")]
    pub security_context: SecurityContext,
}

/// A declared port of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ContainerPort {
    /// Name, which Services may refer to.
    pub name: Text,
    /// Number.
    pub container_port: Int,
    /// `TCP` (also when empty), `UDP` or `SCTP`.
    pub protocol: Text,
}

/// An environment variable with a literal value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct EnvVar {
    /// Name.
    pub name: Text,
    /// Value; empty where it comes from elsewhere.
    pub value: Text,
}

/// Security context of a pod or container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct SecurityContext {
    /// The user the processes run as.
    pub run_as_user: Option<Int>,
}

/// Status of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`; empty for a manifest.
    pub phase: Text,
    /// Its address.
    #[serde(rename = "podIP")]
    pub pod_ip: Text,
    /// Conditions.
    pub conditions: List<Condition>,
}

/// A condition of a status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Condition {
    /// What it is about.
    #[serde(rename = "type")]
    pub of: Text,
    /// `True`, `False` or `Unknown`.
    pub status: Text,
}

/// Keeps the variables that Istio's agents and istiod read; applications have hundreds of their own.
fn istio_env<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<EnvVar>, D::Error> {
    const PREFIXES: [&str; 7] = ["ISTIO_", "PILOT_", "ENABLE_", "ENVOY_", "DISABLE_", "SHARED_MESH_CONFIG", "REVISION"];
    let List(mut all) = List::<EnvVar>::deserialize(from)?;
    all.retain(|var| PREFIXES.iter().any(|prefix| var.name.starts_with(prefix)));
    Ok(all)
}
