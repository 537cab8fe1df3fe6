//! Which of several services with one host a ztunnel calls (S231).

use super::calling::CallEvaluation;
use crate::mesh::Service;

impl<'m> CallEvaluation<'_, 'm> {
    /// The service of a host for ztunnel, and what is not determined about that.
    ///
    /// By name, clients in the namespace of a `ServiceEntry` get the entry from ztunnel's DNS proxy if it has an address, and all others
    /// the Service, which is the canonical one. Beside a Service of its own namespace an entry is dropped.
    pub(super) fn known_to_ztunnel(&self, host: &str) -> (Option<&'m Service<'m>>, Option<&'static str>) {
        let (registry, namespace) = (self.mesh.registry(), &self.question.from.namespace);
        let is_own = |service: &&Service<'_>| (!service.is_kubernetes(), service.id.namespace != *namespace);
        let preferred = registry.at(host).min_by_key(is_own);
        let Some(kubernetes) = preferred.filter(|service| service.is_kubernetes()) else { return (preferred, None) };
        let entries = || registry.at(host).filter(|one| !one.is_kubernetes() && one.id.namespace != kubernetes.id.namespace);
        let version = self.mesh.control_planes().version();
        if let Some(own) = entries().find(|entry| entry.id.namespace == *namespace) {
            return match (version.is_at_least(25, 0), own.is_without_address()) {
                (false, _) => (preferred, None),
                (true, false) => (Some(own), None),
                (true, true) => (preferred, Some(WITHOUT_ADDRESS)),
            };
        }
        let doubt = entries().next().filter(|_| !version.is_at_least(29, 0)).map(|_| FIRST_KNOWN);
        (preferred, doubt)
    }
}

const WITHOUT_ADDRESS: &str = "a Service and a ServiceEntry of the client's namespace have this host, and it is not determined which of them ztunnel calls: \
     the entry has no address (S231)";
const FIRST_KNOWN: &str =
    "a Service and a ServiceEntry have this host, and ztunnel calls the one that istiod of this version, before 1.29, knew first (S231)";
