//! Annotations for GitHub Actions: GitHub shows a workflow's output at the line of the finding.
//!
//! GitHub keeps ten annotations of each type and silently drops the rest; further findings are printed as plain lines, and the last
//! line counts all of them.

use std::io::{self, Write};

use crate::{
    object::plural,
    report::{
        document::{Document, Finding, Severities, meshes, words::Severity},
        human::{
            escape::escape,
            summary::{adjustments, configuration, omitted, severity_counts},
        },
    },
};

/// Number of annotations of a type that GitHub keeps for one step.
const MAX_ANNOTATIONS: usize = 10;

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    let mut written = Severities::default();
    if let Some(adjustments) = adjustments(header) {
        // First, so that it is among the annotations that GitHub keeps.
        writeln!(sink, "::notice title=suppressed or lowered::{}", data(&adjustments))?;
        written.info += 1;
    }
    for finding in &meshes::each_once(header) {
        let (command, written) = match finding.severity {
            Severity::Error => ("error", &mut written.error),
            Severity::Warning => ("warning", &mut written.warning),
            Severity::Info => ("notice", &mut written.info),
        };
        *written += 1;
        if *written <= MAX_ANNOTATIONS {
            writeln!(sink, "::{command} {}::{}", properties(finding), data(&message(finding)))?;
        } else {
            writeln!(
                sink,
                "{} {} {}: {}",
                finding.severity,
                finding.rule,
                escape(&finding.subject.title()),
                escape(&finding.message_in_mesh())
            )?;
        }
    }
    for gap in &header.gaps {
        writeln!(sink, "not read: {}: {}", escape(&gap.resource), escape(&gap.reason))?;
    }
    let counts = severity_counts(Severities::of(&header.findings)).unwrap_or_else(|| "No findings".into());
    let incomplete =
        if header.complete { String::new() } else { format!("; INCOMPLETE: {} not read", plural(header.gaps.len(), "resource")) };
    if let Some(path) = configuration(header) {
        writeln!(sink, "configuration: {}", escape(&path))?;
    }
    writeln!(sink, "{counts}{}{incomplete}", omitted(header))
}

/// The message and the fix.
fn message(finding: &Finding) -> String {
    let object = if finding.location.is_some() { String::new() } else { format!("{}: ", finding.subject.title()) };
    format!("{object}{}\n{}", finding.message_in_mesh(), finding.fix)
}

fn properties(finding: &Finding) -> String {
    let place = finding.location.as_ref().map(|at| {
        let end = at.column.saturating_add(at.width);
        format!("file={},line={},col={},endColumn={end},", property(at.repository_path()), at.line, at.column)
    });
    format!("{}title={}", place.unwrap_or_default(), property(&format!("{} {}", finding.rule, finding.name)))
}

/// Escapes text after the second pair of colons, which only a line break could end.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| escape(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// Escapes the value of a property, which colons and commas could end too.
fn property(text: &str) -> String {
    escape(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_starts_another() {
        assert_eq!(data("50%\n::error::x\r"), "50%25%0A::error::x\\r");
        assert_eq!(property("a:b,c%d\n"), "a%3Ab%2Cc%25d\\n");
    }
}
