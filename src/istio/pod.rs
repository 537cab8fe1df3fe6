//! Pods, and the templates and controllers that create them.

use super::{Container, Metadata, PodProxyConfig};
use crate::object::{Id, Origin, Read, Shared, Text, wire};

#[derive(Clone, Copy, Debug)]
pub struct Pod<'s> {
    pub id: &'s Id,
    /// When it was created, in seconds since 1970.
    pub created: Option<i64>,
    /// Where it was read.
    pub origin: &'s Origin,
    body: &'s wire::Pod,
}

/// The spec of a pod or of a pod template.
#[derive(Clone, Copy, Debug)]
pub struct PodSpec<'s>(&'s wire::PodSpec);

/// The template for the pods of a controller.
#[derive(Clone, Copy, Debug)]
pub struct PodTemplate<'s> {
    /// Labels and annotations.
    pub meta: Metadata<'s>,
    pub spec: PodSpec<'s>,
    /// The annotation `proxy.istio.io/config`.
    pub proxy_config: Option<PodProxyConfig<'s>>,
}

/// A workload controller: a Deployment, `StatefulSet`, `DaemonSet`, `ReplicaSet`, Job or `CronJob`.
#[derive(Clone, Copy, Debug)]
pub struct Controller<'s> {
    pub id: &'s Id,
    /// Where it was read.
    pub origin: &'s Origin,
    body: &'s wire::Controller,
}

impl<'s> Pod<'s> {
    /// The pod as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::Pod>) -> Self {
        Self { id: &read.id, created: read.created, origin: &read.origin, body: &read.body }
    }

    #[must_use]
    pub fn meta(&self) -> Metadata<'s> {
        Metadata(&self.body.metadata)
    }

    #[must_use]
    pub fn spec(&self) -> PodSpec<'s> {
        PodSpec(&self.body.spec)
    }

    /// The annotation `proxy.istio.io/config`.
    #[must_use]
    pub fn proxy_config(&self) -> Option<PodProxyConfig<'s>> {
        PodProxyConfig::of(&self.body.proxy_config)
    }

    /// Whether it runs or has run; a pod with an empty status is a manifest.
    #[must_use]
    pub fn has_status(&self) -> bool {
        let status = &self.body.status;
        !(status.phase.is_empty() && status.pod_ip.is_empty() && status.conditions.is_empty())
    }

    /// Whether it has ended, and so is no longer an endpoint (S105).
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.body.status.phase.as_str(), "Succeeded" | "Failed")
    }

    /// Whether it accepts calls; `None` if its status does not contain the condition (S105).
    #[must_use]
    pub fn is_ready(&self) -> Option<bool> {
        let ready = self.body.status.conditions.iter().find(|condition| condition.condition_type == "Ready")?;
        match ready.status.as_str() {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }
    }

    /// The address in its status, which is the node's if the pod is on the host network.
    #[must_use]
    pub fn address(&self) -> Option<&'s Text> {
        Some(&self.body.status.pod_ip).filter(|address| !address.is_empty())
    }
}

impl<'s> PodSpec<'s> {
    pub(super) fn of(spec: &'s Shared<wire::PodSpec>) -> Self {
        Self(spec)
    }

    pub fn containers(self) -> impl Iterator<Item = Container<'s>> + Clone + use<'s> {
        self.0.containers.iter().map(Container::of)
    }

    /// Its init containers, including native sidecars.
    pub fn init_containers(self) -> impl Iterator<Item = Container<'s>> + Clone + use<'s> {
        self.0.init_containers.iter().map(Container::of)
    }

    /// Its containers, followed by the native sidecars (S146).
    pub fn running_containers(self) -> impl Iterator<Item = Container<'s>> + Clone + use<'s> {
        self.containers().chain(self.init_containers().filter(|container| container.is_native_sidecar()))
    }

    /// Whether the pod is on the host network.
    #[must_use]
    pub fn is_on_host_network(self) -> bool {
        self.0.host_network.0
    }

    /// Its service account; `None` means the namespace's `default`.
    #[must_use]
    pub fn service_account(self) -> Option<&'s Text> {
        Some(&self.0.service_account_name).filter(|name| !name.is_empty())
    }

    /// The user ID that its processes run as if their containers set none.
    #[must_use]
    pub fn run_as_user(self) -> Option<i64> {
        self.0.security_context.run_as_user.map(|user| user.0)
    }

    /// The pod's hostname, and the headless Service below which it is a name in DNS (S222); both may be empty.
    #[must_use]
    pub fn hostname(self) -> (&'s Text, &'s Text) {
        (&self.0.hostname, &self.0.subdomain)
    }

    /// Whether two pods with these specs are equivalent in everything relevant to mTLS.
    #[must_use]
    pub fn is_equivalent_for_mtls(self, other: PodSpec<'_>) -> bool {
        std::ptr::eq(self.0, other.0) || mtls_relevant_fields(self.0) == mtls_relevant_fields(other.0)
    }
}

/// The parts of a pod's spec that are relevant to mTLS.
fn mtls_relevant_fields(spec: &wire::PodSpec) -> impl PartialEq + use<'_> {
    (&spec.containers, &spec.init_containers, spec.host_network, &spec.service_account_name, spec.security_context)
}

impl<'s> Controller<'s> {
    /// The controller as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::Controller>) -> Self {
        Self { id: &read.id, origin: &read.origin, body: &read.body }
    }

    #[must_use]
    pub fn meta(self) -> Metadata<'s> {
        Metadata(&self.body.metadata)
    }

    /// The template of its pods.
    #[must_use]
    pub fn template(self) -> PodTemplate<'s> {
        let template = self.body.template();
        PodTemplate {
            meta: Metadata(&template.metadata),
            spec: PodSpec::of(&template.spec),
            proxy_config: PodProxyConfig::of(&self.body.proxy_config),
        }
    }

    /// Desired pods; `None` if not set.
    #[must_use]
    pub fn replicas(self) -> Option<i64> {
        self.body.spec.replicas.map(|number| number.0)
    }

    /// The Service below which the pods of a `StatefulSet` have names (S222); empty if they have none.
    #[must_use]
    pub fn service_name(self) -> &'s Text {
        &self.body.spec.service_name
    }

    /// The number of the first pod of a `StatefulSet`.
    #[must_use]
    pub fn first_ordinal(self) -> i64 {
        self.body.spec.ordinals.start.0
    }

    /// Pods that are ready.
    #[must_use]
    pub fn ready_replicas(self) -> i64 {
        self.body.status.ready_replicas.0
    }

    /// Whether it is a Job that has ended, successfully or not.
    #[must_use]
    pub fn has_ended(self) -> bool {
        let is_end = |condition_type: &str| matches!(condition_type, "Complete" | "Failed");
        self.body.status.conditions.iter().any(|condition| condition.status == "True" && is_end(&condition.condition_type))
    }
}
