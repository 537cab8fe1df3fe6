//! All objects together: who governs whom.
//!
//! ```text
//!  PeerAuthentication ─▶ Policies ─▶ Decision ┐
//!  Pod, Deployment … ─▶ Workload ─▶ Instance ─┼─▶ Server: the mode of every port, and why
//!  MeshConfig, istiod ─▶ ControlPlanes ───────┘
//! ```

mod call;
mod client;
mod control_plane;
mod external;
mod pods;
mod policy;
mod services;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

pub use call::{Acceptance, Call, Covered, Dropped, Failure, GatewayTls, Judgement, Mismatch, Outsider, Verdict, Wire, verdict};
pub use client::{
    Apart, AutoOff, Callers, Client, ClientKind, Cluster, ClusterTls, Destination, Endpoint, Group, InUse, Outside, Port, Protocols,
    Registry, Resolution, RouteTarget, Routes, RuleInForce, Rules, Service, Source, Stranding, TLS_MODE, Unmerged, View, host_matches,
};
pub use control_plane::{ControlPlane, ControlPlanes, MeshSettings, Settings};
pub use external::{Stranger, Who};
pub use pods::{
    Absence, Capture, Dataplane, DeclaredPort, Holder, Hole, Injection, Instance, Label, Membership, Reason, ServicePort, Standing,
    Subject, Workload, runs_as_proxy,
};
pub use policy::{AmbientPolicy, Corner, Decision, Enforced, Outcome, Policies, PortMode, Server, Step};
pub use services::ServiceIndex;

use self::policy::Sight;
use crate::{
    istio::{ClusterDomain, DecodeError, DestinationRule, Mode},
    object::{Gap, Id, Kind, Labels, Snapshot, Text},
};

/// Immutable indices over a snapshot: all that checks and queries get to see.
#[derive(Debug)]
pub struct Mesh<'s> {
    snapshot: &'s Snapshot,
    control_planes: ControlPlanes<'s>,
    policies: Policies,
    destination_rules: Vec<DestinationRule>,
    errors: Vec<DecodeError>,
    namespaces: BTreeMap<Text, Option<&'s Labels>>,
    services: ServiceIndex<'s>,
    registry: Registry<'s>,
    rules: Rules,
    routes: Routes<'s>,
    /// Places of the pods in the snapshot, by their addresses; made when somebody asks.
    addresses: OnceLock<BTreeMap<Text, usize>>,
    /// Pods that take no calls; found out when somebody asks.
    resting: OnceLock<Vec<(Text, Text)>>,
    /// Places of the workloads by the hashes of their labels; made when somebody asks.
    by_label: OnceLock<Vec<(u64, u32)>>,
    /// Whether istiod runs with ambient; found out when somebody asks.
    has_ambient: OnceLock<bool>,
    /// Everybody who calls; found out when somebody asks.
    callers: OnceLock<Callers>,
    possible_callers: OnceLock<Callers>,
    /// Hosts to which rules make clients speak the mesh's mTLS; found out when somebody asks.
    mtls_hosts: OnceLock<BTreeSet<Text>>,
    /// Settings of rules that some client uses; found out when somebody asks.
    settings_in_use: OnceLock<InUse>,
    /// Where clients and servers do not meet; found out when somebody asks.
    mismatches: OnceLock<Vec<Mismatch>>,
    /// What each instance of each workload is to the mesh; found out when somebody asks.
    memberships: OnceLock<Vec<Vec<Membership>>>,
    /// Who calls from outside the mesh by the word of other objects than workloads; found out when somebody asks.
    shown: OnceLock<external::Shown>,
    workloads: Vec<Workload<'s>>,
}

/// The mode of a whole mesh or namespace, and the policy that decides it.
#[derive(Clone, Copy, Debug)]
pub struct ScopeMode<'m> {
    /// The mode; PERMISSIVE where no policy speaks (S15).
    pub mode: Mode,
    /// Who decides it; `None` where no policy speaks.
    pub decided_by: Option<&'m Id>,
    /// Whether every policy was looked at that could say otherwise.
    pub is_certain: bool,
}

impl<'s> Mesh<'s> {
    /// Decodes and indexes a snapshot.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot, settings: &Settings) -> Self {
        let mut errors = Vec::new();
        let mut keep = |found: Vec<DecodeError>| errors.extend(found);
        let control_planes = ControlPlanes::new(snapshot, settings);
        let domain = control_planes.cluster_domain();
        let policies = Policies::new(&snapshot.peer_authentications, &mut keep);
        let mut destination_rules = Vec::new();
        for read in &snapshot.destination_rules {
            let decoded = DestinationRule::decode(read, domain);
            keep(decoded.errors);
            destination_rules.extend(decoded.value);
        }
        let roots: Vec<&str> = control_planes.roots().collect();
        let rules = Rules::new(&destination_rules, &roots, control_planes.primary().has_private_rules);
        let mut mesh = Self {
            snapshot,
            rules,
            registry: Registry::new(snapshot, domain),
            routes: Routes::new(snapshot, domain),
            addresses: OnceLock::new(),
            resting: OnceLock::new(),
            by_label: OnceLock::new(),
            has_ambient: OnceLock::new(),
            callers: OnceLock::new(),
            possible_callers: OnceLock::new(),
            mtls_hosts: OnceLock::new(),
            settings_in_use: OnceLock::new(),
            mismatches: OnceLock::new(),
            memberships: OnceLock::new(),
            shown: OnceLock::new(),
            control_planes,
            policies,
            destination_rules,
            errors,
            namespaces: namespaces(snapshot),
            services: ServiceIndex::new(snapshot),
            workloads: Vec::new(),
        };
        mesh.workloads = pods::all(&mesh);
        mesh
    }

    /// What was read.
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// The domain that the hosts of Kubernetes Services end in.
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

    /// What Istio would refuse (S4).
    #[must_use]
    pub fn errors(&self) -> &[DecodeError] {
        &self.errors
    }

    /// Services and what selects workloads like them.
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
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Where `VirtualServices` lead calls.
    #[must_use]
    pub fn routes(&self) -> &Routes<'s> {
        &self.routes
    }

    /// Everybody who calls.
    #[must_use]
    pub fn callers(&self) -> &Callers {
        self.callers.get_or_init(|| Callers::new(self))
    }

    /// The same, and sidecars where there may be some.
    fn possible_callers(&self) -> &Callers {
        self.possible_callers.get_or_init(|| Callers::possible(self))
    }

    fn addresses(&self) -> &BTreeMap<Text, usize> {
        self.addresses.get_or_init(|| client::addresses(self.snapshot))
    }

    /// Every namespace that has an object or holds one; labels where the Namespace itself was read.
    #[must_use]
    pub fn namespaces(&self) -> &BTreeMap<Text, Option<&'s Labels>> {
        &self.namespaces
    }

    /// The labels of a namespace; `None` if the Namespace was not read.
    #[must_use]
    pub fn namespace_labels(&self, name: &str) -> Option<&'s Labels> {
        self.namespaces.get(name).copied().flatten()
    }

    /// Every workload, in order of namespace, kind and name.
    #[must_use]
    pub fn workloads(&self) -> &[Workload<'s>] {
        &self.workloads
    }

    /// The workloads of a namespace.
    #[must_use]
    pub fn workloads_in(&self, namespace: &str) -> &[Workload<'s>] {
        let start = self.workloads.partition_point(|w| w.subject.namespace.as_str() < namespace);
        let count = self.workloads[start..].partition_point(|w| w.subject.namespace.as_str() == namespace);
        &self.workloads[start..start + count]
    }

    /// The mode that the mesh-wide policy of the primary control plane sets.
    #[must_use]
    pub fn mesh_mode(&self) -> ScopeMode<'_> {
        let root = &self.control_planes.primary().root_namespace;
        self.scope_mode(root, root)
    }

    /// The mode at the level of a namespace (S17): workload policies have no part in it.
    ///
    /// The root namespace is that of the control plane that serves the namespace.
    #[must_use]
    pub fn namespace_mode(&self, namespace: &str) -> ScopeMode<'_> {
        let root = &self.control_planes.of_namespace(self.namespace_labels(namespace)).root_namespace;
        self.scope_mode(root, namespace)
    }

    fn scope_mode(&self, root: &str, namespace: &str) -> ScopeMode<'_> {
        let decision = self.policies.decide(root, namespace, &Labels::default());
        let (mode, decided_by) = decision.mode(None);
        let is_certain = self.sight(root, namespace).suffices(decided_by, None);
        ScopeMode { mode, decided_by: decided_by.map(|policy| &policy.id), is_certain }
    }

    /// How much was looked at of the policies that govern a namespace.
    fn sight(&self, root: &str, namespace: &str) -> Sight {
        let sees = |namespace| self.snapshot.sees(Kind::PeerAuthentication, namespace);
        match (sees(namespace), sees(root)) {
            (true, true) => Sight::Full,
            (true, false) => Sight::WithoutRoot,
            (false, _) => Sight::None,
        }
    }

    /// What could not be read, or was read and could not be kept.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = self.snapshot.gaps.clone();
        let refused = |id: &Id| {
            Gap::new(id.to_string(), "the API server would refuse it, so it was left out", "mend what MTLS001 says of it").of(id.kind)
        };
        let kept = |id: &Id| self.policies.get(id).is_some() || self.destination_rules.binary_search_by(|rule| rule.id.cmp(id)).is_ok();
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
        all.insert(read.id.name.clone(), Some(&read.body.metadata.labels));
    }
    all
}
