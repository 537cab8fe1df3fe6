//! Whether what was not read could change which proxies the pods of a workload have.

use super::{dataplane::Dataplane, workloads::Workload};
use crate::{
    mesh::indices::Indices,
    object::{Kind, Text},
};

impl Indices<'_> {
    /// Whether all pods, or machines, of a workload were read.
    #[must_use]
    pub fn covers_pods(&self, workload: &Workload<'_>) -> bool {
        let namespace = &workload.subject.namespace;
        match workload.subject.kind.known() {
            Some(Kind::Pod | Kind::WorkloadEntry) => true,
            Some(Kind::WorkloadGroup) => self.coverage().covers(Kind::WorkloadEntry, namespace),
            _ => self.coverage().covers(Kind::Pod, namespace),
        }
    }

    /// Whether no object that was not read could change which proxies the pods of a workload have.
    pub(super) fn covers_workload(&self, workload: &Workload<'_>) -> bool {
        let coverage = self.coverage();
        if coverage.is_whole() {
            return true;
        }
        let (namespace, kind): (&Text, _) = (&workload.subject.namespace, workload.subject.kind.known());
        let is_planned = workload.instances.iter().any(|one| !one.is_running && one.spec.is_some());
        let covers_planned = || coverage.covers_template(namespace, kind) && coverage.covers_injection(self.namespace_labels(namespace));
        // A Sidecar's ingress adds to the ports that a proxy captures where others bypass it.
        let bypasses = workload.instances.iter().any(|one| one.dataplane == Dataplane::Sidecar && !one.bypasses.is_empty());
        self.covers_pods(workload) && (!is_planned || covers_planned()) && (!bypasses || coverage.covers(Kind::Sidecar, namespace))
    }
}
