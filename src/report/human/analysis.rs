//! The output of `analyze` for people: the findings, and what they are based on.

use std::io::{self, Write};

use super::{finding, summary::write_summary};
use crate::{
    object::{list_names, plural},
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
    write_summary(header, &conditions(header, analysis), style, sink)
}

/// What the findings are based on, in a line: `58 rules ran on 3 workloads, 2 not run: MTLS104, MTLS208`.
pub(crate) fn conditions(header: &Header, analysis: &Analysis) -> String {
    let rules = plural(analysis.rules, "rule");
    let ran = match analysis.workloads {
        0 => format!("{rules} ran, no workload was read"),
        some => format!("{rules} ran on {}", plural(some, "workload")),
    };
    match header.not_run.len() {
        0 => ran,
        more => format!("{ran}, {more} not run: {}", list_names(&header.not_run)),
    }
}
