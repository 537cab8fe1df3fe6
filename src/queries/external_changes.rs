//! How a change affects callers from outside the mesh: probes, scrapes, webhooks, load balancers and ingress controllers (S193–S196).

use std::collections::BTreeMap;

use super::{Scope, compare::BeforeAfter};
use crate::{
    mesh::{ExternalCaller, ExternalCallerKind, Instance, Mesh, Subject, Verdict, Workload},
    object::Id,
};

/// A caller from outside the mesh whose result changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalChange {
    pub kind: ExternalCallerKind,
    /// A short description of the call.
    pub message: String,
    pub server: Subject,
    /// The workload's port.
    pub port: u16,
    pub before: Verdict,
    pub after: Verdict,
}

/// What identifies a caller in both states.
type Key = (Subject, u16, ExternalCallerKind, Id, String);

/// The callers that certainly call, before and after, and get another result.
#[must_use]
pub fn external_changes(states: BeforeAfter<'_>, scope: &Scope) -> Vec<ExternalChange> {
    let (before, after) = (verdicts(states.before, scope), verdicts(states.after, scope));
    let changed = |((server, port, kind, defined_by, message), after): (Key, Verdict)| {
        let key = (server, port, kind, defined_by, message);
        let before = *before.get(&key)?;
        let (server, port, kind, _, message) = key;
        (before != after).then_some(ExternalChange { kind, message, server, port, before, after })
    };
    after.into_iter().filter_map(changed).collect()
}

/// The result of every call; the worst one if the instances of a workload differ.
fn verdicts(mesh: &Mesh<'_>, scope: &Scope) -> BTreeMap<Key, Verdict> {
    let mut found: BTreeMap<Key, Verdict> = BTreeMap::new();
    for workload in mesh.workloads().iter().filter(|workload| scope.contains_workload(workload)) {
        for instance in &workload.instances {
            for caller in mesh.external_callers(workload, instance).into_iter().filter(|one| one.is_certain && !one.is_connect_only) {
                add(mesh, workload, instance, caller, &mut found);
            }
        }
    }
    found
}

fn add(mesh: &Mesh<'_>, workload: &Workload<'_>, instance: &Instance<'_>, caller: ExternalCaller, found: &mut BTreeMap<Key, Verdict>) {
    let verdict = mesh.external_verdict(workload, instance, &caller);
    let key = (workload.subject.clone(), caller.port, caller.kind, caller.defined_by, caller.message);
    let known = found.entry(key).or_insert(verdict);
    if matches!(verdict, Verdict::Fail(_)) {
        *known = verdict;
    }
}
