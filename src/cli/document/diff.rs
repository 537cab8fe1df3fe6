//! The document of `diff`.

use std::collections::BTreeMap;

use super::{
    finding::{findings, subject},
    header::decided_by,
    words::{enforced, policy_mode},
};
use crate::{
    checks::Finding,
    mesh::{Failure, ScopeMode},
    object::{Change, Id},
    queries::{
        diff::{self, CallChange, Diff, Effect, EnforcedState, ModeChange, ScopeChange},
        external_changes::ExternalChange,
        migrate::describe_caller,
    },
    report::document::diff as doc,
};

/// The changes of objects, scopes, modes and calls, and the resolved findings.
pub(crate) fn diff(changes: &BTreeMap<Id, Change>, answer: &Diff<'_>, resolved: &[Finding]) -> doc::Diff {
    doc::Diff {
        objects: changes.iter().map(|(id, change)| changed(id, *change)).collect(),
        scopes: answer.scopes.iter().map(scope).collect(),
        modes: answer.modes.iter().map(mode).collect(),
        calls: answer.calls.iter().map(call).chain(answer.external.iter().map(external)).collect(),
        resolved: findings(resolved),
    }
}

fn changed(id: &Id, change: Change) -> doc::ChangedObject {
    doc::ChangedObject { subject: subject(&id.into()), change: change.into() }
}

fn scope(change: &ScopeChange<'_>) -> doc::ScopeChange {
    let of = |mode: &ScopeMode<'_>| doc::ScopeMode {
        mode: policy_mode(mode.mode, mode.is_certain),
        decided_by: decided_by(mode.known_policy()),
    };
    doc::ScopeChange {
        namespace: change.namespace.map(ToString::to_string),
        before: of(&change.before),
        after: of(&change.after),
        workloads: change.workloads,
    }
}

fn mode(change: &ModeChange<'_>) -> doc::ModeChange {
    let ModeChange { workload, port, before, after } = change;
    doc::ModeChange {
        effect: change.effect().into(),
        namespace: workload.namespace.to_string(),
        kind: workload.kind.to_string(),
        name: workload.name.to_string(),
        port: *port,
        before: before.as_ref().map(state),
        after: after.as_ref().map(state),
    }
}

fn state(EnforcedState { dataplane, mode }: &EnforcedState<'_>) -> doc::WorkloadState {
    doc::WorkloadState {
        dataplane: (*dataplane).into(),
        mode: enforced(mode.mode, mode.is_enforcement_certain()),
        policy_mode: policy_mode(mode.policy_mode, mode.is_certain),
        decided_by: decided_by(mode.known_policy()),
    }
}

fn call(change: &CallChange) -> doc::CallChange {
    let CallChange { kind, kind_after: becomes, labels, namespaces, service, port: (host, port), before, after, effect } = change;
    let labels = labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    doc::CallChange {
        effect: (*effect).into(),
        from: doc::CallClients {
            dataplane: (*kind).into(),
            becomes: becomes.map(Into::into),
            namespaces: namespaces.iter().map(ToString::to_string).collect(),
            labels,
            caller: None,
        },
        to: doc::ServicePort { namespace: service.namespace.to_string(), host: host.to_string(), port: *port },
        before: before.map(answer),
        after: after.map(answer),
    }
}

/// A call from outside the mesh: its destination is a port of a workload.
fn external((effect, change): &(Effect, ExternalChange)) -> doc::CallChange {
    let ExternalChange { kind, message, server, port, before, after } = change;
    doc::CallChange {
        effect: (*effect).into(),
        from: doc::CallClients {
            dataplane: kind.proxy().into(),
            becomes: None,
            namespaces: Vec::new(),
            labels: BTreeMap::new(),
            caller: Some(format!("{} ({message})", describe_caller(*kind))),
        },
        to: doc::ServicePort { namespace: server.namespace.to_string(), host: server.to_string(), port: *port },
        before: Some(answer(diff::CallSummary::of_one(*before))),
        after: Some(answer(diff::CallSummary::of_one(*after))),
    }
}

fn answer(answer: diff::CallSummary) -> doc::CallOutcome {
    doc::CallOutcome {
        result: answer.result.into(),
        code: answer.failure.map(Failure::code),
        symptom: answer.failure.map(Failure::symptom),
    }
}
