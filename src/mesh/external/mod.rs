//! Callers of a workload from outside the mesh, derived from configuration (S182–S190, S195, S196).
//!
//! They never use the mesh's mTLS: the kubelet, Prometheus, the API server, and clients that arrive through a node port or a load
//! balancer. Calls that bypass the proxy, and so succeed in every mode, are left out (S205).

mod external_caller;
mod ingress_controllers;
mod kubelet;
mod manifest;
mod prometheus_annotations;
mod prometheus_operator;
mod refusal;
mod refused;
mod services;
mod shown;
mod tls_servers;
mod unknown_ports;

pub use external_caller::{ExternalCaller, ExternalCallerKind};
pub(super) use refusal::Refusal;
pub use refused::RefusedCaller;
pub(super) use shown::ExternalCalls;
pub use unknown_ports::UnknownProbePort;

use super::{Dataplane, Instance, Mesh, Workload};
use crate::object::Id;

impl Mesh<'_> {
    /// The callers of an instance's ports from outside the mesh, derived from configuration, ordered by port.
    ///
    /// Returns nothing for instances that `PeerAuthentication` does not apply to (no proxy, gateway, waypoint): what they accept does not
    /// depend on its mode (S35, S38, S40).
    #[must_use]
    pub fn external_callers(&self, workload: &Workload<'_>, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        let mut found = self.captured_or_not(workload, instance);
        found.retain(|external_caller| instance.capture.captures(external_caller.port));
        found
    }

    /// Whether a caller from outside the mesh reaches a port of a workload only because the proxy does not capture it: the API server and
    /// Prometheus need the exclusion (S189, S252).
    #[must_use]
    pub fn needs_exclusion(&self, workload: &Workload<'_>, port: u16) -> bool {
        let needs_it = |caller: &ExternalCaller| {
            caller.port == port && caller.is_certain && matches!(caller.kind, ExternalCallerKind::ApiServer | ExternalCallerKind::Scraper)
        };
        let excluding = workload.instances.iter().filter(|instance| !instance.capture.captures(port));
        excluding.into_iter().any(|instance| self.captured_or_not(workload, instance).iter().any(needs_it))
    }

    fn captured_or_not(&self, workload: &Workload<'_>, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        match instance.dataplane {
            Dataplane::Sidecar | Dataplane::Ambient | Dataplane::Proxyless => {}
            Dataplane::None | Dataplane::Gateway | Dataplane::Waypoint => return Vec::new(),
        }
        let (indices, external_calls) = (&self.indices, self.external_calls());
        let is_scraped = !external_calls.is_scraped_from_ambient(instance);
        let mut found = Vec::new();
        if let Some(manifest) = indices.manifest(workload, instance) {
            found.extend(indices.probes(&manifest, instance));
            if is_scraped {
                found.extend(indices.annotated_scrapes(&manifest, instance));
            }
            found.extend(services::host_ports(&manifest));
        }
        let namespace = &workload.subject.namespace;
        found.extend(services::callers(indices, external_calls, namespace, instance));
        if is_scraped {
            found.extend(indices.monitored(&external_calls.monitors, namespace, instance));
        }
        found.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        found.dedup_by(|later, kept| (sort_key(later), later.sent_as) == (sort_key(kept), kept.sent_as));
        found
    }

    /// Callers defined by objects other than workloads and Services; computed on first use.
    fn external_calls(&self) -> &ExternalCalls {
        self.derived.external_calls.get_or_init(|| ExternalCalls::new(self.indices.snapshot(), &self.workloads))
    }
}

/// Sort and deduplication key: everything that distinguishes external callers except the field that defines them.
fn sort_key(external_caller: &ExternalCaller) -> (u16, ExternalCallerKind, &Id, &str) {
    (external_caller.port, external_caller.kind, &external_caller.defined_by, &external_caller.message)
}
