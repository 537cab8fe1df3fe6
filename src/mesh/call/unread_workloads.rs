//! Fallback for workloads that were not read: derives their mode from selectors and policies. A pull request contains Services and
//! policies, and seldom the pods.

use crate::{
    mesh::{Dataplane, Decision, Endpoint, Mesh, Port, PortMode, Resolution, Service, ServiceSource, indices::Indices},
    object::Labels,
};

impl Endpoint<'_> {
    /// The endpoint with an assumed sidecar, if it is not known whether its workload has a proxy.
    pub(in crate::mesh) fn with_sidecar(self, port: &Port) -> Self {
        let is_assumed = self.server.is_some_and(|(_, instance)| instance.is_assumed);
        if is_assumed { Self { assumed_protocol: Some(port.protocol), tls_mode: "istio".into(), ..self } } else { self }
    }
}

impl Mesh<'_> {
    /// Whether no workload of the namespace was read, and its workloads may have sidecars: the labels of the namespace were not read, or
    /// enrol it, or neither enrol nor exclude it while it contains a policy.
    #[must_use]
    pub fn may_have_unread_sidecars(&self, namespace: &str) -> bool {
        let has_policy = || self.policies().namespace_wide(namespace).chain(self.policies().workload_specific(namespace)).next().is_some();
        let may_have_sidecars = || match self.indices.enrolment(namespace) {
            _ if self.namespace_labels(namespace).is_none() => true,
            (Dataplane::Sidecar, _) => true,
            (Dataplane::None, None) => has_policy(),
            _ => false,
        };
        self.workloads_in(namespace).is_empty() && may_have_sidecars()
    }

    /// The assumed endpoint of a Service in a namespace of which no workload was read; `None` if no sidecar can be assumed, or if the
    /// Service has no selector.
    pub(in crate::mesh) fn assumed_endpoint<'m>(&'m self, service: &Service<'_>, port: &Port) -> Option<Endpoint<'m>> {
        let ServiceSource::Service(body) = service.source else { return None };
        let namespace = &service.id.namespace;
        let selects = !body.selector().is_empty() && service.resolution() != Resolution::Alias;
        (selects && self.may_have_unread_sidecars(namespace)).then(|| Endpoint::assumed(namespace, body.selector(), port))
    }
}

impl Indices<'_> {
    /// The mode of a port whose workload was not read, or for which it is not known whether there is a proxy.
    pub(in crate::mesh) fn assumed_mode(&self, endpoint: &Endpoint<'_>) -> Option<PortMode<'_>> {
        endpoint.assumed_protocol?;
        let (namespace, port) = (&endpoint.namespace, Some(endpoint.port));
        Some(match endpoint.server {
            None => self.mode_of_labels(namespace, &endpoint.labels, port),
            Some(_) => self.mode_by(namespace, Some(self.policies().decide(self.root_of(namespace), namespace, &endpoint.labels)), port),
        })
    }

    /// The mode of a workload that has at least these labels; uncertain if a policy may or may not select it.
    #[must_use]
    pub fn mode_of_labels(&self, namespace: &str, known: &Labels, port: Option<u16>) -> PortMode<'_> {
        let decision = self.policies().decide_by_known_labels(self.root_of(namespace), namespace, known);
        self.mode_by(namespace, decision, port)
    }

    fn root_of(&self, namespace: &str) -> &str {
        &self.control_planes().of_namespace(self.namespace_labels(namespace)).root_namespace
    }

    /// The mode according to a decision; without one, the mode of the namespace, marked uncertain.
    fn mode_by<'m>(&'m self, namespace: &str, known: Option<Decision<'m>>, port: Option<u16>) -> PortMode<'m> {
        let root = self.root_of(namespace);
        let decision = known.unwrap_or_else(|| self.policies().decide(root, namespace, &Labels::default()));
        let (mode, decided_by) = decision.mode(port);
        let is_certain = known.is_some() && self.policy_coverage(root, namespace).suffices(namespace, decided_by, port);
        PortMode { mode: Some(mode), policy_mode: mode, decided_by: decided_by.map(|policy| &policy.id), is_certain, has_known_proxy: true }
    }
}
