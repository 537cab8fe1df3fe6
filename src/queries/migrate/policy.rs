//! The policies that make a target STRICT, as manifests: existing ones are kept, with their mode set to STRICT.

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, Target};
use crate::{
    istio::{Mode, PeerAuthentication, Selector},
    mesh::{Failure, Instance, Mesh, Workload},
    object::{Id, Kind, Labels, Snapshot, Text},
};

/// A `PeerAuthentication` to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub id: Id,
    /// Its labels, if it already exists.
    pub labels: Labels,
    /// Its annotations that were read.
    pub annotations: Labels,
    /// When it was created, if policies beside it are ordered by age: without the time it would be the youngest of the files (S9).
    pub created: Option<i64>,
    pub selector: Selector,
    pub mode: Option<Mode>,
    pub ports: BTreeMap<u16, Option<Mode>>,
    pub exists: bool,
}

impl Policy {
    fn of(mesh: &Mesh<'_>, policy: &PeerAuthentication) -> Self {
        let meta = mesh.snapshot().meta(&policy.id);
        let namespace = &policy.id.namespace;
        let has_rival = match policy.selector {
            Selector::Labels(_) => mesh.policies().workload_specific(namespace).nth(1).is_some(),
            Selector::Absent | Selector::Empty => mesh.policies().namespace_wide(namespace).nth(1).is_some(),
        };
        Self {
            id: policy.id.clone(),
            labels: meta.map(|meta| meta.labels.clone()).unwrap_or_default(),
            annotations: meta.map(|meta| meta.annotations.clone()).unwrap_or_default(),
            created: policy.created.filter(|_| has_rival),
            selector: policy.selector.clone(),
            mode: policy.mode,
            ports: policy.ports.clone(),
            exists: true,
        }
    }

    /// A new policy under a name that is free.
    fn new(mesh: &Mesh<'_>, namespace: &str, name: &str, selector: Selector) -> Self {
        let is_free = |id: &Id| mesh.policies().get(id).is_none();
        let id = |n: usize| Id::new(Kind::PeerAuthentication, namespace, if n == 0 { name.to_owned() } else { format!("{name}-{n}") });
        // There is one candidate more than there are policies, so one of them is free.
        let id = (0..=mesh.policies().all().len()).map(id).find(is_free).unwrap_or_else(|| id(0));
        let (labels, annotations) = (Labels::default(), Labels::default());
        Self { id, labels, annotations, created: None, selector, mode: None, ports: BTreeMap::new(), exists: false }
    }

    fn with_mode(self, mode: Mode) -> Self {
        Self { mode: Some(mode), ..self }
    }

    /// The ports that it leaves open on purpose.
    pub fn open_ports(&self) -> impl Iterator<Item = u16> {
        self.ports.iter().filter(|(_, mode)| mode.is_some_and(|mode| mode < Mode::Strict)).map(|(port, _)| *port)
    }

    /// The object, as it would be read from the manifest.
    fn decoded(&self) -> PeerAuthentication {
        let Self { id, selector, mode, ports, .. } = self.clone();
        PeerAuthentication { id, created: None, selector, mode, ports }
    }
}

/// The snapshot with these policies applied (S9: a new policy is younger than all others).
#[must_use]
pub fn snapshot_with_policies(mesh: &Mesh<'_>, policies: &[Policy]) -> Snapshot {
    let objects = policies.iter().map(|policy| policy.decoded().encode(&policy.labels, &policy.annotations)).collect();
    let mut manifests = Snapshot { peer_authentications: objects, ..Snapshot::default() };
    manifests.normalize();
    mesh.snapshot().with_manifests(&manifests, &BTreeSet::new())
}

/// An existing policy, unchanged; `None` if there is none.
#[must_use]
pub fn existing_policy(mesh: &Mesh<'_>, id: &Id) -> Option<Policy> {
    mesh.policies().get(id).map(|policy| Policy::of(mesh, policy))
}

/// The policy that makes the mesh and future namespaces STRICT; `None` if the mesh is STRICT already.
#[must_use]
pub fn mesh_policy(mesh: &Mesh<'_>) -> Option<Policy> {
    let root = &mesh.control_planes().primary().root_namespace;
    let policy = mesh.policies().namespace_wide(root).next();
    if policy.is_some_and(|policy| policy.mode == Some(Mode::Strict)) {
        return None;
    }
    let policy = policy.map_or_else(|| Policy::new(mesh, root, "default", Selector::Absent), |policy| Policy::of(mesh, policy));
    Some(policy.with_mode(Mode::Strict))
}

/// The policies that make the target STRICT. Ports that an existing policy leaves open stay open, because they are configured explicitly.
#[must_use]
pub fn strict_policies(mesh: &Mesh<'_>, target: &Target<'_>) -> Vec<Policy> {
    policies_with_mode(mesh, target, |_| Mode::Strict)
}

/// The policies that turn DISABLE into PERMISSIVE first; empty if no policy of the target sets DISABLE.
#[must_use]
pub fn permissive_policies(mesh: &Mesh<'_>, target: &Target<'_>) -> Vec<Policy> {
    let policies = policies_with_mode(mesh, target, |_| Mode::Permissive);
    let is_disabled = |policy: &Policy| mesh.policies().get(&policy.id).is_some_and(|old| old.mode == Some(Mode::Disable));
    policies.into_iter().filter(is_disabled).collect()
}

fn policies_with_mode(mesh: &Mesh<'_>, target: &Target<'_>, mode: impl Fn(&Policy) -> Mode) -> Vec<Policy> {
    let change = |policy: Policy| {
        let mode = mode(&policy);
        policy.with_mode(mode)
    };
    let mut policies: Vec<Policy> = Vec::new();
    if let Some(workload) = target.workload {
        let governing: Vec<&PeerAuthentication> =
            workload.instances.iter().filter_map(|instance| mesh.indices().decision(instance).workload).collect();
        let own = governing.first().map_or_else(|| workload_policy(mesh, workload), |policy| Some(Policy::of(mesh, policy)));
        return own.map(change).into_iter().collect();
    }
    for namespace in &target.namespaces {
        let whole = mesh.policies().namespace_wide(namespace).next();
        policies.push(change(
            whole.map_or_else(|| Policy::new(mesh, namespace, "default", Selector::Absent), |policy| Policy::of(mesh, policy)),
        ));
        let selecting = mesh.policies().workload_specific(namespace).filter(|policy| policy.mode.is_some_and(|mode| mode < Mode::Strict));
        policies.extend(selecting.map(|policy| change(Policy::of(mesh, policy))));
    }
    policies
}

/// The same policies, with ports left open for calls that would break and whose ports are known.
#[must_use]
pub fn with_port_exceptions(mesh: &Mesh<'_>, policies: &[Policy], blockers: &[Blocker]) -> Vec<Policy> {
    let mut excepted: Vec<Policy> = policies.to_vec();
    let mut open: BTreeMap<&crate::mesh::Subject, BTreeMap<u16, Option<Mode>>> = BTreeMap::new();
    for blocker in blockers.iter().filter(|blocker| blocker.breaks_working_call()) {
        // If mTLS arrives at a port that cannot terminate it, only DISABLE keeps clients from sending it (S80).
        let mode = if blocker.failure == Some(Failure::TlsToPlaintext) { Mode::Disable } else { Mode::Permissive };
        for (server, ports) in &blocker.servers {
            open.entry(server).or_default().extend(ports.iter().map(|port| (*port, Some(mode))));
        }
    }
    for workload in mesh.workloads() {
        let Some(ports) = open.get(&workload.subject) else { continue };
        for policy in exceptions(mesh, workload) {
            let at = excepted.iter().position(|one| one.id == policy.id);
            let at = at.unwrap_or_else(|| {
                excepted.push(policy);
                excepted.len() - 1
            });
            excepted[at].ports.extend(ports);
        }
    }
    excepted
}

/// The policies that contain exceptions for a workload: those that govern it, otherwise one of its own.
fn exceptions(mesh: &Mesh<'_>, workload: &Workload<'_>) -> Vec<Policy> {
    let mut found: Vec<Policy> = Vec::new();
    for instance in &workload.instances {
        let policy = match mesh.indices().decision(instance).workload {
            Some(policy) => Some(Policy::of(mesh, policy)),
            None => workload_policy(mesh, workload),
        };
        let policy = policy.map(|policy| policy.with_mode(Mode::Strict));
        found.extend(policy.filter(|policy| !found.iter().any(|one| one.id == policy.id)));
    }
    found
}

/// A new policy for one workload; `None` if it has no labels that identify it.
fn workload_policy(mesh: &Mesh<'_>, workload: &Workload<'_>) -> Option<Policy> {
    let instance = workload.instances.first()?;
    let labels = identifying_labels(instance);
    (!labels.is_empty()).then(|| Policy::new(mesh, &workload.subject.namespace, &workload.subject.name, Selector::Labels(labels)))
}

/// The labels that identify a workload and do not change when its pods are recreated.
fn identifying_labels(instance: &Instance<'_>) -> Labels {
    const POD_SPECIFIC: [&str; 5] = [
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
    ];
    let is_stable = |(key, _): &(&Text, &Text)| {
        !POD_SPECIFIC.contains(&key.as_str()) && !key.contains("istio.io/") && !key.contains("job-name") && !key.ends_with("controller-uid")
    };
    instance.labels.iter().filter(is_stable).map(|(key, value)| (key.clone(), value.clone())).collect()
}
