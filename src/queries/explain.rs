//! Why does a port have its mode?

use std::collections::BTreeSet;

use super::audit::{self, WorkloadRow};
use crate::{
    mesh::{Instance, Mesh, PortMode, TrailStep, Workload},
    object::{Id, Kind, Text},
};

/// The answer for a workload.
#[derive(Debug)]
pub struct Explanation<'m> {
    /// The workload with every port.
    pub row: WorkloadRow<'m>,
    /// For each group of equivalent pods, its ports and their trails.
    pub instances: Vec<InstanceExplanation<'m>>,
    /// The Service whose port was asked for, and the workload's ports that it forwards to, if the workload has no such port itself.
    pub confused_port: Option<(&'m Id, BTreeSet<u16>)>,
}

/// Equivalent pods, and why their ports have their modes.
#[derive(Debug)]
pub struct InstanceExplanation<'m> {
    pub instance: &'m Instance<'m>,
    /// The port, `None` for every port without a mode of its own; its mode; and the trail.
    pub ports: Vec<(Option<u16>, PortMode<'m>, Vec<TrailStep>)>,
}

/// Explains a workload, or one port of it.
#[must_use]
pub fn workload<'m>(mesh: &'m Mesh<'m>, workload: &'m Workload<'m>, port: Option<u16>) -> Explanation<'m> {
    let row = audit::workload(mesh, workload);
    let instances = workload.instances.iter().map(|instance| explain_instance(mesh, workload, instance, port)).collect();
    let confused_port = port.and_then(|port| confused_port(workload, port));
    Explanation { row, instances, confused_port }
}

fn explain_instance<'m>(
    mesh: &'m Mesh<'m>,
    workload: &'m Workload<'m>,
    instance: &'m Instance<'m>,
    port: Option<u16>,
) -> InstanceExplanation<'m> {
    let server = mesh.server(workload, instance);
    let every = || instance.ports.keys().copied().map(Some);
    let ports: Vec<Option<u16>> = match port {
        Some(port) => vec![Some(port)],
        None => std::iter::once(None).chain(every()).collect(),
    };
    let explained = ports.into_iter().map(|port| {
        let mode = port.map_or_else(|| server.workload(), |port| server.port(port));
        (port, mode, mesh.indices().trail(workload, instance, port))
    });
    InstanceExplanation { instance, ports: explained.collect() }
}

/// The Service that forwards a port of its own with this number to other ports of a workload: that number may be confused with the
/// workload's (S104).
fn confused_port<'m>(workload: &'m Workload<'m>, number: u16) -> Option<(&'m Id, BTreeSet<u16>)> {
    let ports = || workload.instances.iter().flat_map(|instance| &instance.ports);
    if ports().any(|(own, port)| *own == number && port.is_declared_outside_policies()) {
        return None;
    }
    let targeting = ports().flat_map(|(own, port)| port.by_services.iter().map(move |by| (by, *own))).filter(|(by, _)| by.number == number);
    let service = targeting.clone().map(|(by, _)| by.service).min()?;
    Some((service, targeting.filter(|(by, _)| by.service == service).map(|(_, own)| own).collect()))
}

/// A workload as named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadName<'w> {
    pub namespace: Option<&'w str>,
    /// Kind as kubectl writes it, short forms included; `None` if not given.
    pub kind: Option<&'w str>,
    pub name: &'w str,
}

/// The workloads that a name matches. The name of a pod matches the workload that it belongs to.
#[must_use]
pub fn find<'m>(mesh: &'m Mesh<'m>, wanted: &WorkloadName<'_>) -> Vec<&'m Workload<'m>> {
    let kind = wanted.kind.map(full_kind);
    let is_it = |workload: &Workload<'_>| {
        let subject = &workload.subject;
        let is_named = subject.name == wanted.name && kind.as_deref().is_none_or(|kind| subject.kind.as_str().eq_ignore_ascii_case(kind));
        let has_pod = || workload.instances.iter().flat_map(|i| &i.pods).any(|pod: &&Text| **pod == *wanted.name);
        let is_pod = kind.as_deref().is_none_or(|kind| kind == "Pod") && has_pod();
        wanted.namespace.is_none_or(|namespace| subject.namespace == namespace) && (is_named || is_pod)
    };
    mesh.workloads().iter().filter(|workload| is_it(workload)).collect()
}

/// Resolves kubectl's short forms and plurals to the kind; other words are kinds that this tool does not read, such as a Rollout.
fn full_kind(word: &str) -> String {
    Kind::of_word(word).map_or_else(|| word.to_owned(), |kind| kind.name().to_owned())
}
