//! The output of `analyze` for people: the findings, and what they are based on.

use std::io::{self, Write};

use super::{finding, summary::write_summary};
use crate::{
    object::plural,
    report::{
        document::{Header, analysis::Analysis},
        style::Style,
    },
};

pub(super) fn write(header: &Header, analysis: &Analysis, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    finding::write(header, style, sink)?;
    if !header.findings.is_empty() && !style.quiet {
        writeln!(sink)?;
    }
    write_summary(header, &conditions(analysis), style, sink)
}

/// What the findings are based on, in a line.
pub(crate) fn conditions(analysis: &Analysis) -> String {
    let rules = plural(analysis.rules, "rule");
    match analysis.workloads {
        0 => format!("{rules} applied, no workload was read"),
        some => format!("{rules} applied to {}", plural(some, "workload")),
    }
}
