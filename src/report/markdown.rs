//! Markdown, fit for a pull request, a change request or a wiki.

use std::io::{self, Write};

use super::{
    Document, Grid,
    document::{Body, Finding, Severities},
    matrix, migrate, plan, table,
    text::markdown,
};

pub(super) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    if let Body::Catalogue(all) = &document.body {
        return grid(&table::catalogue(all, true), sink);
    }
    let mesh = &header.mesh;
    let by = mesh.decided_by.as_deref().map_or_else(|| "by default (no mesh policy)".into(), |by| format!("by {}", markdown(by)));
    writeln!(sink, "## mTLS {}\n", header.command)?;
    let auto = if mesh.auto_mtls { "on" } else { "off" };
    writeln!(sink, "Mesh **{}** {by}, root namespace {}, auto mTLS {auto}.\n", mesh.mode, markdown(&mesh.root_namespace))?;
    match &document.body {
        Body::Audit(audit) => {
            grid(&table::audit(audit, false, None), sink)?;
            if audit.clients.is_some() {
                writeln!(sink, "\n{}", matrix::LEGEND)?;
            }
        }
        Body::Policies(all) => grid(&table::policies(all, false), sink)?,
        Body::Migration(migration) => {
            for (title, table) in migration.grids() {
                writeln!(sink, "### {title}\n")?;
                grid(&table, sink)?;
                writeln!(sink)?;
            }
            migrate::markdown(migration, sink)?;
            writeln!(sink, "{}.", markdown(&migration.summary()))?;
        }
        Body::Diff(diff) => {
            for (title, table) in diff.grids() {
                writeln!(sink, "### {title}\n")?;
                grid(&table, sink)?;
                writeln!(sink)?;
            }
            writeln!(sink, "{}.", markdown(&diff.summary(header)))?;
        }
        Body::Rule(rule) => return write!(sink, "{}", rule.rule.page),
        Body::Plan(answer) => plan::markdown(answer, sink)?,
        Body::Analysis(analysis) => writeln!(sink, "{}.", analysis.rests_on())?,
        Body::Catalogue(_) | Body::Explain(_) | Body::Reach(_) | Body::Sidecars(_) => {}
    }
    let counts = Severities::of(&header.findings).words().unwrap_or_else(|| "No findings".into());
    writeln!(sink, "\n**{counts}**{}.", header.left_out())?;
    if !header.complete {
        writeln!(sink, "\n**Incomplete.** What could not be read:\n")?;
        for gap in &header.gaps {
            writeln!(sink, "- {}: {}", markdown(&gap.wanted), markdown(&gap.because))?;
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
