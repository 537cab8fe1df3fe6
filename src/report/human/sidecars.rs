//! The output of `sidecars` for people: workloads grouped by namespace, the commands that fix them, and a summary.

use std::io::{self, Write};

use super::{
    escape::escape,
    grid::{Cell, Grid, Tone, marked_if_assumed},
    paint::painted,
    short_kind::short_kind,
    summary::incomplete,
};
use crate::{
    object::{plural, shell_words},
    report::{
        document::{
            Header,
            explain::Bypass,
            sidecars::{NamespaceEnrolment, ProxyCounts, ServiceProxies, Sidecars, View, WorkloadProxy},
            words::{Dataplane, Enrolled, Expected, ProxyState},
        },
        style::Style,
    },
};

pub(super) fn write(header: &Header, all: &Sidecars, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    if all.view == View::Services {
        draw(&services(all), style, sink)?;
        return writeln!(sink, "{}", painted(&services_summary(header, &all.services), Tone::Plain, style));
    }
    draw(&workloads(all, is_wide), style, sink)?;
    if !style.quiet {
        commands(all, style, sink)?;
    }
    let (line, tone) = summary(header, all);
    writeln!(sink, "{}", painted(&line, tone, style))
}

/// The table of the selected view.
pub(super) fn table(all: &Sidecars, is_wide: bool) -> Grid {
    if all.view == View::Services { services(all) } else { workloads(all, is_wide) }
}

fn draw(grid: &Grid, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if grid.rows().is_empty() { Ok(()) } else { writeln!(sink, "{}\n", grid.draw(style)) }
}

/// The table of workloads.
fn workloads(all: &Sidecars, is_wide: bool) -> Grid {
    let mut columns = vec!["WORKLOAD", "PROXY", "EXPECTED", "PODS"];
    if is_wide {
        columns.extend(["VERSION", "REVISION"]);
    }
    columns.push("WHY");
    let mut grid = Grid::new(&columns);
    let mut rest = &all.workloads[..];
    for namespace in &all.namespaces {
        let (own, others) = rest.split_at(rest.partition_point(|workload| workload.namespace <= namespace.name));
        rest = others;
        let shown: Vec<&WorkloadProxy> = own.iter().filter(|workload| all.view == View::Workloads || workload.needs_attention).collect();
        if !shown.is_empty() {
            grid.push(heading(namespace, own, is_wide));
        }
        for workload in shown {
            grid.push(line(workload, namespace.enrolled, is_wide));
        }
    }
    grid
}

/// The row of a namespace: how it is enrolled, and the resulting counts.
fn heading(namespace: &NamespaceEnrolment, own: &[WorkloadProxy], is_wide: bool) -> Vec<Cell> {
    let by = match (namespace.enrolled, namespace.by.as_deref()) {
        (Enrolled::Unknown, _) => "what enrols it was not read".to_owned(),
        (_, Some(by)) => by.to_owned(),
        (_, None) => "not enrolled".to_owned(),
    };
    let sum = |of: fn(&WorkloadProxy) -> Option<usize>| own.iter().map(of).sum::<Option<usize>>().filter(|_| !namespace.workloads.partial);
    let pods = pods(sum(|one| one.injected), sum(|one| one.pods));
    let mut row = vec![Cell::new(&namespace.name), Cell::optional(None), Cell::new(namespace.enrolled), pods];
    if is_wide {
        row.extend([Cell::optional(None), Cell::optional(None)]);
    }
    row.push(Cell::new(format!("{by}: {}", count_words(namespace.workloads))));
    row
}

/// How many of the pods have a proxy; empty if there are no pods.
fn pods(with: Option<usize>, all: Option<usize>) -> Cell {
    match (with, all) {
        (_, Some(0)) => Cell::optional(None),
        (None, _) | (_, None) => Cell::unknown(),
        (Some(with), Some(all)) => Cell::with_tone(format!("{with}/{all}"), if with == all { Tone::Good } else { Tone::Warning }),
    }
}

/// The counts as `3 with proxy, 1 missing, 1 opted out`, without zeros.
fn count_words(counts: ProxyCounts) -> String {
    let named = [
        (counts.meshed, "with proxy"),
        (counts.missing, "missing"),
        (counts.opted_out, "opted out"),
        (counts.outside, "outside"),
        (counts.unknown, "unknown"),
    ];
    let words = named.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
    let words: Vec<String> = words.chain(counts.partial.then(|| "maybe more".to_owned())).collect();
    words.join(", ")
}

fn line(workload: &WorkloadProxy, enrolled: Enrolled, is_wide: bool) -> Vec<Cell> {
    let tone = tone(workload);
    let proxy = match workload.native_sidecar {
        Some(true) if is_wide && workload.dataplane == Dataplane::Sidecar => "sidecar, native".to_owned(),
        _ => marked_if_assumed(workload.dataplane, workload.assumed),
    };
    let mut row = vec![
        Cell::new(format!("  {}/{}", short_kind(&workload.kind), workload.name)),
        Cell::with_tone(proxy, tone),
        expected(workload),
        pods(workload.injected, workload.pods),
    ];
    if is_wide {
        row.extend([Cell::optional(workload.proxy_version.as_deref()), Cell::optional(workload.revision.as_deref())]);
    }
    row.push(Cell::optional(why(workload, enrolled, is_wide).as_deref()));
    row
}

/// The expected proxy; empty for gateways, waypoints and proxyless gRPC.
fn expected(workload: &WorkloadProxy) -> Cell {
    match (workload.state, workload.dataplane) {
        _ if workload.expected == Expected::Unknown => Cell::unknown(),
        (_, Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless) => Cell::optional(None),
        _ => Cell::new(workload.expected),
    }
}

/// The reason, and the traffic that bypasses the proxy; with its cause if there is room.
fn why(workload: &WorkloadProxy, enrolled: Enrolled, is_wide: bool) -> Option<String> {
    let early = workload.init_containers_before_proxy.iter().filter(|_| is_wide);
    let early = early.map(|name| format!("init container {name} runs before it"));
    // What the namespace requests is in the row above.
    let asks_itself = is_wide && workload.reason.is_none() && !is_enrolled_as(enrolled, workload.dataplane);
    let asked = workload.asked_by.iter().filter(|_| asks_itself).map(|by| format!("by {by}"));
    let all: Vec<String> = workload.reason.iter().cloned().chain(asked).chain(bypassing(workload, is_wide)).chain(early).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Whether the data plane is the one that the namespace's labels enable.
fn is_enrolled_as(enrolled: Enrolled, dataplane: Dataplane) -> bool {
    match enrolled {
        Enrolled::Sidecar => dataplane == Dataplane::Sidecar,
        Enrolled::Ambient => dataplane == Dataplane::Ambient,
        Enrolled::None => dataplane == Dataplane::None,
        Enrolled::Unknown => false,
    }
}

/// The traffic that bypasses the proxy, in one sentence per cause.
fn bypassing(workload: &WorkloadProxy, is_wide: bool) -> Vec<String> {
    const MAX_SHOWN: usize = 3;
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for Bypass { what, opened_by } in &workload.bypasses {
        match groups.iter_mut().find(|(by, _)| by == opened_by) {
            Some((_, all)) => all.push(what),
            None => groups.push((opened_by, vec![what])),
        }
    }
    let sentence = |(by, all): (&str, Vec<&str>)| {
        let more = if all.len() > MAX_SHOWN { format!(" and {} more", all.len() - MAX_SHOWN) } else { String::new() };
        let verb = if all.len() == 1 { "bypasses" } else { "bypass" };
        let by = if is_wide { format!(" ({by})") } else { String::new() };
        format!("{}{more} {verb} it{by}", all[..all.len().min(MAX_SHOWN)].join(", "))
    };
    groups.into_iter().map(sentence).collect()
}

fn tone(workload: &WorkloadProxy) -> Tone {
    match workload.state {
        ProxyState::Missing | ProxyState::Both => Tone::Bad,
        ProxyState::Meshed if !workload.needs_attention => Tone::Good,
        ProxyState::PartOfIstio => Tone::Dim,
        ProxyState::Meshed
        | ProxyState::Outside
        | ProxyState::OptedOut
        | ProxyState::Unknown
        | ProxyState::Differs
        | ProxyState::OtherRevision
        | ProxyState::Pending => Tone::Warning,
    }
}

/// The commands of the shown namespaces that enrol what is missing.
fn commands(all: &Sidecars, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let mut commands = all.namespaces.iter().flat_map(|namespace| &namespace.fix).peekable();
    if commands.peek().is_none() {
        return Ok(());
    }
    writeln!(sink, "To add or update the proxies:")?;
    commands.try_for_each(|command| writeln!(sink, "  {}", wrapped(&escape(command), style.width)))?;
    writeln!(sink)
}

/// A command, wrapped with backslashes for a shell.
fn wrapped(command: &str, width: Option<u16>) -> String {
    const INDENT: usize = 2;
    let Some(width) = width.map(usize::from) else { return command.to_owned() };
    let (mut text, mut column) = (String::new(), INDENT);
    for word in shell_words(command) {
        let length = word.chars().count();
        // Two columns are reserved for the backslash.
        if !text.is_empty() && column + 1 + length + 2 > width {
            text += " \\\n    ";
            column = INDENT + 2;
        } else if !text.is_empty() {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += length;
    }
    text
}

/// The summary: what was checked, and the result.
fn summary(header: &Header, all: &Sidecars) -> (String, Tone) {
    let sum = all.namespaces.iter().fold(ProxyCounts::default(), |sum, namespace| sum.plus(namespace.workloads));
    let needing_attention = all.workloads.iter().filter(|workload| workload.needs_attention).count();
    let (total, place) = (plural(sum.total, "workload"), plural(all.namespaces.len(), "namespace"));
    let (line, tone) = match (sum.total, needing_attention) {
        (0, _) => ("Nothing in scope: no workload was read".to_owned(), Tone::Warning),
        (_, 0) if !header.complete => (format!("No proxy is missing of what was read: {total} in {place}"), Tone::Bad),
        (_, 0) => (format!("No proxy is missing: {total} in {place}, all as expected"), Tone::Good),
        (_, 1) => (format!("1 of {total} needs attention: {}", count_words(sum)), Tone::Warning),
        (_, n) => (format!("{n} of {total} need attention: {}", count_words(sum)), Tone::Warning),
    };
    let tone = if sum.missing > 0 || !header.complete { Tone::Bad } else { tone };
    (line + &incomplete(header), tone)
}

/// The table of Services.
fn services(all: &Sidecars) -> Grid {
    let mut grid = Grid::new(&["NAMESPACE", "SERVICE", "ENDPOINTS", "WITHOUT PROXY", "WORKLOADS"]);
    for service in &all.services {
        let outside = service.unknown_addresses.filter(|count| *count > 0).map(|count| format!("{count} outside the mesh"));
        let names: Vec<String> = service.workloads.iter().cloned().chain(outside).collect();
        grid.push(vec![
            Cell::new(&service.namespace),
            Cell::new(&service.name),
            service.endpoints.map_or_else(Cell::unknown, |count| Cell::number(count, Tone::Plain)),
            service.without_proxy.map_or_else(Cell::unknown, |count| {
                Cell::number(count, if service.without_proxy == service.endpoints { Tone::Bad } else { Tone::Warning })
            }),
            Cell::optional((!names.is_empty()).then(|| names.join(", ")).as_deref()),
        ]);
    }
    grid
}

fn services_summary(header: &Header, services: &[ServiceProxies]) -> String {
    let without = services.iter().filter(|service| service.without_proxy.is_some_and(|count| count > 0)).count();
    let unknown = services.iter().filter(|service| service.without_proxy.is_none()).count();
    let gaps = match unknown {
        0 => incomplete(header),
        _ => format!("; unknown for {unknown}{}", incomplete(header)),
    };
    match (services.len(), without) {
        (0, _) => format!("Nothing in scope: no Service selects a workload that was read{gaps}"),
        (n, 0) if unknown > 0 => format!("No endpoint that was read lacks a proxy: {} checked{gaps}", plural(n, "Service")),
        (n, 0) => format!("Every endpoint has a proxy: {} checked{gaps}", plural(n, "Service")),
        (n, without) => format!("{without} of {} with endpoints without a proxy{gaps}", plural(n, "Service")),
    }
}
