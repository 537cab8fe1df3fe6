//! Ports that stay open in a STRICT namespace, and the policies that close them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocker, Policy, Readiness, Target, existing_policy, target::is_governed};
use crate::{
    istio::Mode,
    mesh::{Mesh, Subject},
    object::{Id, Text},
};

/// A port of a STRICT workload that accepts plaintext by an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPort {
    pub server: Subject,
    pub port: u16,
    /// What it enforces.
    pub mode: Mode,
    /// The policy that makes the exception.
    pub decided_by: Id,
    /// Callers that would be cut off if it were closed, and whether that is certain.
    pub callers: BTreeMap<String, bool>,
}

impl OpenPort {
    /// Whether a caller certainly needs the exception.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.callers.values().any(|is_certain| *is_certain)
    }
}

/// The ports that accept plaintext in the namespaces of the target that are STRICT already.
pub(super) fn open_ports(mesh: &Mesh<'_>, target: &Target<'_>, readiness: &BTreeMap<Text, Readiness>) -> Vec<OpenPort> {
    let mut found: BTreeMap<(Subject, u16), OpenPort> = BTreeMap::new();
    let is_already = |namespace: &Text| readiness.get(namespace) == Some(&Readiness::Already);
    for (workload, instance, server) in mesh.servers().filter(|(_, instance, _)| is_governed(instance)) {
        if !target.contains(workload) || !is_already(&workload.subject.namespace) {
            continue;
        }
        for port in instance.ports.keys().copied() {
            let own = server.port(port);
            if let (Some(mode @ (Mode::Permissive | Mode::Disable)), Some(decided_by)) = (own.mode, own.known_policy()) {
                let server = workload.subject.clone();
                let one = OpenPort { server: server.clone(), port, mode, decided_by: decided_by.clone(), callers: BTreeMap::new() };
                found.entry((server, port)).or_insert(one);
            }
        }
    }
    found.into_values().collect()
}

/// The policies of open ports, with these ports set to STRICT.
pub(super) fn closing_policies<'p>(mesh: &Mesh<'_>, ports: impl IntoIterator<Item = &'p OpenPort>) -> Vec<Policy> {
    let mut by_policy: BTreeMap<&Id, BTreeSet<u16>> = BTreeMap::new();
    for open in ports {
        by_policy.entry(&open.decided_by).or_default().insert(open.port);
    }
    let closed = |(id, ports): (&Id, BTreeSet<u16>)| {
        let mut policy = existing_policy(mesh, id)?;
        for port in ports {
            policy.ports.insert(port, Some(Mode::Strict));
        }
        Some(policy)
    };
    by_policy.into_iter().filter_map(closed).collect()
}

/// Adds to each open port the callers that fail once it is closed.
pub(super) fn add_callers(ports: &mut [OpenPort], blockers: &[Blocker]) {
    for blocker in blockers.iter().filter(|blocker| !blocker.fails_already()) {
        for open in ports.iter_mut() {
            if blocker.servers.get(&open.server).is_some_and(|ports| ports.contains(&open.port)) {
                *open.callers.entry(blocker.client.clone()).or_default() |= blocker.breaks_working_call();
            }
        }
    }
}
