//! Istio's rules over all objects together: which policy applies to which workload, and what clients send.
//!
//! ```text
//!  PeerAuthentication ─▶ Policies ─▶ Decision ┐
//!  Pod, Deployment … ─▶ Workload ─▶ Instance ─┼─▶ Server: the mode of every port, and why
//!  MeshConfig, istiod ─▶ ControlPlanes ───────┘
//! ```

mod call;
mod client;
mod control_plane;
mod coverage;
mod derived;
mod external;
mod indices;
mod pods;
mod policy;
mod services;

use std::collections::{BTreeMap, BTreeSet};

pub use call::{
    Acceptance, CallProperties, ChangedCall, ClaimedCall, EntryIdentity, EntryLack, Evaluation, Failure, HiddenByEntry, HostScope,
    InternalLocation, LostTls, Mismatch, PlaintextEntry, PlaintextMachine, PlaintextRoute, RuleChange, SentAs, Verdict, verdict,
};
pub use client::{
    AutoMtlsOff, Claim, Client, ClientClass, ClientClasses, ClientExceptions, ClientKind, Cluster, ClusterTls, Destination,
    DestinationRuleIndex, Endpoint, FoundBy, HeadlessPod, InstanceAt, Known, MAX_ALIASES, NamedInDns, OutOfScope, Port, Registry,
    Representative, Represented, Resolution, RouteTarget, Routes, Routing, RuleInForce, SelectedClass, Service, ServiceSource,
    SettingsInUse, SharedListener, SliceUse, TargetPort, UncoveredClients, UnmergedRule, entry_port, host_matches, resolve_alias,
    target_of,
};
pub use control_plane::{ControlPlane, ControlPlaneOptions, ControlPlanes, VersionUsed};
pub use coverage::{ReadCoverage, WORKLOAD_KINDS};
pub use external::{ExternalCaller, ExternalCallerKind, RefusedCaller, UnknownProbePort};
pub use indices::{Indices, ScopeMode};
pub use pods::{
    Bypass, Capture, Dataplane, DeclaredPort, DirectPorts, EnrollingChange, EnrolmentSetting, Injection, Instance, LabelChange, Membership,
    MeshState, NoProxyReason, NotInjectedReason, OverriddenRevision, SettingSource, Subject, SubjectKind, TLS_MODE, TargetingPort,
    Workload, runs_as_proxy_user,
};
pub use policy::{AmbientDivergence, AmbientPolicy, Decision, Enforced, Policies, PortMode, Server, TrailOutcome, TrailStep};
pub use services::ServiceIndex;

use self::derived::Derived;
use crate::{
    istio::{ClusterDomain, DestinationRule},
    object::{Gap, Labels, Snapshot, Text},
};

/// A snapshot, its indices and its workloads: everything that checks and queries can access.
///
/// It is built in this order, and each part uses only those before it.
#[derive(Debug)]
pub struct Mesh<'s> {
    indices: Indices<'s>,
    workloads: Vec<Workload<'s>>,
    derived: Derived,
}

impl<'s> Mesh<'s> {
    /// Decodes and indexes a snapshot.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot, settings: &ControlPlaneOptions) -> Self {
        let indices = Indices::new(snapshot, settings);
        let workloads = pods::all(&indices);
        Self { indices, workloads, derived: Derived::default() }
    }

    /// Decodes and indexes a snapshot that is a later state of a mesh: where both have the same instances, instances of one class are of
    /// one class in the earlier state too.
    #[must_use]
    pub fn new_after(snapshot: &'s Snapshot, settings: &ControlPlaneOptions, earlier: &Mesh<'_>) -> Self {
        let mut mesh = Self::new(snapshot, settings);
        pods::split_by(&mut mesh.workloads, &earlier.workloads);
        mesh
    }

    /// The indices over the snapshot.
    #[must_use]
    pub fn indices(&self) -> &Indices<'s> {
        &self.indices
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

    /// The server side of every instance of every workload whose policies were all read.
    pub fn servers(&self) -> impl Iterator<Item = (&Workload<'s>, &Instance<'s>, Server<'_>)> {
        let all = self.workloads.iter().flat_map(|workload| workload.instances.iter().map(move |instance| (workload, instance)));
        let servers = all.map(|(workload, instance)| (workload, instance, self.server(workload, instance)));
        servers.filter(|(_, _, server)| server.workload().is_certain)
    }

    /// The namespaces that have, or may have, clients in the mesh.
    #[must_use]
    pub fn client_namespaces(&self) -> BTreeSet<&Text> {
        let enrols = |labels: &Labels| {
            let has = |key: &str, value: &str| labels.has(key, value);
            has("istio-injection", "enabled") || has("istio.io/dataplane-mode", "ambient") || labels.get("istio.io/rev").is_some()
        };
        let has_proxy = |namespace: &str| {
            let mut instances = self.workloads_in(namespace).iter().flat_map(|workload| &workload.instances);
            instances.any(|instance| instance.dataplane != Dataplane::None)
        };
        let may = |namespace: &str, labels: Option<&Labels>| labels.is_none_or(enrols) || has_proxy(namespace);
        let root = &self.control_planes().primary().root_namespace;
        let of_gateways = self.has_unread_gateways().then_some(root);
        let may_have = self.namespaces().iter().filter(|(name, labels)| may(name, **labels)).map(|(name, _)| name);
        may_have.chain(of_gateways).collect()
    }
}

/// Computed on first use.
impl<'s> Mesh<'s> {
    /// All classes of clients.
    #[must_use]
    pub fn client_classes(&self) -> &ClientClasses {
        self.derived.client_classes.get_or_init(|| ClientClasses::new(&self.indices, &self.workloads))
    }

    /// The same, with sidecars assumed where there may be some.
    fn possible_client_classes(&self) -> &ClientClasses {
        self.derived.possible_client_classes.get_or_init(|| ClientClasses::possible(&self.indices, &self.workloads))
    }

    /// Every setting that some client uses for some service.
    #[must_use]
    pub fn settings_in_use(&self) -> &SettingsInUse {
        self.derived.settings_in_use.get_or_init(|| self.indices.settings_in_use(&self.client_namespaces()))
    }

    /// The membership of each instance of each workload, in the order of [`Self::workloads`].
    pub fn memberships(&self) -> &[Vec<Membership>] {
        let of = |workload: &Workload<'_>| workload.instances.iter().map(|one| self.indices.membership(workload, one)).collect();
        self.derived.memberships.get_or_init(|| self.workloads.iter().map(of).collect())
    }

    /// Every instance of every workload with its membership.
    pub fn members(&self) -> impl Iterator<Item = (&Workload<'s>, &Instance<'s>, &Membership)> {
        let all = self.workloads.iter().zip(self.memberships());
        all.flat_map(|(workload, own)| workload.instances.iter().zip(own).map(move |(instance, own)| (workload, instance, own)))
    }
}

/// Shortcuts to the indices that nearly every check and query needs.
impl<'s> Mesh<'s> {
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.indices.snapshot()
    }

    /// The DNS domain of Kubernetes Service hosts.
    #[must_use]
    pub fn cluster_domain(&self) -> &ClusterDomain {
        self.indices.cluster_domain()
    }

    /// The istiods and their settings.
    #[must_use]
    pub fn control_planes(&self) -> &ControlPlanes<'s> {
        self.indices.control_planes()
    }

    /// The `PeerAuthentications`.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        self.indices.policies()
    }

    /// The `DestinationRules`, in order of identity.
    #[must_use]
    pub fn destination_rules(&self) -> &[DestinationRule] {
        self.indices.destination_rules()
    }

    /// The services as clients know them.
    #[must_use]
    pub fn registry(&self) -> &Registry<'s> {
        self.indices.registry()
    }

    /// Every namespace that was read or contains an object; its labels if the Namespace itself was read.
    #[must_use]
    pub fn namespaces(&self) -> &BTreeMap<Text, Option<&'s Labels>> {
        self.indices.namespaces()
    }

    /// The labels of a namespace; `None` if the Namespace was not read.
    #[must_use]
    pub fn namespace_labels(&self, name: &str) -> Option<&'s Labels> {
        self.indices.namespace_labels(name)
    }

    /// The mode set by the mesh-wide policy of the primary control plane.
    #[must_use]
    pub fn mesh_mode(&self) -> ScopeMode<'_> {
        self.indices.mesh_mode()
    }

    /// The mode at the level of a namespace (S17).
    #[must_use]
    pub fn namespace_mode(&self, namespace: &str) -> ScopeMode<'_> {
        self.indices.namespace_mode(namespace)
    }

    /// What could not be read or could not be stored.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        self.indices.gaps()
    }

    /// The server side of an instance of a workload.
    #[must_use]
    pub fn server<'m>(&'m self, workload: &Workload<'_>, instance: &'m Instance<'m>) -> Server<'m> {
        self.indices.server(workload, instance)
    }
}
