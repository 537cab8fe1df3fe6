//! The output of `diff` for people: tables and a summary of what the change does.

use std::io::{self, Write};

use super::{
    escape::escape,
    finding,
    grid::{Cell, Grid, Tone, titled},
    paint::{self, mode_tone, painted, result_tone},
    short_kind::short_kind,
    summary::{incomplete, severity_counts},
};
use crate::{
    object::{list_names, plural},
    report::{
        document::{
            Header, Severities, Subject,
            diff::{CallChange, CallClients, CallOutcome, ChangedObject, Diff, ModeChange, ScopeChange, ScopeMode, WorkloadState},
            words::{Change, Dataplane, Effect, Mode},
        },
        style::Style,
    },
};

fn is_unchanged(diff: &Diff, header: &Header) -> bool {
    diff.scopes.is_empty() && diff.modes.is_empty() && diff.calls.is_empty() && diff.resolved.is_empty() && header.findings.is_empty()
}

/// The tables with their titles, without empty ones.
pub(crate) fn tables(diff: &Diff) -> Vec<(&'static str, Grid)> {
    let all = [
        ("Objects", objects(&diff.objects)),
        ("Scopes", scopes(&diff.scopes)),
        ("Modes", modes(&diff.modes)),
        ("Calls", calls(&diff.calls)),
    ];
    all.into_iter().filter(|(_, grid)| !grid.rows().is_empty()).collect()
}

pub(crate) fn summary(diff: &Diff, header: &Header) -> String {
    if is_unchanged(diff, header) {
        return "Nothing changes: no mode, no call, no finding".into();
    }
    let of = |effect: Effect| diff.calls.iter().filter(|call| call.effect == effect).count();
    let effects = [Effect::Breaks, Effect::Weakens, Effect::Strengthens, Effect::Fixes].into_iter().filter(|effect| of(*effect) > 0);
    let mut parts: Vec<String> = effects.map(|effect| format!("{effect} {}", plural(of(effect), "call"))).collect();
    if parts.is_empty() {
        parts.push("breaks no call".into());
    }
    parts.push(format!("changes {}", plural(diff.modes.len(), "mode")));
    let new = severity_counts(Severities::of(&header.findings)).map_or_else(|| "adds no finding".into(), |words| format!("adds {words}"));
    parts.push(new);
    if !diff.resolved.is_empty() {
        parts.push(format!("resolves {}", diff.resolved.len()));
    }
    format!("The change {}{}", parts.join(", "), unread_scopes(diff))
}

/// The scopes of which no workload was read: the effect on their calls is unknown.
fn unread_scopes(diff: &Diff) -> String {
    let all: Vec<&str> = diff.scopes.iter().filter(|one| one.workloads == 0).map(name).collect();
    if all.is_empty() {
        return String::new();
    }
    format!("; UNKNOWN the effect on calls to {}, of which no workload was read", list_names(&all))
}

pub(super) fn write(header: &Header, diff: &Diff, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    titled(&tables(diff), style, sink)?;
    finding::write(header, style, sink)?;
    writeln!(sink)?;
    if !diff.resolved.is_empty() && !style.quiet {
        writeln!(sink, "Resolved findings")?;
        for finding in &diff.resolved {
            writeln!(sink, "  {} {}: {}", finding.rule, finding.name, escape(&finding.subject.title()))?;
        }
        writeln!(sink)?;
    }
    let breaks = diff.calls.iter().any(|call| call.effect == Effect::Breaks);
    let is_known = header.complete && unread_scopes(diff).is_empty();
    let tone = if breaks || !is_known { Tone::Bad } else { Tone::Good };
    writeln!(sink, "{}", painted(&escape(&(summary(diff, header) + &incomplete(header))), tone, style))
}

fn objects(all: &[ChangedObject]) -> Grid {
    let mut grid = Grid::new(&["CHANGE", "KIND", "NAMESPACE", "NAME"]);
    for one in all.iter().filter(|one| one.change != Change::Unchanged) {
        let Subject { kind, namespace, name, .. } = &one.subject;
        grid.push(vec![Cell::new(one.change), Cell::new(kind), Cell::optional(namespace.as_deref()), Cell::new(name)]);
    }
    grid
}

fn scopes(all: &[ScopeChange]) -> Grid {
    let mut grid = Grid::new(&["SCOPE", "WORKLOADS", "BEFORE", "AFTER", "DECIDED BY"]);
    for one in all {
        let mode = |scope: &ScopeMode| paint::mode(scope.mode);
        let read = if one.workloads == 0 { "none read".to_owned() } else { one.workloads.to_string() };
        let by = Cell::optional(one.after.decided_by.as_deref());
        grid.push(vec![Cell::new(name(one)), Cell::new(read), mode(&one.before), mode(&one.after), by]);
    }
    grid
}

fn name(scope: &ScopeChange) -> &str {
    scope.namespace.as_deref().unwrap_or("the mesh")
}

fn modes(all: &[ModeChange]) -> Grid {
    let mut grid = Grid::new(&["EFFECT", "NAMESPACE", "WORKLOAD", "PORT", "BEFORE", "AFTER", "DECIDED BY"]);
    for one in all {
        let states = (one.before.as_ref(), one.after.as_ref());
        let dataplane_differs = matches!(states, (Some(was), Some(is)) if was.dataplane != is.dataplane);
        let state = |state: Option<&WorkloadState>| match state {
            None => Cell::optional(None),
            Some(state) if dataplane_differs => Cell::with_tone(format!("{} ({})", state.mode, state.dataplane), mode_tone(state.mode)),
            Some(state) if state.mode == state.policy_mode || state.mode == Mode::None => paint::mode(state.mode),
            Some(state) => Cell::with_tone(format!("{} (policy: {})", state.mode, state.policy_mode), mode_tone(state.mode)),
        };
        grid.push(vec![
            Cell::with_tone(one.effect, effect_tone(one.effect)),
            Cell::new(&one.namespace),
            Cell::new(format!("{}/{}", short_kind(&one.kind), one.name)),
            Cell::optional(one.port.map(|port| port.to_string()).as_deref()),
            state(states.0),
            state(states.1),
            Cell::optional(states.1.and_then(|state| state.decided_by.as_deref())),
        ]);
    }
    grid
}

fn effect_tone(effect: Effect) -> Tone {
    match effect {
        Effect::Breaks => Tone::Bad,
        Effect::Weakens | Effect::Disappears | Effect::Changes => Tone::Warning,
        Effect::Appears | Effect::Strengthens | Effect::Fixes => Tone::Good,
    }
}

fn calls(all: &[CallChange]) -> Grid {
    let mut grid = Grid::new(&["EFFECT", "FROM", "TO", "BEFORE", "AFTER"]);
    for one in all {
        grid.push(vec![
            Cell::with_tone(one.effect, effect_tone(one.effect)),
            Cell::new(callers(&one.from)),
            Cell::new(format!("{}:{}", one.to.host, one.to.port)),
            answer(one.before.as_ref()),
            answer(one.after.as_ref()),
        ]);
    }
    grid
}

/// The clients as `shop, web, db and 12 more (sidecar)`.
pub(crate) fn callers(from: &CallClients) -> String {
    if let Some(caller) = &from.caller {
        return caller.clone();
    }
    let word = |dataplane: Dataplane| if dataplane == Dataplane::None { "no proxy".to_owned() } else { dataplane.to_string() };
    let by = from.becomes.map_or_else(|| word(from.dataplane), |after| format!("{} → {}", word(from.dataplane), word(after)));
    let labels = from.labels.iter().map(|(key, value)| format!("{key}={value}"));
    let details: Vec<String> = labels.chain([by]).collect();
    format!("{} ({})", list_names(&from.namespaces), details.join(", "))
}

fn answer(answer: Option<&CallOutcome>) -> Cell {
    let Some(answer) = answer else { return Cell::optional(None) };
    let words = answer.code.map_or_else(|| answer.result.to_string(), |code| format!("{} {code}", answer.result));
    Cell::with_tone(words, result_tone(answer.result))
}
