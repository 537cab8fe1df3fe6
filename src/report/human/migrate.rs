//! The output of `migrate-check` for people: tables, the steps with their manifests, and a summary.

use std::io::{self, Write};

use super::{
    escape::escape,
    finding,
    grid::{Cell, Grid, Tone, titled},
    paint::painted,
    summary::incomplete,
};
use crate::{
    object::list_names,
    report::{
        document::{
            Header,
            migrate::{Migration, OpenPort, Wave},
            words::{Confidence, Ready, TrafficVerdict},
        },
        style::Style,
    },
};

pub(crate) fn tables(migration: &Migration) -> Vec<(&'static str, Grid)> {
    let all = [("Namespaces", namespaces(migration)), ("Traffic", traffic(migration)), ("Steps", steps(migration))];
    all.into_iter().filter(|(_, grid)| !grid.rows().is_empty()).collect()
}

fn namespaces(migration: &Migration) -> Grid {
    let mut grid = Grid::new(&["NAMESPACE", "READY", "WAVE", "CERTAIN", "SEEN", "POSSIBLE", "CUT OFF", "OPEN", "BLOCKERS"]);
    for one in &migration.namespaces {
        let count = |confidence: Confidence, tone| {
            Cell::number(one.blockers.iter().filter(|blocker| blocker.confidence == confidence).count(), tone)
        };
        let mut rules: Vec<&str> = one.blockers.iter().map(|blocker| blocker.name).collect();
        rules.dedup();
        grid.push(vec![
            Cell::new(&one.name),
            Cell::with_tone(one.ready, tone(one.ready)),
            Cell::optional(one.wave.map(|wave| wave.to_string()).as_deref()),
            count(Confidence::Certain, Tone::Bad),
            count(Confidence::Seen, Tone::Bad),
            count(Confidence::Possible, Tone::Warning),
            Cell::number(one.cut_off.iter().filter(|blocker| blocker.confidence != Confidence::Possible).count(), Tone::Bad),
            Cell::number(one.open_ports.len(), Tone::Warning),
            Cell::optional((!rules.is_empty()).then(|| rules.join(", ")).as_deref()),
        ]);
    }
    grid
}

/// The evidence by workload; workloads with mutual TLS only are counted below the table.
fn traffic(migration: &Migration) -> Grid {
    let mut grid = Grid::new(&["NAMESPACE", "WORKLOAD", "TRAFFIC", "SCRAPED", "REASON"]);
    for (namespace, one) in migration.namespaces.iter().flat_map(|namespace| namespace.evidence.iter().map(move |one| (namespace, one))) {
        if one.verdict == TrafficVerdict::NoPlaintext {
            continue;
        }
        let tone = if one.verdict == TrafficVerdict::PlaintextSeen { Tone::Bad } else { Tone::Warning };
        grid.push(vec![
            Cell::new(&namespace.name),
            Cell::new(format!("{}/{}", one.subject.kind, one.subject.name)),
            Cell::with_tone(one.verdict, tone),
            Cell::optional(one.coverage.map(|percent| format!("{percent} %")).as_deref()),
            Cell::new(&one.message),
        ]);
    }
    grid
}

/// `Traffic of 7d until 2026-…: 3 workloads no-plaintext, 1 plaintext-seen`, the source, and what it cannot show.
pub(crate) fn traffic_lines(migration: &Migration) -> Vec<String> {
    let Some(traffic) = &migration.traffic else { return Vec::new() };
    let all = || migration.namespaces.iter().flat_map(|namespace| &namespace.evidence);
    let words = [
        TrafficVerdict::PlaintextSeen,
        TrafficVerdict::NotCovered,
        TrafficVerdict::NoTraffic,
        TrafficVerdict::Refused,
        TrafficVerdict::NoPlaintext,
    ];
    let counts = words.map(|word| (all().filter(|one| one.verdict == word).count(), word));
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let counts = if counts.is_empty() { "no workload".to_owned() } else { counts.join(", ") };
    let first = format!("Traffic of {} until {} by {}: {counts}", traffic.window, traffic.end, traffic.from);
    let notes = traffic.notes.iter().map(|note| format!("  note: {note}"));
    let limits = traffic.limits.iter().map(|limit| format!("  not included: {limit}"));
    [first].into_iter().chain(notes).chain(limits).collect()
}

fn steps(migration: &Migration) -> Grid {
    let mut grid = Grid::new(&["WAVE", "STEP", "NAMESPACES"]);
    for wave in &migration.waves {
        grid.push(vec![Cell::new(wave.wave.to_string()), Cell::new(wave.step), Cell::new(wave.namespaces.join(", "))]);
    }
    grid
}

/// The message about namespaces that are not STRICT and have no step.
pub(crate) fn without_step(migration: &Migration) -> Option<String> {
    let without_step = migration.namespaces.iter().filter(|one| one.ready != Ready::Already && one.wave.is_none());
    let names: Vec<&str> = without_step.map(|one| one.name.as_str()).collect();
    (!names.is_empty())
        .then(|| format!("No step for {}: something would break there even if ports stay PERMISSIVE. Fix it first.", names.join(", ")))
}

pub(crate) fn summary(migration: &Migration) -> String {
    let of = |ready: Ready| migration.namespaces.iter().filter(|one| one.ready == ready).count();
    let parts: Vec<String> = [Ready::Ready, Ready::Blocked, Ready::Unknown, Ready::Already]
        .into_iter()
        .filter(|ready| of(*ready) > 0)
        .map(|ready| match ready {
            Ready::Already => format!("{} STRICT already", of(ready)),
            Ready::Ready | Ready::Blocked | Ready::Unknown => format!("{} {ready}", of(ready)),
        })
        .collect();
    if parts.is_empty() {
        "No namespace in scope has a workload of the mesh".into()
    } else {
        let note = if migration.traffic.is_some() { "" } else { " (based on configuration alone; --prometheus adds observed traffic)" };
        format!("Towards STRICT: {}{note}", parts.join(", "))
    }
}

fn tone(ready: Ready) -> Tone {
    match ready {
        Ready::Ready | Ready::Already => Tone::Good,
        Ready::Blocked => Tone::Bad,
        Ready::Unknown => Tone::Warning,
    }
}

pub(super) fn write(header: &Header, migration: &Migration, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    titled(&tables(migration), style, sink)?;
    if !style.quiet {
        let lines = traffic_lines(migration);
        if !lines.is_empty() {
            writeln!(sink)?;
        }
        lines.iter().try_for_each(|line| writeln!(sink, "{}", escape(line)))?;
        finding::write(header, style, sink)?;
        for wave in &migration.waves {
            writeln!(sink, "\n{}", title(wave))?;
            wave.conditions.iter().try_for_each(|condition| writeln!(sink, "  only if {}", escape(condition)))?;
            writeln!(sink, "{}", indented(&escape_lines(&wave.manifests)))?;
        }
        open_ports(migration).iter().try_for_each(|line| writeln!(sink, "{}", escape_lines(line)))?;
        without_step(migration).iter().try_for_each(|message| writeln!(sink, "\n{}", escape(message)))?;
    }
    let is_good = header.complete && migration.namespaces.iter().all(|one| matches!(one.ready, Ready::Ready | Ready::Already));
    writeln!(sink, "\n{}", painted(&(summary(migration) + &incomplete(header)), if is_good { Tone::Good } else { Tone::Warning }, style))
}

/// The ports that stay open in namespaces that are STRICT already, and the manifests that close them.
fn open_ports(migration: &Migration) -> Vec<String> {
    let mut lines = Vec::new();
    for namespace in migration.namespaces.iter().filter(|namespace| !namespace.open_ports.is_empty()) {
        lines.push(format!("\nOpen ports in {}, which is STRICT:", namespace.name));
        for open in &namespace.open_ports {
            let OpenPort { subject, port, mode, decided_by, .. } = open;
            lines.push(format!("  {} {} port {port}: {mode} by {decided_by}{}", subject.kind, subject.name, needed_by(open)));
        }
        if !namespace.patch.is_empty() {
            lines.push(format!("  To close the ports that no caller is known to need, apply:\n{}", indented(&namespace.patch)));
        }
    }
    lines
}

fn needed_by(open: &OpenPort) -> String {
    let names =
        |is_certain: bool| list_names(open.callers.iter().filter(|caller| caller.certain == is_certain).map(|caller| &caller.client));
    match (names(true), names(false)) {
        (needed, _) if !needed.is_empty() => format!("; needed by {needed}"),
        (_, possible) if !possible.is_empty() => format!("; STRICT would refuse {possible}, if they call"),
        _ => String::new(),
    }
}

/// The title of a step: `Wave 2: strict for shop, web`.
pub(crate) fn title(wave: &Wave) -> String {
    format!("Wave {}: {} for {}", wave.wave, wave.step, escape(&wave.namespaces.join(", ")))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat().trim_end().to_owned()
}

pub(crate) fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}
