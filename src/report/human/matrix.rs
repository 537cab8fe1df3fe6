//! Results of calls between clients and servers: a matrix by namespace if it fits, else one row per client group with the
//! exceptions.

use super::grid::{Cell, Grid, Tone};
use crate::report::document::audit::{Clients, Servers};

/// Maximum number of namespace columns of the matrix, whatever the width.
const COLUMNS: usize = 12;
/// Maximum number of namespaces in a cell; the others are counted.
const NAMES: usize = 3;

/// The legend of the letters in the cells.
pub(crate) const LEGEND: &str = "Service ports by what comes of a call: m mTLS, p plaintext, x fails,
\
    d differs by endpoint, t TLS that is not the mesh's, ? unknown, e no endpoints.";

/// The table for a terminal of this width; `None` for no limit.
pub(super) fn table(rows: &[Clients], width: Option<u16>) -> Grid {
    let names: std::collections::BTreeSet<&str> =
        rows.iter().flat_map(|row| &row.servers).map(|servers| servers.namespace.as_str()).collect();
    if names.len() <= COLUMNS {
        let whole = whole(rows, &names.into_iter().collect::<Vec<_>>());
        if width.is_none_or(|width| whole.natural_width() <= usize::from(width)) {
            return whole;
        }
    }
    summary(rows)
}

fn whole(rows: &[Clients], names: &[&str]) -> Grid {
    let columns: Vec<String> = ["CLIENTS", "DATAPLANE"].into_iter().chain(names.iter().copied()).map(ToOwned::to_owned).collect();
    let mut grid = Grid::of(columns);
    for row in rows {
        let cell = |name: &&str| {
            let servers = row.servers.iter().find(|servers| servers.namespace == **name);
            servers.map_or_else(|| Cell::maybe(None), |servers| Cell::toned(words(servers), tone(servers)))
        };
        grid.push([clients(row), Cell::new(row.dataplane)].into_iter().chain(names.iter().map(cell)).collect());
    }
    grid
}

fn summary(rows: &[Clients]) -> Grid {
    let mut grid = Grid::new(&["CLIENTS", "DATAPLANE", "mTLS", "PLAINTEXT", "FAIL", "OTHER", "NOT OVER mTLS IN"]);
    for row in rows {
        let sum = |of: fn(&Servers) -> usize| row.servers.iter().map(of).sum::<usize>();
        let other = |servers: &Servers| servers.tls + servers.mixed + servers.unknown + servers.no_endpoints;
        grid.push(vec![
            clients(row),
            Cell::new(row.dataplane),
            Cell::number(sum(|servers| servers.mtls), Tone::Good),
            Cell::number(sum(|servers| servers.plaintext), Tone::Fair),
            Cell::number(sum(|servers| servers.fail), Tone::Bad),
            Cell::number(sum(other), Tone::Plain),
            outstanding(row),
        ]);
    }
    grid
}

/// The namespaces with results other than mTLS, worst first.
fn outstanding(row: &Clients) -> Cell {
    let weight = |servers: &&Servers| (servers.fail + servers.mixed, servers.plaintext, servers.tls + servers.unknown);
    let mut open: Vec<&Servers> = row.servers.iter().filter(|servers| weight(servers) != (0, 0, 0)).collect();
    open.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.namespace.cmp(&b.namespace)));
    let tone = open.first().map_or(Tone::Plain, |servers| tone(servers));
    let without_mtls = |servers: &&Servers| words(&Servers { mtls: 0, no_endpoints: 0, ..(*servers).clone() });
    let words = open.iter().map(|servers| format!("{} {}", servers.namespace, without_mtls(servers)));
    let names = listed(&words.collect::<Vec<_>>());
    names.map_or_else(|| Cell::maybe(None), |names| Cell::toned(names, tone))
}

fn clients(row: &Clients) -> Cell {
    Cell::maybe(listed(&row.namespaces).as_deref())
}

fn listed(names: &[String]) -> Option<String> {
    match names.len() {
        0 => None,
        count if count <= NAMES => Some(names.join(", ")),
        count => Some(format!("{}, {} more", names[..NAMES - 1].join(", "), count + 1 - NAMES)),
    }
}

/// The counts as `3m 2p 1x`.
fn words(servers: &Servers) -> String {
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

fn tone(servers: &Servers) -> Tone {
    match servers {
        Servers { fail: 1.., .. } | Servers { mixed: 1.., .. } => Tone::Bad,
        Servers { plaintext: 1.., .. } | Servers { tls: 1.., .. } | Servers { unknown: 1.., .. } => Tone::Fair,
        Servers { mtls: 1.., .. } => Tone::Good,
        Servers { .. } => Tone::Dim,
    }
}
