//! The tables of `audit`: one row per namespace, workload, port or client group.

use std::io::{self, Write};

use super::{
    finding,
    grid::{Cell, Grid, Tone, marked_if_assumed},
    header, matrix,
    paint::{mode, painted},
    short_kind::short_kind,
    summary::{severity_counts, write_summary},
};
use crate::{
    object::plural,
    report::{
        document::{
            Header, Severities,
            audit::{Audit, GroupBy, ModeCounts, Workload},
        },
        style::Style,
    },
};

pub(super) fn write(header: &Header, audit: &Audit, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    header::write(header, style, sink)?;
    table(audit, is_wide, style.width).write(style, sink)?;
    if audit.clients.is_some() && !style.no_headers {
        writeln!(sink, "\n{}", matrix::LEGEND)?;
    }
    finding::write(header, style, sink)?;
    summary(header, audit, style, sink)
}

pub(crate) fn table(audit: &Audit, is_wide: bool, width: Option<u16>) -> Grid {
    match audit.by {
        GroupBy::Namespace => by_namespace(audit, is_wide),
        GroupBy::Workload => by_workload(audit, is_wide),
        GroupBy::Port => by_port(audit, is_wide),
        GroupBy::Client => matrix::table(audit.clients.as_deref().unwrap_or_default(), width),
    }
}

fn by_namespace(audit: &Audit, is_wide: bool) -> Grid {
    let mut columns = vec!["NAMESPACE", "DATAPLANE", "MODE", "DECIDED BY", "STRICT"];
    if is_wide {
        columns.extend(["PERMISSIVE", "DISABLE", "NONE", "WITH OTHER PORTS"]);
    }
    columns.push("FINDINGS");
    let mut grid = Grid::new(&columns);
    for namespace in &audit.namespaces {
        let counts = namespace.workloads;
        let mut row = vec![
            Cell::new(&namespace.name),
            Cell::new(marked_if_assumed(namespace.dataplane, namespace.assumed)),
            mode(namespace.mode),
            Cell::optional(namespace.decided_by.as_deref()),
            strict(counts),
        ];
        if is_wide {
            let columns = [
                (counts.permissive, Tone::Warning),
                (counts.disable, Tone::Bad),
                (counts.none, Tone::Bad),
                (counts.with_exceptions, Tone::Warning),
            ];
            let is_partial = counts.partial || counts.unknown > 0;
            row.extend(columns.map(|(n, tone)| Cell::counted(n, is_partial, tone)));
        }
        row.push(severities(namespace.findings));
        grid.push(row);
    }
    grid
}

/// The number of STRICT workloads in a namespace.
fn strict(counts: ModeCounts) -> Cell {
    match counts {
        ModeCounts { total: 0, partial: false, .. } => Cell::optional(None),
        ModeCounts { total: 0, partial: true, .. } => Cell::with_tone("?", Tone::Warning),
        ModeCounts { total, strict, unknown: 1.., .. } | ModeCounts { total, strict, partial: true, .. } => {
            Cell::with_tone(format!("{strict}/{total}?"), Tone::Warning)
        }
        ModeCounts { total, strict, .. } => {
            Cell::with_tone(format!("{strict}/{total}"), if strict == total { Tone::Good } else { Tone::Warning })
        }
    }
}

fn severities(counts: Severities) -> Cell {
    let tone = match counts {
        Severities { error: 1.., .. } => Tone::Bad,
        Severities { warning: 1.., .. } => Tone::Warning,
        Severities { .. } => Tone::Plain,
    };
    severity_counts(counts).map_or_else(|| Cell::optional(None), |words| Cell::with_tone(words, tone))
}

fn by_workload(audit: &Audit, is_wide: bool) -> Grid {
    let columns: &[&str] = if is_wide {
        &["NAMESPACE", "WORKLOAD", "PODS", "DATAPLANE", "MODE", "POLICY MODE", "DECIDED BY", "OTHER PORTS"]
    } else {
        &["NAMESPACE", "WORKLOAD", "DATAPLANE", "MODE", "DECIDED BY", "OTHER PORTS"]
    };
    let mut grid = Grid::new(columns);
    for workload in &audit.workloads {
        let mut row = vec![Cell::new(&workload.namespace), Cell::new(short_name(workload))];
        if is_wide {
            row.push(workload.pods.map_or_else(Cell::unknown, |pods| Cell::number(pods, Tone::Plain)));
        }
        row.extend([Cell::new(dataplane(workload)), mode(workload.mode)]);
        if is_wide {
            row.push(mode(workload.policy_mode));
        }
        row.extend([Cell::optional(workload.decided_by.as_deref()), Cell::optional(other_ports(workload).as_deref())]);
        grid.push(row);
    }
    grid
}

/// The workload as in kubectl's output: `deploy/web`.
fn short_name(workload: &Workload) -> String {
    format!("{}/{}", short_kind(&workload.kind), workload.name)
}

/// The data plane, and the number of pods for each if they differ.
fn dataplane(workload: &Workload) -> String {
    let variant = workload.variants.iter().find(|v| v.dataplane == workload.dataplane && v.mode == workload.mode);
    match variant.zip(workload.pods) {
        Some((variant, pods)) => format!("{} ({} of {pods} pods)", workload.dataplane, variant.pods),
        // Not everything that decides it was read, so this is an assumption.
        None => marked_if_assumed(workload.dataplane, workload.assumed),
    }
}

fn other_ports(workload: &Workload) -> Option<String> {
    let differing = workload.ports.iter().filter(|port| port.mode != workload.mode);
    let words: Vec<String> = differing.map(|port| format!("{} {}", port.port, port.mode)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn by_port(audit: &Audit, is_wide: bool) -> Grid {
    let columns: &[&str] = if is_wide {
        &["NAMESPACE", "WORKLOAD", "PORT", "DATAPLANE", "MODE", "POLICY MODE", "DECIDED BY"]
    } else {
        &["NAMESPACE", "WORKLOAD", "PORT", "MODE", "DECIDED BY"]
    };
    let mut grid = Grid::new(columns);
    for workload in &audit.workloads {
        let rest = (None, workload.mode, workload.policy_mode, &workload.decided_by);
        let ports = workload.ports.iter().map(|port| (Some(port.port), port.mode, port.policy_mode, &port.decided_by));
        for (port, enforced, policy, decided_by) in ports.chain([rest]) {
            let port = port.map_or_else(|| "other".to_owned(), |port| port.to_string());
            let mut row = vec![Cell::new(&workload.namespace), Cell::new(short_name(workload)), Cell::new(port)];
            if is_wide {
                row.push(Cell::new(marked_if_assumed(workload.dataplane, workload.assumed)));
            }
            row.push(mode(enforced));
            if is_wide {
                row.push(mode(policy));
            }
            row.push(Cell::optional(decided_by.as_deref()));
            grid.push(row);
        }
    }
    grid
}

/// The summary line of an audit.
fn summary(header: &Header, audit: &Audit, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if audit.namespaces.is_empty() && header.complete && header.findings.is_empty() {
        return writeln!(sink, "{}", painted("Nothing in scope: no namespace contains anything relevant to mTLS", Tone::Warning, style));
    }
    let place = format!("{} in {}", plural(audit.workloads.len(), "workload"), plural(audit.namespaces.len(), "namespace"));
    writeln!(sink)?;
    write_summary(header, &place, style, sink)
}
