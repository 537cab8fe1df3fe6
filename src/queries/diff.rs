//! Which modes and calls would a change affect?

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Scope,
    audit::{WorkloadRow, audit},
    compare::{BeforeAfter, CallComparison, ServiceFilter},
    effect,
    external_changes::{ExternalChange, external_changes},
    reach::{CallAnswer, OverallResult},
};
use crate::{
    istio::Mode,
    mesh::{ClientKind, Dataplane, Failure, PortMode, ScopeMode, Subject, Verdict},
    object::{Id, Labels, Text},
};

pub use super::effect::Effect;

/// The answer.
#[derive(Debug)]
pub struct Diff<'m> {
    /// The mesh, and namespaces with a policy of their own, whose mode changes.
    pub scopes: Vec<ScopeChange<'m>>,
    /// Workloads and ports whose mode or data plane changes.
    pub modes: Vec<ModeChange<'m>>,
    /// Calls whose result changes.
    pub calls: Vec<CallChange>,
    /// Calls from outside the mesh whose result changes, with the effect.
    pub external: Vec<(Effect, ExternalChange)>,
}

/// The mode that the mesh or a namespace has as a whole, before and after.
#[derive(Debug)]
pub struct ScopeChange<'m> {
    /// The namespace; `None` for the mesh.
    pub namespace: Option<&'m Text>,
    pub before: ScopeMode<'m>,
    pub after: ScopeMode<'m>,
    /// Number of its workloads that were read; if there is none, the effect on its calls is unknown.
    pub workloads: usize,
}

/// What a workload or one of its ports enforces, before and after.
#[derive(Debug)]
pub struct ModeChange<'m> {
    pub workload: &'m Subject,
    /// Its port, if that changes differently; `None` for the workload as a whole.
    pub port: Option<u16>,
    /// Before; `None` if it is new.
    pub before: Option<EnforcedState<'m>>,
    /// After; `None` if it is removed.
    pub after: Option<EnforcedState<'m>>,
}

impl ModeChange<'_> {
    /// Its effect.
    #[must_use]
    pub fn effect(&self) -> Effect {
        effect::of_mode(self.before.map(|state| state.mode.mode), self.after.map(|state| state.mode.mode))
    }
}

/// A data plane, and the mode that it enforces.
#[derive(Clone, Copy, Debug)]
pub struct EnforcedState<'m> {
    pub dataplane: Dataplane,
    pub mode: PortMode<'m>,
}

/// Calls whose result changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallChange {
    /// The clients' kind of proxy before; the kind after if there were no such clients before.
    pub kind: ClientKind,
    /// Their kind of proxy after, if it is another one.
    pub kind_after: Option<ClientKind>,
    /// The labels that select these clients, if a rule or a scope applies to some clients of their namespace only.
    pub labels: Labels,
    pub namespaces: BTreeSet<Text>,
    pub service: Id,
    /// Its host and port.
    pub port: (Text, u16),
    /// Before; `None` if there was no such client, service or port.
    pub before: Option<CallSummary>,
    /// After; `None` if there is no such client, service or port.
    pub after: Option<CallSummary>,
    pub effect: Effect,
}

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallSummary {
    /// The result over all endpoints.
    pub result: OverallResult,
    /// The failure, as [`CallAnswer::lowest_failure`] returns it.
    pub failure: Option<Failure>,
}

impl CallSummary {
    pub(super) fn of(reach: &CallAnswer<'_>) -> Self {
        Self { result: reach.result(), failure: reach.lowest_failure() }
    }

    /// The result at a single endpoint.
    #[must_use]
    pub fn of_one(verdict: Verdict) -> Self {
        let failure = if let Verdict::Fail(failure) = verdict { Some(failure) } else { None };
        Self { result: OverallResult::All(verdict), failure }
    }
}

/// Answers for the workloads and services in scope.
#[must_use]
pub fn diff<'m>(states: BeforeAfter<'m>, scope: &Scope) -> Diff<'m> {
    Diff { scopes: scopes(states, scope), modes: modes(states, scope), calls: calls(states, scope), external: external(states, scope) }
}

impl Diff<'_> {
    /// Whether the change has an effect on a call, also on one from outside the mesh.
    #[must_use]
    pub fn has_call(&self, effect: Effect) -> bool {
        let of_external = self.external.iter().map(|(effect, _)| *effect);
        self.calls.iter().map(|call| call.effect).chain(of_external).any(|one| one == effect)
    }
}

/// The changes of calls from outside the mesh, worst first.
fn external(states: BeforeAfter<'_>, scope: &Scope) -> Vec<(Effect, ExternalChange)> {
    let with_effect = |change: ExternalChange| Some((effect::of_verdict(change.before, change.after)?, change));
    let mut changes: Vec<_> = external_changes(states, scope).into_iter().filter_map(with_effect).collect();
    changes.sort_by_key(|(effect, _)| *effect);
    changes
}

/// The mesh, and every namespace with a policy of its own before or after, if the mode changes. Other namespaces inherit the mesh's mode.
fn scopes<'m>(states: BeforeAfter<'m>, scope: &Scope) -> Vec<ScopeChange<'m>> {
    let BeforeAfter { before, after } = states;
    let mesh = ScopeChange { namespace: None, before: before.mesh_mode(), after: after.mesh_mode(), workloads: after.workloads().len() };
    let own = |mode: ScopeMode<'_>, name: &Text| mode.decided_by.is_some_and(|id| id.namespace == *name);
    let names: BTreeSet<&Text> = before.namespaces().keys().chain(after.namespaces().keys()).collect();
    let names = names.into_iter().filter(|name| scope.contains(name) && !after.control_planes().is_root(name));
    let namespaces = names.map(|name| ScopeChange {
        namespace: Some(name),
        before: before.namespace_mode(name),
        after: after.namespace_mode(name),
        workloads: after.workloads_in(name).len(),
    });
    let namespaces = namespaces.filter(|one| one.namespace.is_some_and(|name| own(one.before, name) || own(one.after, name)));
    let key = |mode: ScopeMode<'_>| (mode.mode, mode.is_certain);
    std::iter::once(mesh).chain(namespaces).filter(|one| key(one.before) != key(one.after)).collect()
}

fn modes<'m>(states: BeforeAfter<'m>, scope: &Scope) -> Vec<ModeChange<'m>> {
    let (before, after) = (audit(states.before, scope).workloads, audit(states.after, scope).workloads);
    let mut rows: BTreeMap<&Subject, [Option<&WorkloadRow<'m>>; 2]> = BTreeMap::new();
    for (at, all) in [&before, &after].into_iter().enumerate() {
        for row in all {
            rows.entry(&row.workload.subject).or_default()[at] = Some(row);
        }
    }
    rows.into_iter().flat_map(|(subject, rows)| workload_changes(subject, rows)).collect()
}

/// The change of a workload, if there is one, and that of every port that changes differently.
fn workload_changes<'m>(workload: &'m Subject, rows: [Option<&WorkloadRow<'m>>; 2]) -> Vec<ModeChange<'m>> {
    let state = |port: Option<u16>| {
        rows.map(|row| {
            row.map(|row| {
                let own = port.and_then(|port| row.ports.iter().find(|(number, _)| *number == port));
                EnforcedState { dataplane: row.dataplane, mode: own.map_or(row.mode, |(_, mode)| *mode) }
            })
        })
    };
    let [before, after] = state(None);
    let whole = (before.map(EnforcedState::key), after.map(EnforcedState::key));
    let ports: BTreeSet<u16> = rows.iter().flatten().flat_map(|row| row.ports.iter().map(|(port, _)| *port)).collect();
    let mut changes = Vec::new();
    if whole.0 != whole.1 {
        changes.push(ModeChange { workload, port: None, before, after });
    }
    for port in ports {
        let [before, after] = state(Some(port));
        let own = (before.map(EnforcedState::key), after.map(EnforcedState::key));
        if own.0 != own.1 && own != whole {
            changes.push(ModeChange { workload, port: Some(port), before, after });
        }
    }
    changes
}

impl EnforcedState<'_> {
    /// What is compared. Excluded are the policy that decides, and the mode of policies that nothing enforces.
    fn key(self) -> (Dataplane, Option<(Mode, Mode, bool)>) {
        let PortMode { mode, policy_mode, is_certain, .. } = self.mode;
        (self.dataplane, mode.map(|mode| (mode, policy_mode, is_certain)))
    }
}

fn calls(states: BeforeAfter<'_>, scope: &Scope) -> Vec<CallChange> {
    let mut changes: Vec<CallChange> = Vec::new();
    states.compare(ServiceFilter::InMesh, scope, |comparison| {
        let Some(change) = CallChange::of(&comparison) else { return };
        match changes.iter_mut().rev().take_while(|one| one.is_same_port(&change)).find(|one| one.is_equivalent(&change)) {
            Some(same) => same.namespaces.extend(change.namespaces),
            None => changes.push(change),
        }
    });
    changes.sort_by(|a, b| {
        let key = |one: &CallChange| (one.effect, one.service.clone(), one.port.1, one.kind, one.kind_after);
        key(a).cmp(&key(b)).then_with(|| (&a.namespaces, &a.labels).cmp(&(&b.namespaces, &b.labels)))
    });
    changes
}

impl CallChange {
    fn of(comparison: &CallComparison<'_, '_>) -> Option<Self> {
        let (before, after) = (comparison.before.as_ref().map(CallSummary::of), comparison.after.as_ref().map(CallSummary::of));
        Some(Self {
            effect: effect::of_call(comparison.before.as_ref(), comparison.after.as_ref())?,
            kind: comparison.kind,
            kind_after: comparison.kind_after,
            labels: comparison.labels.clone(),
            namespaces: comparison.namespaces.iter().cloned().collect(),
            service: comparison.service.clone(),
            port: (comparison.port.0.clone(), comparison.port.1),
            before,
            after,
        })
    }

    fn is_same_port(&self, other: &Self) -> bool {
        (&self.service, &self.port) == (&other.service, &other.port)
    }

    fn is_equivalent(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.kind, one.kind_after, one.before, one.after, one.effect);
        key(self) == key(other) && self.labels == other.labels
    }
}
