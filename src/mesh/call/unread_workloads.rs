//! Workloads that nobody read, as far as what governs them shows: a pull request has Services and policies, and seldom the pods.

use crate::{
    mesh::{Dataplane, Decision, Endpoint, Mesh, Port, PortMode, Resolution, Service, Source, indices::Indices},
    object::Labels,
};

impl Endpoint<'_> {
    /// The same with a sidecar, where nobody knows whether it has a proxy.
    pub(in crate::mesh) fn with_sidecar(self, port: &Port) -> Self {
        let is_assumed = self.server.is_some_and(|(_, instance)| instance.is_assumed);
        if is_assumed { Self { presumed: Some(port.protocol), tls_mode: "istio".into(), ..self } } else { self }
    }
}

impl Mesh<'_> {
    /// Whether no workload of a namespace was read, and those it has may have sidecars: its labels were not read, or enrol it, or say
    /// nothing while it has a policy of its own.
    #[must_use]
    pub fn is_presumed(&self, namespace: &str) -> bool {
        let has_policy = || self.policies().whole(namespace).chain(self.policies().selecting(namespace)).next().is_some();
        let may_have_sidecars = || match self.indices.enrolment(namespace) {
            _ if self.namespace_labels(namespace).is_none() => true,
            (Dataplane::Sidecar, _) => true,
            (Dataplane::None, None) => has_policy(),
            _ => false,
        };
        self.workloads_in(namespace).is_empty() && may_have_sidecars()
    }

    /// What a Service leads to in a namespace of which no workload was read; `None` where that is no sidecar's, or nobody's.
    pub(in crate::mesh) fn presumed_endpoint<'m>(&'m self, service: &Service<'_>, port: &Port) -> Option<Endpoint<'m>> {
        let Source::Service(body) = service.source else { return None };
        let namespace = &service.id.namespace;
        let selects = !body.selector().is_empty() && service.resolution() != Resolution::Alias;
        (selects && self.is_presumed(namespace)).then(|| Endpoint::presumed(namespace, body.selector(), port))
    }
}

impl Indices<'_> {
    /// The mode of a port whose workload was not read, or of which nobody knows whether it has a proxy.
    pub(in crate::mesh) fn presumed_mode(&self, endpoint: &Endpoint<'_>) -> Option<PortMode<'_>> {
        endpoint.presumed?;
        let (namespace, port) = (&endpoint.namespace, Some(endpoint.port));
        Some(match endpoint.server {
            None => self.mode_of_labels(namespace, &endpoint.labels, port),
            Some(_) => self.mode_by(namespace, Some(self.policies().decide(self.root_of(namespace), namespace, &endpoint.labels)), port),
        })
    }

    /// The mode of whatever has these labels in a namespace, and maybe more of them; uncertain where a policy may select it and may not.
    #[must_use]
    pub fn mode_of_labels(&self, namespace: &str, known: &Labels, port: Option<u16>) -> PortMode<'_> {
        let presumed = self.policies().presumed(self.root_of(namespace), namespace, known);
        self.mode_by(namespace, presumed, port)
    }

    fn root_of(&self, namespace: &str) -> &str {
        &self.control_planes().of_namespace(self.namespace_labels(namespace)).root_namespace
    }

    /// The mode by a decision; by that for the namespace, and uncertain, where there is none.
    fn mode_by<'m>(&'m self, namespace: &str, presumed: Option<Decision<'m>>, port: Option<u16>) -> PortMode<'m> {
        let root = self.root_of(namespace);
        let decision = presumed.unwrap_or_else(|| self.policies().decide(root, namespace, &Labels::default()));
        let (mode, decided_by) = decision.mode(port);
        let is_certain = presumed.is_some() && self.policy_coverage(root, namespace).suffices(decided_by, port);
        PortMode { mode: Some(mode), policy_mode: mode, decided_by: decided_by.map(|policy| &policy.id), is_certain }
    }
}
