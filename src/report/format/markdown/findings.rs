//! Findings in a comment: the most severe first, with links to their lines, and folded if they do not fail the run.

use super::{
    page::{Group, Page},
    text::markdown,
};
use crate::{
    object::plural,
    report::{
        document::{Finding, Header, Location, words::Severity},
        format::uri,
    },
};

/// Findings of a severity that are not folded.
const OPEN: usize = 20;

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

pub(super) fn write(header: &Header, page: &mut Page) {
    // A list that follows another one without a heading would continue it.
    let mut open_list = "\n### Findings\n\n";
    let worst = header.findings.iter().map(|finding| finding.severity).min();
    for severity in SEVERITIES {
        let of_severity = header.findings.iter().filter(|finding| finding.severity == severity);
        let blocks: Vec<String> = of_severity.map(|finding| block(finding, header.files_url.as_deref())).collect();
        let is_open = Some(severity) == worst || header.gate.is_failed_by(severity);
        let (open, folded) = blocks.split_at(if is_open { blocks.len().min(OPEN) } else { 0 });
        let noun = nouns(severity);
        page.add_group(&Group { open: open_list, close: "", noun }, open);
        if !open.is_empty() {
            open_list = if folded.is_empty() { "" } else { "\n" };
        }
        let folded_count = if open.is_empty() { count(folded.len(), severity) } else { format!("{} more {noun}", folded.len()) };
        let title = format!("\n<details>\n<summary>{folded_count}</summary>\n\n");
        page.add_group(&Group { open: &title, close: "\n</details>\n", noun }, folded);
    }
}

fn nouns(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "errors",
        Severity::Warning => "warnings",
        Severity::Info => "info",
    }
}

fn count(count: usize, severity: Severity) -> String {
    match severity {
        Severity::Error | Severity::Warning => plural(count, &severity.to_string()),
        Severity::Info => format!("{count} info"),
    }
}

fn block(finding: &Finding, files_url: Option<&str>) -> String {
    let place = finding.location.as_ref().map(|at| format!(" ({})", link(at, files_url))).unwrap_or_default();
    let Finding { severity, rule, name, .. } = finding;
    let (page, message, fix) = (uri::of_rule(rule), markdown(&finding.message), markdown(&finding.fix));
    format!("- **{severity}** [{rule}]({page}) {name}: {message}{place}  \n  {fix}\n")
}

/// A link to the line, at the CI system that shows the files, else relative to the root of the repository.
fn link(at: &Location, files_url: Option<&str>) -> String {
    let text = format!("{}:{}", markdown(at.repository_path()), at.line);
    match &at.in_repository {
        Some(path) => format!("[{text}]({}{}#L{})", files_url.unwrap_or_default(), uri::relative(path), at.line),
        None => text,
    }
}
