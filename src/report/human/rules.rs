//! The table of rules.

use super::grid::{Cell, Grid, Tone};
use crate::report::document::{rules::Catalogue, words::Severity};

/// The table, one row per rule.
pub(crate) fn table(all: &Catalogue, is_wide: bool) -> Grid {
    const ALIASES: &str = "ALSO KNOWN AS";
    let columns = ["RULE", "SEVERITY", "NAME", ALIASES, "FIRES WHEN"].into_iter().filter(|name| is_wide || *name != ALIASES);
    let mut grid = Grid::new(&columns.collect::<Vec<_>>());
    for rule in &all.catalogue {
        let tone = match rule.severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Warning,
            Severity::Info => Tone::Plain,
        };
        let aliases = is_wide.then(|| Cell::optional((!rule.aka.is_empty()).then(|| rule.aka.join(", ")).as_deref()));
        let first = [Cell::new(rule.id), Cell::with_tone(rule.severity, tone), Cell::new(rule.name)];
        grid.push(first.into_iter().chain(aliases).chain([Cell::new(rule.summary)]).collect());
    }
    grid
}
