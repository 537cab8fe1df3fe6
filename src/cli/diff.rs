//! `diff`.

use std::{collections::BTreeSet, path::PathBuf};

use super::{
    args::{Gate, Output, ScopeArgs, Source, format_of},
    configuration::{self, Configured},
    document::words::{enforced, policy_mode},
    gate::Exit,
    judging, present,
    reading::{self, usage},
};
use crate::{
    mesh::{Failure, ScopeMode},
    object::{Change, Id, Kind},
    queries::{
        diff::{self, CallChange, Effect, ModeChange, ScopeChange, State},
        relations::States,
    },
    report::{
        Format,
        document::{Body, diff as doc},
    },
    source::cluster::Kinds,
};

/// Flags of `diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// Manifests of the state before, in place of a cluster's: a file or a folder. Repeatable. -f is what would be applied to it.
    #[arg(long, value_name = "PATH", help_heading = "What to read")]
    before: Vec<PathBuf>,
    /// An object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME outside namespaces. Repeatable.
    #[arg(long, value_name = "OBJECT", value_parser = object, help_heading = "What to read")]
    delete: Vec<Id>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Format.
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = format_of(Format::for_findings()), help_heading = "How to show it")]
    output: Format,
    #[command(flatten)]
    how: Output,
    #[command(flatten)]
    gate: Gate,
    /// Exit with 1 if a call that works would fail.
    #[arg(long, help_heading = "What to fail on")]
    fail_on_break: bool,
}

fn object(text: &str) -> Result<Id, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let kind = |name: &str| Kind::ALL.iter().copied().find(|kind| kind.name().eq_ignore_ascii_case(name));
    let known = || {
        let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("no kind that this tool reads; write one of {}", names.into_iter().collect::<Vec<_>>().join(", "))
    };
    let found = kind(parts[0]).ok_or_else(known)?;
    match parts.as_slice() {
        [_, namespace, name] if found.is_namespaced() && !namespace.is_empty() && !name.is_empty() => Ok(Id::new(found, *namespace, *name)),
        [_, name] if !found.is_namespaced() && !name.is_empty() => Ok(Id::new(found, "", *name)),
        _ if found.is_namespaced() => Err(format!("write {found}/NAMESPACE/NAME")),
        _ => Err(format!("write {found}/NAME")),
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.source.cluster.print_rbac {
        return reading::print_rbac(Kinds::All);
    }
    if args.source.filename.is_empty() && args.delete.is_empty() {
        return Err(usage("what would change? name manifests with -f, or objects with --delete".into()));
    }
    let first = args.source.filename.first().or(args.before.first()).map(PathBuf::as_path);
    let Configured { configuration, exclude } = configuration::of(&args.source, first)?;
    let manifests = if args.source.filename.is_empty() {
        crate::object::Snapshot::default()
    } else {
        reading::files(&args.source.filename, args.source.recursive, &args.scope, exclude.clone())?
    };
    let before = if args.before.is_empty() {
        reading::cluster(&args.source, &args.scope, Kinds::Comparison, &args.how)?
    } else {
        reading::files(&args.before, args.source.recursive, &args.scope, exclude)?
    };
    let before = crate::object::Snapshot { configuration, ..before };
    let deleted: BTreeSet<Id> = args.delete.iter().cloned().collect();
    if let Some(absent) = deleted.iter().find(|id| before.meta(id).is_none()) {
        return Err(usage(format!("{absent} is not there, so that it cannot be deleted")));
    }
    let changes = before.changes(&manifests, &deleted);
    let after = before.overlaid(&manifests, &deleted);
    let settings = args.source.settings();
    let states = States { before: reading::indexed(before, &settings), after: reading::indexed(after, &settings) };
    let mut judged = judging::judged("diff", states.after, &args.scope, &args.gate, &args.how)?;
    let resolved = judged.only_what_is_new(states.before, &args.gate);
    let answer = diff::diff(states, &judged.scope);
    let breaks = answer.calls.iter().any(|call| call.effect == Effect::Breaks);
    let body = doc::Diff {
        objects: changes.iter().map(|(id, change)| changed(id, *change)).collect(),
        scopes: answer.scopes.iter().map(scope).collect(),
        modes: answer.modes.iter().map(mode).collect(),
        calls: answer.calls.iter().map(call).collect(),
        resolved,
    };
    let exit = judged.show(Body::Diff(body), args.output, &args.gate, &args.how)?;
    Ok(if args.fail_on_break && breaks { Exit::Found } else { exit })
}

fn changed(id: &Id, change: Change) -> doc::Object {
    doc::Object { subject: present::subject(&id.into()), change: change.into() }
}

fn scope(change: &ScopeChange<'_>) -> doc::ScopeChange {
    let of = |mode: &ScopeMode<'_>| doc::ScopeMode {
        mode: policy_mode(mode.mode, mode.is_certain),
        decided_by: present::decided_by(mode.decided_by),
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
        namespace: workload.namespace.to_string(),
        kind: workload.kind.to_string(),
        name: workload.name.to_string(),
        port: *port,
        before: before.as_ref().map(state),
        after: after.as_ref().map(state),
    }
}

fn state(State { dataplane, mode }: &State<'_>) -> doc::State {
    doc::State {
        dataplane: (*dataplane).into(),
        mode: enforced(mode.mode, mode.is_certain),
        policy_mode: policy_mode(mode.policy_mode, mode.is_certain),
        decided_by: present::decided_by(mode.decided_by),
    }
}

fn call(change: &CallChange) -> doc::CallChange {
    let CallChange { kind, becomes, labels, namespaces, service, port: (host, port), before, after, effect } = change;
    let labels = labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    doc::CallChange {
        effect: (*effect).into(),
        from: doc::Callers {
            dataplane: (*kind).into(),
            becomes: becomes.map(Into::into),
            namespaces: namespaces.iter().map(ToString::to_string).collect(),
            labels,
        },
        to: doc::Called { namespace: service.namespace.to_string(), host: host.to_string(), port: *port },
        before: before.map(answer),
        after: after.map(answer),
    }
}

fn answer(answer: diff::Answer) -> doc::Answer {
    doc::Answer { result: answer.result.into(), code: answer.failure.map(Failure::code), symptom: answer.failure.map(Failure::symptom) }
}
