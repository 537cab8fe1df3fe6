//! Workload controllers: Deployments, `StatefulSets`, `DaemonSets`, `ReplicaSets`, Jobs, `CronJobs`.

use serde::Deserialize;

use super::{Conditions, EmbeddedConfig, Int, Meta, PodSpec, ProxyConfig, or_default};
use crate::object::{Shared, Text};

/// Any of the workload controllers: they differ in the path of the pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Controller {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: ControllerSpec,
    #[serde(deserialize_with = "or_default")]
    pub status: ControllerStatus,
    /// The annotation `proxy.istio.io/config` of the pod template, decoded by the source.
    #[serde(skip)]
    pub proxy_config: EmbeddedConfig<ProxyConfig>,
}

impl Controller {
    /// The pod template, at the path of the kind.
    #[must_use]
    pub fn template(&self) -> &Template {
        if self.spec.job_template.is_some() { self.job_template() } else { &self.spec.template }
    }

    /// Removes the probes and hooks of its pod template.
    pub fn remove_probes_and_hooks(&mut self) {
        self.spec.template.spec.make_mut().remove_probes_and_hooks();
        if let Some(job) = &mut self.spec.job_template {
            job.spec.template.spec.make_mut().remove_probes_and_hooks();
        }
    }

    fn job_template(&self) -> &Template {
        self.spec.job_template.as_ref().map_or(&self.spec.template, |job| &job.spec.template)
    }
}

/// Spec of a workload controller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ControllerSpec {
    /// Desired number of pods.
    pub replicas: Option<Int>,
    /// The headless Service below which the pods of a `StatefulSet` have names.
    pub service_name: Text,
    /// The numbers of the pods of a `StatefulSet`.
    #[serde(deserialize_with = "or_default")]
    pub ordinals: Ordinals,
    /// The pod template, except for a `CronJob`.
    #[serde(deserialize_with = "or_default")]
    pub template: Template,
    /// The template of a `CronJob`'s jobs.
    pub job_template: Option<JobTemplate>,
}

/// `ordinals` of a `StatefulSet`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Ordinals {
    /// The number of its first pod.
    pub start: Int,
}

/// `jobTemplate` of a `CronJob`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct JobTemplate {
    #[serde(deserialize_with = "or_default")]
    pub spec: JobTemplateSpec,
}

/// `jobTemplate.spec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct JobTemplateSpec {
    /// The pod template.
    #[serde(deserialize_with = "or_default")]
    pub template: Template,
}

/// A pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Template {
    /// Labels and annotations of the pods.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec of the pods.
    #[serde(deserialize_with = "or_default")]
    pub spec: Shared<PodSpec>,
}

/// Status of a workload controller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct ControllerStatus {
    /// Conditions; only a Job's `Complete` and `Failed` matter.
    pub conditions: Conditions,
    /// Pods that are ready.
    pub ready_replicas: Int,
}
