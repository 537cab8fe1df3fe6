//! Results of calls between clients and servers: a matrix by namespace if it fits, else one row per client group with the
//! exceptions.

use super::grid::{Cell, Grid, Tone};
use crate::report::document::audit::{ClientGroup, ServerResults};

/// Maximum number of namespace columns of the matrix, whatever the width.
const MAX_COLUMNS: usize = 12;
/// Maximum number of namespaces in a cell; the others are counted.
const MAX_NAMES: usize = 3;

/// The legend of the letters in the cells.
pub(crate) const LEGEND: &str = "Service ports by result of a call: m mTLS, p plaintext, x fails,
\
    d differs by endpoint, t TLS other than mesh mTLS, ? unknown, e no endpoints.";

/// The table for a terminal of this width; `None` for no limit.
pub(super) fn table(rows: &[ClientGroup], width: Option<u16>) -> Grid {
    let names: std::collections::BTreeSet<&str> =
        rows.iter().flat_map(|row| &row.servers).map(|servers| servers.namespace.as_str()).collect();
    if names.len() <= MAX_COLUMNS {
        let matrix = by_namespace(rows, &names.into_iter().collect::<Vec<_>>());
        if width.is_none_or(|width| matrix.natural_width() <= usize::from(width)) {
            return matrix;
        }
    }
    summary(rows)
}

fn by_namespace(rows: &[ClientGroup], names: &[&str]) -> Grid {
    let columns: Vec<String> = ["CLIENTS", "DATAPLANE"].into_iter().chain(names.iter().copied()).map(ToOwned::to_owned).collect();
    let mut grid = Grid::of(columns);
    for row in rows {
        let cell = |name: &&str| {
            let servers = row.servers.iter().find(|servers| servers.namespace == **name);
            servers.map_or_else(|| Cell::optional(None), |servers| Cell::with_tone(words(servers), tone(servers)))
        };
        grid.push([clients(row), Cell::new(row.dataplane)].into_iter().chain(names.iter().map(cell)).collect());
    }
    grid
}

fn summary(rows: &[ClientGroup]) -> Grid {
    let mut grid = Grid::new(&["CLIENTS", "DATAPLANE", "mTLS", "PLAINTEXT", "FAIL", "OTHER", "NOT OVER mTLS IN"]);
    for row in rows {
        let sum = |of: fn(&ServerResults) -> usize| row.servers.iter().map(of).sum::<usize>();
        let other = |servers: &ServerResults| servers.tls + servers.mixed + servers.unknown + servers.no_endpoints;
        grid.push(vec![
            clients(row),
            Cell::new(row.dataplane),
            Cell::number(sum(|servers| servers.mtls), Tone::Good),
            Cell::number(sum(|servers| servers.plaintext), Tone::Warning),
            Cell::number(sum(|servers| servers.fail), Tone::Bad),
            Cell::number(sum(other), Tone::Plain),
            not_mtls(row),
        ]);
    }
    grid
}

/// The namespaces with results other than mTLS, worst first.
fn not_mtls(row: &ClientGroup) -> Cell {
    let weight = |servers: &&ServerResults| (servers.fail + servers.mixed, servers.plaintext, servers.tls + servers.unknown);
    let mut other: Vec<&ServerResults> = row.servers.iter().filter(|servers| weight(servers) != (0, 0, 0)).collect();
    other.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.namespace.cmp(&b.namespace)));
    let tone = other.first().map_or(Tone::Plain, |servers| tone(servers));
    let without_mtls = |servers: &&ServerResults| words(&ServerResults { mtls: 0, no_endpoints: 0, ..(*servers).clone() });
    let words = other.iter().map(|servers| format!("{} {}", servers.namespace, without_mtls(servers)));
    let names = abbreviated(&words.collect::<Vec<_>>());
    names.map_or_else(|| Cell::optional(None), |names| Cell::with_tone(names, tone))
}

fn clients(row: &ClientGroup) -> Cell {
    Cell::optional(abbreviated(&row.namespaces).as_deref())
}

fn abbreviated(names: &[String]) -> Option<String> {
    match names.len() {
        0 => None,
        count if count <= MAX_NAMES => Some(names.join(", ")),
        count => Some(format!("{}, {} more", names[..MAX_NAMES - 1].join(", "), count + 1 - MAX_NAMES)),
    }
}

/// The counts as `3m 2p 1x`.
fn words(servers: &ServerResults) -> String {
    let counts = [
        (servers.mtls, 'm'),
        (servers.tls, 't'),
        (servers.plaintext, 'p'),
        (servers.mixed, 'd'),
        (servers.fail, 'x'),
        (servers.unknown, '?'),
        (servers.no_endpoints, 'e'),
    ];
    counts.iter().filter(|(count, _)| *count > 0).map(|(count, letter)| format!("{count}{letter}")).collect::<Vec<_>>().join(" ")
}

fn tone(servers: &ServerResults) -> Tone {
    match servers {
        ServerResults { fail: 1.., .. } | ServerResults { mixed: 1.., .. } => Tone::Bad,
        ServerResults { plaintext: 1.., .. } | ServerResults { tls: 1.., .. } | ServerResults { unknown: 1.., .. } => Tone::Warning,
        ServerResults { mtls: 1.., .. } => Tone::Good,
        ServerResults { .. } => Tone::Dim,
    }
}
