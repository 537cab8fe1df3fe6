//! Pods.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

use super::{EmbeddedConfig, Flag, Int, Lifecycle, List, Meta, Probe, ProxyConfig, or_default};
use crate::object::{Shared, Text};

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Pod {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec; shared by the pods of one workload.
    #[serde(deserialize_with = "or_default")]
    pub spec: Shared<PodSpec>,
    /// Status; absent or empty for a manifest that is not running.
    #[serde(deserialize_with = "or_default")]
    pub status: PodStatus,
    /// The annotation `proxy.istio.io/config`, decoded by the source.
    #[serde(skip)]
    pub proxy_config: EmbeddedConfig<ProxyConfig>,
}

/// The spec of a pod or of a pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct PodSpec {
    pub containers: List<Container>,
    /// Init containers; native sidecars are among them.
    pub init_containers: List<Container>,
    /// Whether the pod uses the node's network.
    pub host_network: Flag,
    /// Service account; empty means `default`.
    pub service_account_name: Text,
    /// The pod's hostname; read from files only, because in a cluster the pods of a `StatefulSet` share everything but this.
    pub hostname: Text,
    /// The Service below which the hostname is a name; read from files only.
    pub subdomain: Text,
    /// The pod's security context.
    #[serde(deserialize_with = "or_default")]
    pub security_context: PodSecurityContext,
}

impl PodSpec {
    /// Removes probes and hooks. They are only used to find callers from outside the mesh and to compare templates, and in a large
    /// cluster they are a large part of the memory.
    pub fn remove_probes_and_hooks(&mut self) {
        for container in self.containers.0.iter_mut().chain(&mut self.init_containers.0) {
            container.readiness_probe = None;
            container.liveness_probe = None;
            container.startup_probe = None;
            container.lifecycle = None;
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct Container {
    pub name: Text,
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
    pub readiness_probe: Option<Box<Probe>>,
    pub liveness_probe: Option<Box<Probe>>,
    pub startup_probe: Option<Box<Probe>>,
    /// Hooks that the kubelet runs after start and before stop.
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
    /// The node's port that forwards to it; 0 if none.
    pub host_port: Int,
    /// `TCP` (also when empty), `UDP` or `SCTP`.
    pub protocol: Text,
}

/// The environment of a container; only variables that [`is_relevant_variable`] are kept.
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
    pub name: Text,
    /// Value; empty if it comes from elsewhere.
    pub value: Text,
}

/// Security context of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct PodSecurityContext {
    /// The user ID of the processes, if the container sets none.
    pub run_as_user: Option<Int>,
}

/// Security context of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct SecurityContext {
    /// The user ID of the processes.
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
    pub conditions: Conditions,
}

/// The conditions of a status that this tool reads: `Ready`, and `Complete` and `Failed` of Jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// Whether conditions of this type are kept.
    #[must_use]
    pub fn is_relevant(of: &str) -> bool {
        matches!(of, "Ready" | "Complete" | "Failed")
    }

    /// Adds a condition, if its type is kept.
    pub fn add(&mut self, condition: Condition) {
        if Self::is_relevant(&condition.condition_type) {
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
    /// Its type.
    #[serde(rename = "type")]
    pub condition_type: Text,
    /// `True`, `False` or `Unknown`.
    pub status: Text,
}

/// Whether this tool reads a variable: istiod's settings, and the settings of a proxy's agent. Applications have hundreds of their
/// own, and the agent repeats the names and ports of its pod, which would only use memory.
#[must_use]
pub fn is_relevant_variable(name: &str) -> bool {
    const PREFIXES: [&str; 7] = ["ISTIO_", "PILOT_", "ENABLE_", "ENVOY_", "DISABLE_", "SHARED_MESH_CONFIG", "REVISION"];
    const OF_THE_POD: [&str; 6] = ["POD_PORTS", "APP_CONTAINERS", "WORKLOAD_NAME", "OWNER", "NODE_NAME", "CLUSTER_ID"];
    let is_of_the_pod = name.strip_prefix("ISTIO_META_").is_some_and(|rest| OF_THE_POD.contains(&rest));
    !is_of_the_pod && PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
