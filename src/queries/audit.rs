//! Which mode is in force, namespace by namespace, workload by workload, port by port?

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::{
    istio::Mode,
    mesh::{Dataplane, Enforced, Instance, Mesh, PortMode, Server, Workload},
    object::{Id, Text},
};

/// The answer.
#[derive(Debug)]
pub struct Audit<'m> {
    /// Every namespace in scope.
    pub namespaces: Vec<NamespaceRow<'m>>,
    /// Every workload in scope.
    pub workloads: Vec<WorkloadRow<'m>>,
}

#[derive(Debug)]
pub struct NamespaceRow<'m> {
    pub name: &'m Text,
    /// The data plane of its workloads; `None` if they differ.
    pub dataplane: Option<Dataplane>,
    /// Whether that is only assumed, because something that decides it was not read.
    pub is_assumed: bool,
    /// The mode set by its own policy or by that of the mesh (S17).
    pub mode: Mode,
    /// The policy that sets it; `None` if no policy applies.
    pub decided_by: Option<&'m Id>,
    /// False if a policy that could change the mode was not read.
    pub is_certain: bool,
    /// Its workloads by mode.
    pub counts: ModeCounts,
}

/// Workloads by the mode they enforce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModeCounts {
    pub total: usize,
    pub strict: usize,
    pub permissive: usize,
    pub disable: usize,
    /// Those that enforce nothing.
    pub none: usize,
    /// Those whose mode is unknown because policies could not be read.
    pub unknown: usize,
    /// Those with a port that enforces another mode.
    pub with_exceptions: usize,
    /// Whether there may be more, because not all workloads of the namespace were read.
    pub is_partial: bool,
}

#[derive(Debug)]
pub struct WorkloadRow<'m> {
    pub workload: &'m Workload<'m>,
    /// Number of Pod objects.
    pub pods: usize,
    /// The data plane of its pods with the weakest mode.
    pub dataplane: Dataplane,
    /// The mode that these pods enforce.
    pub mode: PortMode<'m>,
    /// Every declared port in ascending order, with the weakest mode any pod has there.
    pub ports: Vec<(u16, PortMode<'m>)>,
    /// Its pods by data plane and mode, with their number; one entry if all are equivalent.
    pub variants: Vec<Variant>,
    /// Whether its data plane is only assumed, because its Namespace was not read, or not all of its pods.
    pub is_assumed: bool,
    /// Whether all of its pods were read.
    pub has_every_pod: bool,
}

/// Equivalent pods of one workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    pub pods: usize,
    pub dataplane: Dataplane,
    /// The mode that they enforce.
    pub mode: Enforced,
    /// False if a policy that could change the mode was not read.
    pub is_certain: bool,
}

impl WorkloadRow<'_> {
    /// The number of Pod objects; `None` if not all were read.
    #[must_use]
    pub fn known_pods(&self) -> Option<usize> {
        self.has_every_pod.then_some(self.pods)
    }

    /// The ports whose mode differs from the workload's, enforced or by policy.
    pub fn exceptions(&self) -> impl Iterator<Item = (u16, &PortMode<'_>)> {
        let whole = (self.mode.mode, self.mode.policy_mode);
        self.ports.iter().filter(move |(_, port)| (port.mode, port.policy_mode) != whole).map(|(number, port)| (*number, port))
    }
}

/// Answers for everything in scope.
#[must_use]
pub fn audit<'m>(mesh: &'m Mesh<'m>, scope: &Scope) -> Audit<'m> {
    let workloads: Vec<WorkloadRow<'_>> =
        mesh.workloads().iter().filter(|w| scope.contains_workload(w)).map(|w| row(mesh, scope, w)).collect();
    let mut by_namespace: BTreeMap<&str, Vec<&WorkloadRow<'_>>> = BTreeMap::new();
    for row in &workloads {
        by_namespace.entry(row.workload.subject.namespace.as_str()).or_default().push(row);
    }
    let names = mesh.namespaces().keys().filter(|name| scope.contains(name));
    let namespaces = names.map(|name| namespace(mesh, name, by_namespace.get(name.as_str()).map_or(&[], Vec::as_slice))).collect();
    Audit { namespaces, workloads }
}

/// Answers for one workload, regardless of scope.
#[must_use]
pub fn workload<'m>(mesh: &'m Mesh<'m>, workload: &'m Workload<'m>) -> WorkloadRow<'m> {
    let everything = Scope { include_system: true, ..Scope::default() };
    row(mesh, &everything, workload)
}

fn row<'m>(mesh: &'m Mesh<'m>, scope: &Scope, workload: &'m Workload<'m>) -> WorkloadRow<'m> {
    let instances: Vec<(&Instance<'_>, Server<'m>)> = workload
        .instances
        .iter()
        .filter(|instance| scope.selector.selects(&instance.labels))
        .map(|instance| (instance, mesh.server(workload, instance)))
        .collect();
    let mut ports: Vec<u16> = instances.iter().flat_map(|(instance, _)| instance.ports.keys().copied()).collect();
    ports.sort_unstable();
    ports.dedup();
    let at = |port| instances.iter().map(|(_, server)| server.port(port)).min_by_key(|mode| (mode.mode, mode.policy_mode));
    let weakest =
        instances.iter().map(|(instance, server)| (instance, server.workload())).min_by_key(|(_, mode)| (mode.mode, mode.policy_mode));
    let mut variants: Vec<Variant> = Vec::new();
    for (instance, server) in &instances {
        let one = Variant {
            pods: instance.pods.len(),
            dataplane: instance.dataplane,
            mode: server.workload().mode,
            is_certain: server.workload().is_enforcement_certain(),
        };
        match variants.iter_mut().find(|v| (v.dataplane, v.mode) == (one.dataplane, one.mode)) {
            Some(same) => same.pods += one.pods,
            None => variants.push(one),
        }
    }
    let nothing = PortMode { mode: None, policy_mode: Mode::Permissive, decided_by: None, is_certain: true, has_known_proxy: true };
    WorkloadRow {
        workload,
        pods: instances.iter().map(|(instance, _)| instance.pods.len()).sum(),
        dataplane: weakest.as_ref().map_or(Dataplane::None, |(instance, _)| instance.dataplane),
        mode: weakest.map_or(nothing, |(_, mode)| mode),
        ports: ports.into_iter().filter_map(|port| Some((port, at(port)?))).collect(),
        variants,
        has_every_pod: mesh.indices().covers_pods(workload),
        is_assumed: !workload.is_certain || instances.iter().any(|(instance, _)| instance.is_assumed),
    }
}

fn namespace<'m>(mesh: &'m Mesh<'m>, name: &'m Text, rows: &[&WorkloadRow<'_>]) -> NamespaceRow<'m> {
    let mode = mesh.namespace_mode(name);
    let mut counts =
        ModeCounts { total: rows.len(), is_partial: !mesh.indices().coverage().covers_workloads(name), ..ModeCounts::default() };
    for row in rows {
        match row.mode.mode {
            _ if !row.mode.is_enforcement_certain() => counts.unknown += 1,
            Some(Mode::Strict) => counts.strict += 1,
            Some(Mode::Permissive) => counts.permissive += 1,
            Some(Mode::Disable) => counts.disable += 1,
            None => counts.none += 1,
        }
        counts.with_exceptions += usize::from(row.exceptions().any(|(_, port)| port.mode != row.mode.mode));
    }
    let labels = mesh.namespace_labels(name);
    let covers_labels = || mesh.indices().coverage().is_whole() || mesh.indices().coverage().covers_injection(labels);
    NamespaceRow {
        name,
        dataplane: dataplane(mesh, name, rows),
        is_assumed: counts.is_partial || rows.iter().any(|row| !row.workload.is_certain) || rows.is_empty() && !covers_labels(),
        mode: mode.mode,
        decided_by: mode.decided_by,
        is_certain: mode.is_certain,
        counts,
    }
}

/// The data plane of the workloads in a namespace, `None` if they differ; without workloads, the one that its labels would give them.
fn dataplane(mesh: &Mesh<'_>, name: &str, rows: &[&WorkloadRow<'_>]) -> Option<Dataplane> {
    let kinds: BTreeSet<Dataplane> = rows.iter().flat_map(|row| &row.variants).map(|variant| variant.dataplane).collect();
    if rows.is_empty() {
        return Some(mesh.indices().namespace_dataplane(name));
    }
    if kinds.len() == 1 { kinds.first().copied() } else { None }
}
