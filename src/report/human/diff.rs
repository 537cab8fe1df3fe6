//! The output of `diff` for people: tables and a summary of what the change does.

use std::io::{self, Write};

use super::{
    escape::escape,
    finding,
    grid::{Cell, Grid, Tone, titled},
    paint::{self, of_mode, of_result, painted},
    short_kind::short_kind,
    summary::{counted, incomplete},
};
use crate::{
    object::plural,
    report::{
        document::{
            Header, Severities, Subject,
            diff::{Answer, CallChange, Callers, Diff, ModeChange, Object, ScopeChange, ScopeMode, State},
            words::{Change, Dataplane, Effect, Mode},
        },
        style::Style,
    },
};

fn has_nothing(diff: &Diff, header: &Header) -> bool {
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

/// The summary line.
pub(crate) fn summary(diff: &Diff, header: &Header) -> String {
    if has_nothing(diff, header) {
        return "Nothing changes: no mode, no call, no finding".into();
    }
    let of = |effect: Effect| diff.calls.iter().filter(|call| call.effect == effect).count();
    let effects = [Effect::Breaks, Effect::Weakens, Effect::Strengthens, Effect::Fixes].into_iter().filter(|effect| of(*effect) > 0);
    let mut parts: Vec<String> = effects.map(|effect| format!("{effect} {}", plural(of(effect), "call"))).collect();
    if parts.is_empty() {
        parts.push("breaks no call".into());
    }
    parts.push(format!("changes {}", plural(diff.modes.len(), "mode")));
    let new = counted(Severities::of(&header.findings)).map_or_else(|| "brings no finding".into(), |words| format!("brings {words}"));
    parts.push(new);
    if !diff.resolved.is_empty() {
        parts.push(format!("resolves {}", diff.resolved.len()));
    }
    format!("The change {}{}", parts.join(", "), unread(diff))
}

/// The scopes of which no workload was read: the effect on their calls is unknown.
fn unread(diff: &Diff) -> String {
    let all: Vec<&str> = diff.scopes.iter().filter(|one| one.workloads == 0).map(name).collect();
    if all.is_empty() {
        return String::new();
    }
    format!("; UNKNOWN what becomes of calls to {}, of which no workload was read", listed(&all))
}

pub(super) fn write(header: &Header, diff: &Diff, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    titled(&tables(diff), style, sink)?;
    finding::write(header, style, sink)?;
    writeln!(sink)?;
    if !diff.resolved.is_empty() && !style.quiet {
        writeln!(sink, "No longer found")?;
        for gone in &diff.resolved {
            writeln!(sink, "  {} {}: {}", gone.rule, gone.name, escape(&gone.subject.title()))?;
        }
        writeln!(sink)?;
    }
    let breaks = diff.calls.iter().any(|call| call.effect == Effect::Breaks);
    let is_known = header.complete && unread(diff).is_empty();
    let tone = if breaks || !is_known { Tone::Bad } else { Tone::Good };
    writeln!(sink, "{}", painted(&escape(&(summary(diff, header) + &incomplete(header))), tone, style))
}

fn objects(all: &[Object]) -> Grid {
    let mut grid = Grid::new(&["CHANGE", "KIND", "NAMESPACE", "NAME"]);
    for one in all.iter().filter(|one| one.change != Change::Unchanged) {
        let Subject { kind, namespace, name, .. } = &one.subject;
        grid.push(vec![Cell::new(one.change), Cell::new(kind), Cell::maybe(namespace.as_deref()), Cell::new(name)]);
    }
    grid
}

fn scopes(all: &[ScopeChange]) -> Grid {
    let mut grid = Grid::new(&["SCOPE", "WORKLOADS", "BEFORE", "AFTER", "DECIDED BY"]);
    for one in all {
        let mode = |scope: &ScopeMode| paint::mode(scope.mode);
        let read = if one.workloads == 0 { "none read".to_owned() } else { one.workloads.to_string() };
        let by = Cell::maybe(one.after.decided_by.as_deref());
        grid.push(vec![Cell::new(name(one)), Cell::new(read), mode(&one.before), mode(&one.after), by]);
    }
    grid
}

fn name(scope: &ScopeChange) -> &str {
    scope.namespace.as_deref().unwrap_or("the mesh")
}

fn modes(all: &[ModeChange]) -> Grid {
    let mut grid = Grid::new(&["NAMESPACE", "WORKLOAD", "PORT", "BEFORE", "AFTER", "DECIDED BY"]);
    for one in all {
        let both = (one.before.as_ref(), one.after.as_ref());
        let has_moved = matches!(both, (Some(was), Some(is)) if was.dataplane != is.dataplane);
        let state = |state: Option<&State>| match state {
            None => Cell::maybe(None),
            Some(state) if has_moved => Cell::toned(format!("{} ({})", state.mode, state.dataplane), of_mode(state.mode)),
            Some(state) if state.mode == state.policy_mode || state.mode == Mode::None => paint::mode(state.mode),
            Some(state) => Cell::toned(format!("{} (policy: {})", state.mode, state.policy_mode), of_mode(state.mode)),
        };
        grid.push(vec![
            Cell::new(&one.namespace),
            Cell::new(format!("{}/{}", short_kind(&one.kind), one.name)),
            Cell::maybe(one.port.map(|port| port.to_string()).as_deref()),
            state(both.0),
            state(both.1),
            Cell::maybe(both.1.and_then(|state| state.decided_by.as_deref())),
        ]);
    }
    grid
}

/// Maximum number of namespaces in a cell.
const NAMED: usize = 3;

fn calls(all: &[CallChange]) -> Grid {
    let mut grid = Grid::new(&["EFFECT", "FROM", "TO", "BEFORE", "AFTER"]);
    for one in all {
        let tone = match one.effect {
            Effect::Breaks => Tone::Bad,
            Effect::Weakens | Effect::Disappears | Effect::Changes => Tone::Fair,
            Effect::Appears | Effect::Strengthens | Effect::Fixes => Tone::Good,
        };
        grid.push(vec![
            Cell::toned(one.effect, tone),
            Cell::new(callers(&one.from)),
            Cell::new(format!("{}:{}", one.to.host, one.to.port)),
            answer(one.before.as_ref()),
            answer(one.after.as_ref()),
        ]);
    }
    grid
}

/// The clients as `shop, web, … 12 more (sidecar)`.
fn callers(from: &Callers) -> String {
    let named: Vec<&str> = from.namespaces.iter().map(String::as_str).collect();
    let word = |dataplane: Dataplane| if dataplane == Dataplane::None { "no proxy".to_owned() } else { dataplane.to_string() };
    let by = from.becomes.map_or_else(|| word(from.dataplane), |after| format!("{} → {}", word(from.dataplane), word(after)));
    let labels = from.labels.iter().map(|(key, value)| format!("{key}={value}"));
    let who: Vec<String> = labels.chain([by]).collect();
    format!("{} ({})", listed(&named), who.join(", "))
}

/// The names as `shop, web, db, … 12 more`.
fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", … {more} more") } else { String::new() };
    format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
}

fn answer(answer: Option<&Answer>) -> Cell {
    let Some(answer) = answer else { return Cell::maybe(None) };
    let words = answer.code.map_or_else(|| answer.result.to_string(), |code| format!("{} {code}", answer.result));
    Cell::toned(words, of_result(answer.result))
}
