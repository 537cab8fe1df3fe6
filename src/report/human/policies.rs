//! The table of `policies`.

use std::io::{self, Write};

use super::{
    finding,
    grid::{Cell, Grid, Tone},
    short_kind::short_kind,
};
use crate::report::{
    document::{
        Header,
        policies::{Policies, Policy},
        words::PolicyMode,
    },
    style::Style,
};

pub(super) fn write(header: &Header, answer: &Policies, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    table(answer, is_wide).write(style, sink)?;
    finding::write(header, style, sink)
}

pub(crate) fn table(all: &Policies, is_wide: bool) -> Grid {
    let columns: &[&str] = if is_wide {
        &["NAMESPACE", "POLICY", "SCOPE", "SELECTOR", "MODE", "WORKLOADS", "IN FORCE"]
    } else {
        &["NAMESPACE", "POLICY", "SCOPE", "MODE", "WORKLOADS", "IN FORCE"]
    };
    let mut grid = Grid::new(columns);
    for policy in &all.policies {
        let scope = policy.host.as_deref().map_or_else(|| policy.scope.to_string(), |host| format!("host {host}"));
        let mut row =
            vec![Cell::new(&policy.namespace), Cell::new(format!("{}/{}", short_kind(policy.kind), policy.name)), Cell::new(scope)];
        if is_wide {
            row.push(Cell::optional(policy.selector.as_deref()));
        }
        row.push(modes(policy));
        row.push(match (policy.workloads, policy.host.is_some()) {
            (Some(n), _) => Cell::number(n, Tone::Plain),
            (None, true) => Cell::optional(None),
            (None, false) => Cell::with_tone("?", Tone::Warning),
        });
        let (word, tone) = match policy.in_force {
            Some(true) => ("yes", Tone::Good),
            Some(false) => ("no", Tone::Bad),
            None => ("unknown", Tone::Plain),
        };
        row.push(Cell::with_tone(if policy.reason.is_empty() { word.to_owned() } else { format!("{word}: {}", policy.reason) }, tone));
        grid.push(row);
    }
    grid
}

/// The mode of a policy, and the modes of its ports.
fn modes(policy: &Policy) -> Cell {
    let ports = policy.ports.iter().map(|(port, mode)| format!("{port} {mode}"));
    let own = policy.mode.map(|mode| mode.to_string());
    let words: Vec<String> = own.into_iter().chain(ports).collect();
    match (policy.mode, words.as_slice()) {
        (Some(mode), [word]) => Cell::with_tone(word, tone(mode)),
        (_, several) => Cell::optional((!several.is_empty()).then(|| several.join(", ")).as_deref()),
    }
}

fn tone(mode: PolicyMode) -> Tone {
    match mode {
        PolicyMode::Strict => Tone::Good,
        PolicyMode::Permissive => Tone::Warning,
        PolicyMode::Disable => Tone::Bad,
        PolicyMode::Unset | PolicyMode::Simple | PolicyMode::Mutual | PolicyMode::IstioMutual => Tone::Plain,
    }
}
