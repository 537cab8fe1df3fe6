//! The proxies of workloads and namespaces, and those that they should have.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    mesh::{Bypass, Dataplane, EnrolmentSetting, Injection, Instance, Membership, Mesh, MeshState, NoProxyReason, Workload},
    object::Text,
    queries::Scope,
};

/// The answer.
#[derive(Debug)]
pub struct Inventory<'m> {
    /// Every namespace in scope that contains a workload in scope.
    pub namespaces: Vec<NamespaceRow<'m>>,
    /// Every workload in scope.
    pub workloads: Vec<ProxyRow<'m>>,
}

#[derive(Debug)]
pub struct NamespaceRow<'m> {
    pub name: &'m Text,
    /// The data plane that its labels give to pods without labels or annotations of their own.
    pub enrolled: Dataplane,
    /// The label that enrols the namespace or excludes it.
    pub by: Option<EnrolmentSetting>,
    /// Whether the Namespace itself was read, and the webhooks and settings that decide what its labels do.
    pub is_known: bool,
    pub counts: ProxyCounts,
}

/// Workloads by their state in the mesh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyCounts {
    pub total: usize,
    /// Those in which every pod has a proxy.
    pub meshed: usize,
    /// Those with pods that should have a proxy and have none.
    pub missing: usize,
    /// Those without a proxy because they, their namespace or the injector's configuration opt out.
    pub opted_out: usize,
    /// Those without a proxy for any other reason.
    pub outside: usize,
    /// Those without a proxy for which it is unknown whether they should have one.
    pub unknown: usize,
    /// Whether there may be more, because not all workloads of the namespace were read.
    pub is_partial: bool,
}

#[derive(Debug)]
pub struct ProxyRow<'m> {
    pub workload: &'m Workload<'m>,
    /// Number of Pod objects.
    pub pods: usize,
    /// Pods with a proxy of the mesh.
    pub with_proxy: usize,
    /// Pods that run without one and should have one.
    pub missing: usize,
    /// The data plane of the pods in the worst state.
    pub dataplane: Dataplane,
    /// The membership of these pods, which contains that state.
    pub membership: &'m Membership,
    /// Number of pods in that state.
    pub pods_in_state: usize,
    /// Version of the oldest proxy.
    pub proxy_version: Option<&'m str>,
    /// Version of the control plane if the version of the oldest proxy is not supported with it.
    pub skewed_from: Option<&'m Text>,
    /// Revision; `None` without a proxy.
    pub revision: Option<&'m Text>,
    /// Whether the proxy is a native sidecar; `None` if none runs in the pods.
    pub is_native: Option<bool>,
    pub bypasses: Vec<Bypass>,
    /// Init containers that run before the proxy.
    pub early_containers: Vec<&'m Text>,
    /// Whether its Namespace was read.
    pub is_namespace_read: bool,
    /// Whether all of its pods were read; otherwise there may be more than what is counted here.
    pub has_every_pod: bool,
    /// False if it is meshed or part of Istio, its proxy version is supported and no traffic bypasses the proxy.
    pub needs_attention: bool,
}

/// The proxy that a workload should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A proxy that injection puts into its pods.
    Sidecar,
    Ambient,
    /// Neither: nothing requests one, or it is a gateway, a waypoint or proxyless.
    None,
}

impl ProxyRow<'_> {
    /// What a pod created now would get; [`Expected::None`] for gateways, waypoints and proxyless workloads, and `None` if what decides it
    /// was not read.
    #[must_use]
    pub fn expected(&self) -> Option<Expected> {
        self.membership.is_known.then(|| self.planned())
    }

    /// The same, as far as it was read.
    fn planned(&self) -> Expected {
        match (self.dataplane, self.membership.recreated_dataplane) {
            // These have a data plane of their own, by injection or from a controller (S148, S154).
            (Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless, _) | (_, Dataplane::None) => Expected::None,
            (_, Dataplane::Ambient) => Expected::Ambient,
            (_, Dataplane::Sidecar | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless) => Expected::Sidecar,
        }
    }

    /// Whether a pod created now would be injected; `None` if what decides it was not read.
    #[must_use]
    pub fn would_inject(&self) -> Option<bool> {
        self.membership.is_known.then_some(matches!(self.membership.injection, Injection::Injected { .. }))
    }

    /// Whether ambient would capture a pod created now; `None` if what decides it was not read.
    #[must_use]
    pub fn would_capture(&self) -> Option<bool> {
        self.membership.is_known.then_some(self.membership.captured_by_ambient_if_recreated)
    }

    /// The number of Pod objects; `None` if not all were read.
    #[must_use]
    pub fn known_pods(&self) -> Option<usize> {
        self.has_every_pod.then_some(self.pods)
    }

    /// The number of pods with a proxy of the mesh; `None` if not all pods were read.
    #[must_use]
    pub fn known_with_proxy(&self) -> Option<usize> {
        self.has_every_pod.then_some(self.with_proxy)
    }

    /// The number of pods without a proxy that should have one; `None` if not all pods were read, or not what decides it.
    #[must_use]
    pub fn known_missing(&self) -> Option<usize> {
        (self.has_every_pod && self.membership.is_known).then_some(self.missing)
    }

    /// Why new pods would have no proxy either; `None` in every other state.
    #[must_use]
    pub fn no_proxy_reason(&self) -> Option<&NoProxyReason> {
        self.membership.state.no_proxy_reason()
    }

    /// Whether new pods would fix the state. Whether a command can create them is not checked.
    #[must_use]
    pub fn needs_restart(&self) -> bool {
        let is_behind = matches!(
            self.membership.state,
            MeshState::Missing | MeshState::OtherDataplane | MeshState::SidecarAndAmbient | MeshState::OtherRevision(_)
        );
        is_behind || self.skewed_from.is_some()
    }
}

/// Answers for everything in scope.
#[must_use]
pub fn inventory<'m>(mesh: &'m Mesh<'m>, scope: &Scope) -> Inventory<'m> {
    let workloads: Vec<ProxyRow<'_>> =
        mesh.workloads().iter().zip(mesh.memberships()).filter_map(|(workload, own)| row(mesh, scope, workload, own)).collect();
    let mut counts: BTreeMap<&Text, ProxyCounts> = BTreeMap::new();
    for row in &workloads {
        counts.entry(&row.workload.subject.namespace).or_default().add(row);
    }
    let namespaces = counts.into_iter().map(|(name, counts)| {
        let (enrolled, by) = mesh.indices().enrolment(name);
        let (coverage, labels) = (mesh.indices().coverage(), mesh.namespace_labels(name));
        let counts = ProxyCounts { is_partial: !coverage.covers_workloads(name), ..counts };
        NamespaceRow { name, enrolled, by, is_known: labels.is_some() && coverage.covers_injection(labels), counts }
    });
    Inventory { namespaces: namespaces.collect(), workloads }
}

impl ProxyCounts {
    fn add(&mut self, row: &ProxyRow<'_>) {
        self.total += 1;
        let of = match &row.membership.state {
            MeshState::Missing => &mut self.missing,
            MeshState::Unknown => &mut self.unknown,
            MeshState::Outside(reason) if reason.is_intentional() => &mut self.opted_out,
            MeshState::Outside(_) | MeshState::PartOfIstio => &mut self.outside,
            MeshState::Meshed
            | MeshState::OtherRevision(_)
            | MeshState::OtherDataplane
            | MeshState::PendingInZtunnel
            | MeshState::SidecarAndAmbient => &mut self.meshed,
        };
        *of += 1;
    }
}

fn row<'m>(mesh: &'m Mesh<'m>, scope: &Scope, workload: &'m Workload<'m>, own: &'m [Membership]) -> Option<ProxyRow<'m>> {
    let in_scope = workload.instances.iter().zip(own).filter(|(instance, _)| scope.contains_instance(workload, instance));
    let parts: Vec<(&Instance<'_>, &Membership)> = in_scope.collect();
    let count = |is_it: &dyn Fn(&Instance<'_>, &MeshState) -> bool| -> usize {
        parts.iter().filter(|(instance, own)| is_it(instance, &own.state)).map(|(instance, _)| instance.pods.len()).sum()
    };
    let &(worst, membership) = parts.iter().min_by_key(|(_, own)| rank(&own.state))?;
    let oldest = parts.iter().filter_map(|(one, _)| Some((one.proxy_version()?, &one.revision))).min_by_key(|(own, _)| version(own));
    let bypasses: BTreeSet<Bypass> = parts.iter().flat_map(|(instance, _)| instance.bypasses()).collect();
    let early: BTreeSet<&Text> = parts.iter().flat_map(|(instance, _)| instance.init_containers_before_running_proxy()).collect();
    let skewed_from = oldest.and_then(|(own, revision)| mesh.indices().skew(own, revision));
    let is_settled = matches!(membership.state, MeshState::Meshed | MeshState::PartOfIstio);
    Some(ProxyRow {
        workload,
        pods: count(&|_, _| true),
        with_proxy: count(&|instance, _| instance.dataplane != Dataplane::None),
        missing: count(&|_, state| *state == MeshState::Missing),
        dataplane: worst.dataplane,
        membership,
        pods_in_state: count(&|_, state| *state == membership.state),
        proxy_version: oldest.map(|(own, _)| own),
        skewed_from,
        revision: parts.iter().map(|(one, _)| *one).find(|one| one.dataplane != Dataplane::None).map(|one| &one.revision),
        is_native: parts.iter().find_map(|(instance, _)| instance.has_native_sidecar()),
        needs_attention: !is_settled || skewed_from.is_some() || !bypasses.is_empty(),
        bypasses: bypasses.into_iter().collect(),
        early_containers: early.into_iter().collect(),
        is_namespace_read: mesh.namespace_labels(&workload.subject.namespace).is_some(),
        has_every_pod: mesh.indices().covers_pods(workload),
    })
}

/// The order of states; the lowest needs attention first.
fn rank(state: &MeshState) -> u8 {
    match state {
        MeshState::Missing => 0,
        MeshState::SidecarAndAmbient => 1,
        MeshState::Unknown => 2,
        MeshState::Outside(_) => 3,
        MeshState::OtherDataplane => 4,
        MeshState::PendingInZtunnel => 5,
        MeshState::OtherRevision(_) => 6,
        MeshState::PartOfIstio => 7,
        MeshState::Meshed => 8,
    }
}

/// The first three numbers of a version; a part that is not a number counts as zero.
fn version(text: &str) -> Vec<u32> {
    text.split(['.', '-']).take(3).map(|part| part.parse().unwrap_or_default()).collect()
}
