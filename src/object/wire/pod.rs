//! Pods.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

use super::{EmbeddedConfig, Flag, Int, Lifecycle, List, Meta, Probe, ProxyConfig, or_default};
use crate::object::{Shared, Text};

/// A `Pod`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Pod {
    /// Metadata.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec; the pods of one workload have it in common.
    #[serde(deserialize_with = "or_default")]
    pub spec: Shared<PodSpec>,
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
    /// Service account; empty means `default`.
    pub service_account_name: Text,
    /// The pod's security context.
    #[serde(deserialize_with = "or_default")]
    pub security_context: PodSecurityContext,
}

impl PodSpec {
    /// Drops what the kubelet calls. Only who asks for callers from outside the mesh, or compares templates, has a use for it, and in
    /// a big cluster it is a large part of what is kept.
    pub fn without_kubelet(&mut self) {
        for container in self.containers.0.iter_mut().chain(&mut self.init_containers.0) {
            container.readiness_probe = None;
            container.liveness_probe = None;
            container.startup_probe = None;
            container.lifecycle = None;
        }
    }
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
    /// Environment.
    pub env: Environment,
    /// Declared ports.
    pub ports: List<ContainerPort>,
    /// `Always` makes an init container a native sidecar.
    pub restart_policy: Text,
    /// The container's security context.
    #[serde(deserialize_with = "or_default")]
    pub security_context: SecurityContext,
    /// Asked whether it can take calls.
    pub readiness_probe: Option<Box<Probe>>,
    /// Asked whether it must be started again.
    pub liveness_probe: Option<Box<Probe>>,
    /// Asked whether it has started.
    pub startup_probe: Option<Box<Probe>>,
    /// What the kubelet does when it starts and stops.
    pub lifecycle: Option<Box<Lifecycle>>,
}

/// A declared port of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ContainerPort {
    /// Name, which Services may refer to.
    pub name: Text,
    /// Number.
    pub container_port: Int,
    /// The node's port that leads to it; 0 if none does.
    pub host_port: Int,
    /// `TCP` (also when empty), `UDP` or `SCTP`.
    pub protocol: Text,
}

/// The environment of a container, as far as [`is_relevant_variable`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Environment(pub Vec<EnvVar>);

impl Deref for Environment {
    type Target = [EnvVar];

    fn deref(&self) -> &[EnvVar] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let List(mut all) = List::<EnvVar>::deserialize(from)?;
        all.retain(|var| is_relevant_variable(&var.name));
        Ok(Self(all))
    }
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

/// Security context of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct PodSecurityContext {
    /// The user the processes run as, where their containers do not say.
    pub run_as_user: Option<Int>,
}

/// Security context of a container.
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
    pub conditions: Conditions,
}

/// The conditions of a status that this tool asks for: `Ready`, and of Jobs `Complete` and `Failed`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// Whether conditions of this type are kept.
    #[must_use]
    pub fn keep(of: &str) -> bool {
        matches!(of, "Ready" | "Complete" | "Failed")
    }

    /// Adds a condition, if it is of use.
    pub fn add(&mut self, condition: Condition) {
        if Self::keep(&condition.of) {
            self.0.push(condition);
        }
    }
}

impl Deref for Conditions {
    type Target = [Condition];

    fn deref(&self) -> &[Condition] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let List(all) = List::<Condition>::deserialize(from)?;
        let mut conditions = Self::default();
        for condition in all {
            conditions.add(condition);
        }
        Ok(conditions)
    }
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

/// Whether this tool reads a variable: istiod's settings, and what a proxy's agent says of itself. Applications have
/// hundreds of their own, and the agent repeats the names and ports of its pod, which would only cost memory.
#[must_use]
pub fn is_relevant_variable(name: &str) -> bool {
    const PREFIXES: [&str; 7] = ["ISTIO_", "PILOT_", "ENABLE_", "ENVOY_", "DISABLE_", "SHARED_MESH_CONFIG", "REVISION"];
    const OF_THE_POD: [&str; 6] = ["POD_PORTS", "APP_CONTAINERS", "WORKLOAD_NAME", "OWNER", "NODE_NAME", "CLUSTER_ID"];
    let is_of_the_pod = name.strip_prefix("ISTIO_META_").is_some_and(|rest| OF_THE_POD.contains(&rest));
    !is_of_the_pod && PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
