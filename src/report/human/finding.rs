//! A finding for people: what is wrong, the line that causes it, and how to fix it.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::escape::{escape, escape_line};
use crate::report::{
    document::{Finding, Header, Location, words::Severity},
    style::Style,
};

/// Writes every finding, unless the style omits single findings.
pub(super) fn write(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if style.quiet {
        return Ok(());
    }
    header.findings.iter().try_for_each(|finding| writeln!(sink, "\n{}", render(finding, style)))
}

/// The finding as text, without a trailing line break.
fn render(finding: &Finding, style: Style) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width.map_or(10_000, usize::from));
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let (message, fix) = (escape(&finding.message), escape(&finding.fix));
    let title = level.primary_title(message).id(finding.rule);
    let fix = Level::HELP.message(fix);
    let Some(location) = &finding.location else {
        let object = format!("{}, {}", finding.subject.title(), finding.field);
        return renderer.render(&[Group::with_title(title).element(Origin::path(escape(&object).into_owned())).element(fix)]);
    };
    let path = escape(&location.file).into_owned();
    if location.text.is_empty() {
        let line = usize::try_from(location.line).unwrap_or(usize::MAX);
        return renderer.render(&[Group::with_title(title).element(Origin::path(path).line(line)).element(fix)]);
    }
    let (line, span) = highlighted(location);
    let snippet = Snippet::source(line)
        .line_start(usize::try_from(location.line).unwrap_or(usize::MAX))
        .path(path)
        .annotation(AnnotationKind::Primary.span(span).label(finding.name));
    renderer.render(&[Group::with_title(title).element(snippet).element(fix)])
}

/// The escaped line, and the byte range of the cause in it.
fn highlighted(location: &Location) -> (String, std::ops::Range<usize>) {
    let chars: Vec<char> = location.text.chars().collect();
    let clip = |n: u32| usize::try_from(n).unwrap_or(usize::MAX).min(chars.len());
    let start = clip(location.column.saturating_sub(1));
    let end = clip(location.column.saturating_sub(1).saturating_add(location.width));
    let part = |range: std::ops::Range<usize>| escape_line(&chars[range].iter().collect::<String>());
    let (before, cause, after) = (part(0..start), part(start..end), part(end..chars.len()));
    let span = before.len()..before.len() + cause.len().max(1).min(cause.len() + after.len());
    (format!("{before}{cause}{after}"), span)
}
