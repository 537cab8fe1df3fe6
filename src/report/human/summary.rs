//! Counts as words, and the summary line of a result.

use std::io::{self, Write};

use super::{grid::Tone, paint::painted};
use crate::{
    object::plural,
    report::{
        document::{AdjustedBy, Adjustment, Header, Severities},
        style::Style,
    },
};

/// Writes the summary line: the findings, what was checked, and what is omitted or unread.
pub(super) fn write_summary(header: &Header, about: &str, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let counts = Severities::of(&header.findings);
    let tone = match counts {
        Severities { error: 1.., .. } => Tone::Bad,
        Severities { warning: 1.., .. } => Tone::Warning,
        Severities { .. } => Tone::Good,
    };
    let mut line = format!("{}: {about}", severity_counts(counts).unwrap_or_else(|| "No findings".into()));
    if header.suppressed > 0 {
        line.extend(["; ", &plural(header.suppressed, "finding"), " suppressed"]);
    }
    if header.known > 0 {
        line.extend(["; ", &plural(header.known, "finding"), " known"]);
    }
    line += &incomplete(header);
    writeln!(sink, "{}", painted(&line, if header.complete { tone } else { Tone::Bad }, style))
}

/// The counts as `2 errors, 1 warning`; `None` if all are zero.
pub(crate) fn severity_counts(counts: Severities) -> Option<String> {
    let named = |n: usize, one: &str| (n > 0).then(|| plural(n, one));
    let info = (counts.info > 0).then(|| format!("{} info", counts.info));
    let words: Vec<String> = [named(counts.error, "error"), named(counts.warning, "warning"), info].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The omitted findings as `, 2 suppressed, 3 known`.
pub(crate) fn omitted(header: &Header) -> String {
    let counts = [(header.suppressed, "suppressed"), (header.known, "known")];
    counts.iter().filter(|(n, _)| *n > 0).flat_map(|(n, word)| [", ".to_owned(), n.to_string(), format!(" {word}")]).collect()
}

/// What is left out or lowered, by rule: `MTLS107: 3 lowered from warning to info; MTLS201: 2 suppressed by annotations, 1 in the baseline`. `None` if nothing is.
pub(crate) fn adjustments(header: &Header) -> Option<String> {
    let rules = header.adjustments.chunk_by(|one, next| one.rule == next.rule);
    let of_rules = rules.map(|all| format!("{}: {}", all[0].rule, all.iter().map(adjustment).collect::<Vec<_>>().join(", ")));
    let parts: Vec<String> = of_rules.chain(other_adjustments(header)).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What is left out or lowered of one rule: `3 lowered from warning to info`.
pub(crate) fn adjustment(Adjustment { count, by, from, to, .. }: &Adjustment) -> String {
    match (by, from, to) {
        (AdjustedBy::Severity, Some(from), Some(to)) => format!("{count} lowered from {from} to {to}"),
        (AdjustedBy::Severity, ..) => format!("{count} lowered"),
        (AdjustedBy::Annotation, ..) => format!("{count} suppressed by annotations"),
        (AdjustedBy::Ignore, ..) => format!("{count} ignored by the configuration"),
        (AdjustedBy::Off, ..) => format!("{count} switched off by the configuration"),
        (AdjustedBy::Baseline, ..) => format!("{count} in the baseline"),
    }
}

/// What the configuration leaves out of all rules.
pub(crate) fn other_adjustments(header: &Header) -> Vec<String> {
    let read = &header.source.read;
    let files = (read.excluded > 0)
        .then(|| format!("{} excluded by {} ({})", plural(read.excluded, "file"), read.excluded_by, read.exclude.join(", ")));
    let is_never = header.source.fail_on.as_deref() == Some("never");
    files.into_iter().chain(is_never.then(|| "the configuration sets fail-on: never".to_owned())).collect()
}

/// The configuration in force, and one further up that it overrides; `None` if there is none.
pub(crate) fn configuration(header: &Header) -> Option<String> {
    let own = header.source.config.as_deref()?;
    let overridden = header.source.overridden_config.as_deref();
    Some(overridden.map_or_else(|| own.to_owned(), |other| format!("{own}, which overrides {other}")))
}

/// The end of the summary line if something could not be read.
pub(super) fn incomplete(header: &Header) -> String {
    if header.complete { String::new() } else { format!("; INCOMPLETE: {} not read", plural(header.gaps.len(), "resource")) }
}
