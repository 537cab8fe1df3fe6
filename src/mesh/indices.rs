//! Everything that was read, decoded and indexed for lookups by pods and calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use super::{
    client::{DestinationRuleIndex, Port, Registry, Routes, Service, generated_rules},
    control_plane::{ControlPlaneOptions, ControlPlanes},
    coverage::ReadCoverage,
    policy::{Policies, PolicyCoverage},
    services::ServiceIndex,
};
use crate::{
    istio::{ClusterDomain, DestinationRule, IstioViolation, Mode, Pod, ProtocolClass, TlsMode},
    object::{Gap, Id, Kind, Labels, Snapshot, Text},
};

/// Immutable indices over a snapshot. Nothing here depends on the list of workloads.
#[derive(Debug)]
pub struct Indices<'s> {
    snapshot: &'s Snapshot,
    coverage: ReadCoverage,
    control_planes: ControlPlanes<'s>,
    policies: Policies,
    destination_rules: Vec<DestinationRule>,
    errors: Vec<IstioViolation>,
    namespaces: BTreeMap<Text, Option<&'s Labels>>,
    services: ServiceIndex<'s>,
    registry: Registry<'s>,
    rules: DestinationRuleIndex,
    routes: Routes<'s>,
    // Computed on first use, because few queries need them.
    addresses: OnceLock<BTreeMap<Text, usize>>,
    not_ready_pods: OnceLock<Vec<(Text, Text)>>,
    mtls_hosts: OnceLock<BTreeSet<Text>>,
    has_http_80: OnceLock<bool>,
    services_without_namespace: OnceLock<BTreeSet<Text>>,
}

/// The mode of a whole mesh or namespace, and the policy that sets it.
#[derive(Clone, Copy, Debug)]
pub struct ScopeMode<'m> {
    /// The mode; PERMISSIVE if no policy applies (S15).
    pub mode: Mode,
    /// The policy that sets it; `None` if no policy applies.
    pub decided_by: Option<&'m Id>,
    /// False if a policy that could change the mode was not read.
    pub is_certain: bool,
}

impl<'m> ScopeMode<'m> {
    /// The policy that sets the mode; `None` if no policy does, or another one could.
    #[must_use]
    pub fn known_policy(&self) -> Option<&'m Id> {
        self.decided_by.filter(|_| self.is_certain)
    }
}

impl<'s> Indices<'s> {
    /// Decodes and indexes a snapshot.
    pub(super) fn new(snapshot: &'s Snapshot, settings: &ControlPlaneOptions) -> Self {
        let mut errors = Vec::new();
        let mut keep = |found: Vec<IstioViolation>| errors.extend(found);
        let control_planes = ControlPlanes::new(snapshot, settings);
        let domain = control_planes.cluster_domain();
        let policies = Policies::new(snapshot, &mut keep);
        let mut destination_rules = Vec::new();
        for read in &snapshot.destination_rules {
            let decoded = DestinationRule::decode(read, domain);
            keep(decoded.errors);
            destination_rules.extend(decoded.value);
        }
        let registry = Registry::new(snapshot, domain);
        destination_rules.extend(generated_rules(snapshot, &registry, control_planes.version(), control_planes.istiod_env()));
        destination_rules.sort_by(|a, b| (&a.id.namespace, &a.id, a.resolved_host()).cmp(&(&b.id.namespace, &b.id, b.resolved_host())));
        let roots: Vec<&str> = control_planes.roots().collect();
        let rules = DestinationRuleIndex::new(&destination_rules, &roots, control_planes.primary().has_private_rules);
        Self {
            snapshot,
            coverage: ReadCoverage::new(snapshot, &control_planes, &settings.istio_namespace),
            rules,
            routes: Routes::new(snapshot, &registry, domain),
            registry,
            addresses: OnceLock::new(),
            not_ready_pods: OnceLock::new(),
            mtls_hosts: OnceLock::new(),
            has_http_80: OnceLock::new(),
            services_without_namespace: OnceLock::new(),
            control_planes,
            policies,
            destination_rules,
            errors,
            namespaces: namespaces(snapshot),
            services: ServiceIndex::new(snapshot),
        }
    }

    /// The snapshot that was indexed.
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// How much was read of what answers rest on.
    #[must_use]
    pub fn coverage(&self) -> &ReadCoverage {
        &self.coverage
    }

    /// The DNS domain of Kubernetes Service hosts.
    #[must_use]
    pub fn cluster_domain(&self) -> &ClusterDomain {
        self.control_planes.cluster_domain()
    }

    /// The istiods and their settings.
    #[must_use]
    pub fn control_planes(&self) -> &ControlPlanes<'s> {
        &self.control_planes
    }

    /// The `PeerAuthentications`.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// The `DestinationRules`, in order of identity.
    #[must_use]
    pub fn destination_rules(&self) -> &[DestinationRule] {
        &self.destination_rules
    }

    /// The `DestinationRules` of a namespace.
    #[must_use]
    pub fn destination_rules_in(&self, namespace: &str) -> &[DestinationRule] {
        let start = self.destination_rules.partition_point(|rule| rule.id.namespace.as_str() < namespace);
        let count = self.destination_rules[start..].partition_point(|rule| rule.id.namespace.as_str() == namespace);
        &self.destination_rules[start..start + count]
    }

    /// Fields that Istio would reject (S4).
    #[must_use]
    pub fn errors(&self) -> &[IstioViolation] {
        &self.errors
    }

    /// Index of Services, `ServiceEntries` and Sidecars by the workloads that they select.
    #[must_use]
    pub fn services(&self) -> &ServiceIndex<'s> {
        &self.services
    }

    /// The services as clients know them.
    #[must_use]
    pub fn registry(&self) -> &Registry<'s> {
        &self.registry
    }

    /// The `DestinationRules` as clients look them up.
    #[must_use]
    pub fn rules(&self) -> &DestinationRuleIndex {
        &self.rules
    }

    /// Where `VirtualServices` route calls.
    #[must_use]
    pub fn routes(&self) -> &Routes<'s> {
        &self.routes
    }

    /// Positions of the pods in the snapshot, by address.
    pub(super) fn addresses(&self) -> &BTreeMap<Text, usize> {
        self.addresses.get_or_init(|| addresses(self.snapshot))
    }

    /// Namespaces and names of the pods that are not ready, in order.
    pub(super) fn not_ready_pods(&self) -> &[(Text, Text)] {
        self.not_ready_pods.get_or_init(|| not_ready_pods(self.snapshot))
    }

    /// Hosts for which rules make clients send the mesh's mTLS.
    pub(super) fn mtls_hosts(&self) -> &BTreeSet<Text> {
        self.mtls_hosts.get_or_init(|| mtls_hosts(&self.destination_rules))
    }

    /// Whether some service makes sidecars listen for HTTP at port 80 (S238).
    pub(super) fn has_http_listener_80(&self) -> bool {
        let is_http = |port: &Port| port.protocol.class() != ProtocolClass::Tcp;
        let has_it = |service: &Service<'_>| service.is_called() && service.port(80).is_some_and(is_http);
        *self.has_http_80.get_or_init(|| self.registry.services().iter().any(has_it))
    }

    /// Every namespace that was read or contains an object; its labels if the Namespace itself was read.
    #[must_use]
    pub fn namespaces(&self) -> &BTreeMap<Text, Option<&'s Labels>> {
        &self.namespaces
    }

    /// The labels of a namespace; `None` if the Namespace was not read.
    #[must_use]
    pub fn namespace_labels(&self, name: &str) -> Option<&'s Labels> {
        self.namespaces.get(name).copied().flatten()
    }

    /// The mode set by the mesh-wide policy of the primary control plane.
    #[must_use]
    pub fn mesh_mode(&self) -> ScopeMode<'_> {
        let root = &self.control_planes.primary().root_namespace;
        self.scope_mode(root, root)
    }

    /// The mode at the level of a namespace (S17); policies with a selector are not considered.
    ///
    /// The root namespace is that of the control plane selected by the namespace's labels.
    #[must_use]
    pub fn namespace_mode(&self, namespace: &str) -> ScopeMode<'_> {
        let root = &self.control_planes.of_namespace(self.namespace_labels(namespace)).root_namespace;
        self.scope_mode(root, namespace)
    }

    fn scope_mode(&self, root: &str, namespace: &str) -> ScopeMode<'_> {
        let decision = self.policies.decide(root, namespace, &Labels::default());
        let (mode, decided_by) = decision.mode(None);
        let is_certain = self.policy_coverage(root, namespace).suffices(namespace, decided_by, None);
        ScopeMode { mode, decided_by: decided_by.map(|policy| &policy.id), is_certain }
    }

    /// Which of the policies that apply to a namespace were read.
    pub(super) fn policy_coverage(&self, root: &str, namespace: &str) -> PolicyCoverage {
        let covers = |namespace| self.coverage.covers(Kind::PeerAuthentication, namespace);
        let covers_root = || covers(root) && self.coverage.has_root(self.namespace_labels(namespace));
        match (covers(namespace), self.coverage.is_whole() || covers_root()) {
            (true, true) => PolicyCoverage::Full,
            (true, false) => PolicyCoverage::WithoutRoot,
            (false, _) => PolicyCoverage::None,
        }
    }

    fn has_rule(&self, id: &Id) -> bool {
        self.destination_rules.binary_search_by(|rule| (&rule.id.namespace, &rule.id).cmp(&(&id.namespace, id))).is_ok()
    }

    /// Whether every namespace was read: all of a cluster, or files with a Namespace among them and without gaps.
    #[must_use]
    pub fn reads_namespaces(&self) -> bool {
        let is_listed = self.snapshot.cluster.is_some() || !self.snapshot.namespaces.is_empty();
        is_listed && self.coverage.covers_all(Kind::Namespace) && !self.has_unknown_gap()
    }

    /// Whether every Service of a namespace was read: by a list of the cluster, or from files with one of its Services among them.
    #[must_use]
    pub fn reads_services_of(&self, namespace: &str) -> bool {
        let services = &self.snapshot.services;
        let first = services.partition_point(|read| read.id.namespace.as_str() < namespace);
        let is_listed = self.snapshot.cluster.is_some() || services.get(first).is_some_and(|read| read.id.namespace == *namespace);
        is_listed && self.coverage.covers(Kind::Service, namespace) && !self.has_unknown_gap()
    }

    /// Whether a Service of this name was read whose manifest sets no namespace: it may be applied to any.
    #[must_use]
    pub fn has_service_without_namespace(&self, name: &str) -> bool {
        let names = || {
            let unset = self.snapshot.services.iter().filter(|read| read.meta().namespace.is_empty());
            unset.map(|read| read.id.name.clone()).collect()
        };
        self.services_without_namespace.get_or_init(names).contains(name)
    }

    /// Whether something of unknown kind could not be read.
    fn has_unknown_gap(&self) -> bool {
        self.snapshot.cluster.is_none() && self.snapshot.gaps.iter().any(|gap| gap.kind.is_none())
    }

    /// What could not be read or could not be stored.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = self.snapshot.gaps.clone();
        let refused = |id: &Id| {
            Gap::new(id.to_string(), "the API server would reject it, so it was skipped", "fix what MTLS001 reports for it").of(id.kind)
        };
        let kept = |id: &Id| self.policies.get(id).is_some() || self.has_rule(id);
        gaps.extend(self.errors.iter().map(|error| &error.id).filter(|id| !kept(id)).map(refused));
        gaps.sort();
        gaps.dedup();
        gaps
    }
}

fn namespaces(snapshot: &Snapshot) -> BTreeMap<Text, Option<&Labels>> {
    let mut all: BTreeMap<Text, Option<&Labels>> = BTreeMap::new();
    for id in snapshot.ids().filter(|id| !id.namespace.is_empty()) {
        if !all.contains_key(&id.namespace) {
            all.insert(id.namespace.clone(), None);
        }
    }
    for read in &snapshot.namespaces {
        all.insert(read.id.name.clone(), Some(read.labels()));
    }
    all
}

fn mtls_hosts(rules: &[DestinationRule]) -> BTreeSet<Text> {
    let is_mutual = |rule: &&DestinationRule| rule.policy.tls.as_ref().is_some_and(|tls| tls.mode == TlsMode::IstioMutual);
    rules.iter().filter(is_mutual).map(DestinationRule::resolved_host).collect()
}

/// Pods that are not ready, in order.
fn not_ready_pods(snapshot: &Snapshot) -> Vec<(Text, Text)> {
    let found = snapshot.pods.iter().map(Pod::of).filter(|pod| pod.is_ready() == Some(false));
    found.map(|pod| (pod.id.namespace.clone(), pod.id.name.clone())).collect()
}

/// Positions of the pods in the snapshot, by address; without pods that have ended, and without those on the host network, which share
/// the node's address.
fn addresses(snapshot: &Snapshot) -> BTreeMap<Text, usize> {
    let pods = snapshot.pods.iter().map(Pod::of).enumerate();
    let own = pods.filter(|(_, pod)| !pod.spec().is_on_host_network() && !pod.has_ended());
    own.filter_map(|(at, pod)| Some((pod.address()?.clone(), at))).collect()
}
