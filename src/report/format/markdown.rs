//! Markdown for a pull request, a change request or a wiki.

use std::io::{self, Write};

use crate::report::{
    document::{Body, Document, Finding, Severities, migrate::Migration, plan::Plan},
    human::{
        analysis::conditions,
        audit, diff,
        escape::escape,
        grid::Grid,
        header::{auto_mtls, decided_by, root_namespace},
        matrix, migrate, plan as commands, policies, rules,
        summary::{adjustments, configuration, omitted, severity_counts},
    },
};

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    if let Body::Catalogue(all) = &document.body {
        return grid(&rules::table(all, true), sink);
    }
    if !document.parts.is_empty() {
        return document.parts.iter().enumerate().try_for_each(|(at, part)| {
            if at > 0 {
                writeln!(sink)?;
            }
            write(part, sink)
        });
    }
    let of = header.mesh_name.as_ref().map(|name| format!(": {}", markdown(name))).unwrap_or_default();
    writeln!(sink, "## mTLS {}{of}\n", header.command)?;
    if let Some(mesh) = &header.mesh {
        let (by, auto, root) = (markdown(&decided_by(mesh)), auto_mtls(mesh), root_namespace(mesh));
        writeln!(sink, "Mesh **{}**{by}, root namespace {}, auto mTLS {auto}.\n", mesh.mode, markdown(root))?;
    }
    match &document.body {
        Body::Audit(audit) => {
            grid(&audit::table(audit, false, None), sink)?;
            if audit.clients.is_some() {
                writeln!(sink, "\n{}", matrix::LEGEND)?;
            }
        }
        Body::Policies(all) => grid(&policies::table(all, false), sink)?,
        Body::Migration(migration) => {
            titled(&migrate::tables(migration), sink)?;
            steps(migration, sink)?;
            writeln!(sink, "{}.", markdown(&migrate::summary(migration)))?;
        }
        Body::Diff(diff) => {
            titled(&diff::tables(diff), sink)?;
            writeln!(sink, "{}.", markdown(&diff::summary(diff, header)))?;
        }
        Body::Rule(rule) => return write!(sink, "{}", rule.rule.page),
        Body::Plan(answer) => plan(answer, sink)?,
        Body::Analysis(analysis) => writeln!(sink, "{}.", conditions(header, analysis))?,
        Body::Catalogue(_) | Body::Explanation(_) | Body::Call(_) | Body::Sidecars(_) => {}
    }
    let counts = severity_counts(Severities::of(&header.findings)).unwrap_or_else(|| "No findings".into());
    writeln!(sink, "\n**{counts}**{}.", omitted(header))?;
    if let Some(adjustments) = adjustments(header) {
        writeln!(sink, "\n**Suppressed or lowered:** {}.", markdown(&adjustments))?;
    }
    if let Some(path) = configuration(header) {
        writeln!(sink, "\n**Configuration:** {}.", markdown(&path))?;
    }
    if !header.complete {
        writeln!(sink, "\n**Incomplete.** Not read:\n")?;
        for gap in &header.gaps {
            writeln!(sink, "- {}: {}", markdown(&gap.resource), markdown(&gap.reason))?;
        }
    }
    if !header.findings.is_empty() {
        writeln!(sink)?;
    }
    header.findings.iter().try_for_each(|found| finding(found, sink))
}

fn grid(grid: &Grid, sink: &mut dyn Write) -> io::Result<()> {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(sink, "{}", line(grid.columns().iter().map(|name| markdown(name)).collect()))?;
    writeln!(sink, "|{}", " --- |".repeat(grid.columns().len()))?;
    grid.rows().iter().try_for_each(|row| writeln!(sink, "{}", line(row.iter().map(|cell| markdown(cell.text())).collect())))
}

fn finding(finding: &Finding, sink: &mut dyn Write) -> io::Result<()> {
    let place = finding.location.as_ref().map(|at| format!(" ({}:{})", markdown(&at.file), at.line)).unwrap_or_default();
    let Finding { severity, rule, name, .. } = finding;
    writeln!(sink, "- **{severity}** {rule} {name}: {}{place}  ", markdown(&finding.message))?;
    writeln!(sink, "  {}", markdown(&finding.fix))
}

/// The plan of `analyze --fix-plan`, as a numbered list.
fn plan(plan: &Plan, sink: &mut dyn Write) -> io::Result<()> {
    writeln!(sink, "{}.\n", markdown(&commands::summary(plan)))?;
    for (at, step) in plan.steps.iter().enumerate() {
        for (n, one) in step.fixes.iter().enumerate() {
            let number = if n == 0 { format!("{}. ", at + 1) } else { "   ".into() };
            writeln!(sink, "{number}{}: {}  ", one.rule, markdown(&one.message))?;
        }
        if let Some(weakens) = &step.weakens {
            writeln!(sink, "   Weakens protection: {}  ", markdown(weakens))?;
        }
        writeln!(sink)?;
        code("sh", &escape(&step.command)).lines().try_for_each(|line| writeln!(sink, "   {line}"))?;
        writeln!(sink)?;
    }
    for rejected in &plan.rejected {
        writeln!(sink, "- rejected ({}): {}", markdown(&rejected.reason()), markdown(&rejected.command))?;
    }
    Ok(())
}

/// The steps of the migration: manifests to apply, and the rollback.
fn steps(migration: &Migration, sink: &mut dyn Write) -> io::Result<()> {
    for line in migrate::traffic_lines(migration) {
        writeln!(sink, "{}  ", markdown(line.trim_start()))?;
    }
    if migration.traffic.is_some() {
        writeln!(sink)?;
    }
    for wave in &migration.waves {
        writeln!(sink, "### {}\n", markdown(&migrate::title(wave)))?;
        if !wave.conditions.is_empty() {
            writeln!(sink, "Only if:\n")?;
            wave.conditions.iter().try_for_each(|condition| writeln!(sink, "- {}", markdown(condition)))?;
            writeln!(sink)?;
        }
        writeln!(sink, "{}\n", code("yaml", &migrate::escape_lines(wave.manifests.trim_end())))?;
        writeln!(sink, "Rollback:\n\n{}\n", code("sh", &migrate::escape_lines(wave.rollback.trim_end())))?;
    }
    migrate::without_step(migration).iter().try_for_each(|message| writeln!(sink, "{}\n", markdown(message)))?;
    Ok(())
}

/// Tables with their titles.
fn titled(tables: &[(&'static str, Grid)], sink: &mut dyn Write) -> io::Result<()> {
    for (title, table) in tables {
        writeln!(sink, "### {title}\n")?;
        grid(table, sink)?;
        writeln!(sink)?;
    }
    Ok(())
}

/// Escapes text, so that no part of it is interpreted as Markdown or HTML.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in escape(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A code block for Markdown, with a fence that its content cannot close.
fn code(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let marks = "`".repeat(longest.max(2) + 1);
    format!("{marks}{language}\n{text}\n{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_code_block() {
        assert_eq!(code("sh", "a"), "```sh\na\n```");
        assert_eq!(code("yaml", "a ```` b"), "`````yaml\na ```` b\n`````");
    }

    #[test]
    fn markdown_is_escaped() {
        assert_eq!(markdown("a|b<script>*x*`y`"), "a\\|b&lt;script&gt;\\*x\\*\\`y\\`");
    }
}
