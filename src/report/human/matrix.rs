//! Results of calls, one row per client group: a column per server namespace if they fit, else one total per result and a column with
//! the namespaces that are not all mTLS.

use super::grid::{Cell, Grid, Tone};
use crate::{
    object::list_names,
    report::document::audit::{ClientGroup, ServerResults},
};

/// Maximum number of namespace columns of the matrix, whatever the width.
const MAX_COLUMNS: usize = 12;

/// The legend of the letters in the cells.
pub(crate) const LEGEND: &str = "Service ports by result of a call: m mTLS, p plaintext, x fails,
\
    d differs by endpoint, t TLS other than mesh mTLS, ? unknown, e no endpoints.";

/// The table for a terminal of this width; `None` for no limit.
pub(super) fn table(rows: &[ClientGroup], width: Option<u16>) -> Grid {
    let namespaces: std::collections::BTreeSet<&str> =
        rows.iter().flat_map(|row| &row.servers).map(|results| results.namespace.as_str()).collect();
    if namespaces.len() <= MAX_COLUMNS {
        let matrix = full_matrix(rows, &namespaces.into_iter().collect::<Vec<_>>());
        if width.is_none_or(|width| matrix.natural_width() <= usize::from(width)) {
            return matrix;
        }
    }
    compact_table(rows)
}

fn full_matrix(rows: &[ClientGroup], namespaces: &[&str]) -> Grid {
    let columns: Vec<String> = ["CLIENTS", "DATAPLANE"].into_iter().chain(namespaces.iter().copied()).map(ToOwned::to_owned).collect();
    let mut grid = Grid::of(columns);
    for row in rows {
        let cell = |name: &&str| {
            let results = row.servers.iter().find(|one| one.namespace == **name);
            results.map_or_else(|| Cell::optional(None), |results| Cell::with_tone(result_counts(results), tone(results)))
        };
        grid.push([clients(row), Cell::new(row.dataplane)].into_iter().chain(namespaces.iter().map(cell)).collect());
    }
    grid
}

fn compact_table(rows: &[ClientGroup]) -> Grid {
    let mut grid = Grid::new(&["CLIENTS", "DATAPLANE", "mTLS", "PLAINTEXT", "FAIL", "OTHER", "NOT OVER mTLS IN"]);
    for row in rows {
        let sum = |of: fn(&ServerResults) -> usize| row.servers.iter().map(of).sum::<usize>();
        let is_partial = row.servers.iter().any(|results| results.partial);
        let count = |n: usize, tone| Cell::counted(n, is_partial, tone);
        let other = |results: &ServerResults| results.tls + results.mixed + results.unknown + results.no_endpoints;
        grid.push(vec![
            clients(row),
            Cell::new(row.dataplane),
            count(sum(|results| results.mtls), Tone::Good),
            count(sum(|results| results.plaintext), Tone::Warning),
            count(sum(|results| results.fail), Tone::Bad),
            count(sum(other), Tone::Plain),
            not_mtls(row),
        ]);
    }
    grid
}

/// The namespaces with results other than mTLS, worst first.
fn not_mtls(row: &ClientGroup) -> Cell {
    let badness = |results: &&ServerResults| (results.fail + results.mixed, results.plaintext, results.tls + results.unknown);
    let mut other: Vec<&ServerResults> = row.servers.iter().filter(|results| badness(results) != (0, 0, 0)).collect();
    other.sort_by(|a, b| badness(b).cmp(&badness(a)).then_with(|| a.namespace.cmp(&b.namespace)));
    let tone = other.first().map_or(Tone::Plain, |results| tone(results));
    let without_mtls =
        |results: &&ServerResults| result_counts(&ServerResults { mtls: 0, no_endpoints: 0, partial: false, ..(*results).clone() });
    let cells = other.iter().map(|results| format!("{} {}", results.namespace, without_mtls(results)));
    if other.is_empty() { Cell::optional(None) } else { Cell::with_tone(list_names(cells), tone) }
}

fn clients(row: &ClientGroup) -> Cell {
    let names = (!row.namespaces.is_empty()).then(|| list_names(&row.namespaces));
    Cell::optional(names.as_deref())
}

/// The counts as `3m 2p 1x`.
fn result_counts(results: &ServerResults) -> String {
    let counts = [
        (results.mtls, 'm'),
        (results.tls, 't'),
        (results.plaintext, 'p'),
        (results.mixed, 'd'),
        (results.fail, 'x'),
        (results.unknown, '?'),
        (results.no_endpoints, 'e'),
    ];
    let words = counts.iter().filter(|(count, _)| *count > 0).map(|(count, letter)| format!("{count}{letter}"));
    words.chain(results.partial.then(|| "…?".to_owned())).collect::<Vec<_>>().join(" ")
}

fn tone(results: &ServerResults) -> Tone {
    match results {
        ServerResults { fail: 1.., .. } | ServerResults { mixed: 1.., .. } => Tone::Bad,
        ServerResults { plaintext: 1.., .. }
        | ServerResults { tls: 1.., .. }
        | ServerResults { unknown: 1.., .. }
        | ServerResults { partial: true, .. } => Tone::Warning,
        ServerResults { mtls: 1.., .. } => Tone::Good,
        ServerResults { .. } => Tone::Dim,
    }
}
