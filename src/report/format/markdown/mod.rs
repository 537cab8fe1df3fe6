//! Markdown for the comment of a pull request, a change request or a wiki: what fails is first, what is long is folded, and the page fits into a comment.

mod findings;
mod page;
mod text;

use std::io::{self, Write};

use crate::{
    object::plural,
    report::{
        document::{
            Body, Document, Header, Severities,
            migrate::Migration,
            plan::{Plan, PlanStep},
        },
        human::{
            analysis::conditions,
            audit, diff,
            escape::escape,
            grid::Grid,
            header::{auto_mtls, decided_by, root_namespace},
            matrix, migrate, plan as commands, policies, rules,
            summary::{adjustments, configuration, omitted, severity_counts},
        },
    },
};
use page::{Group, Page};
use text::{code, markdown};

/// Rows of a table that are not folded.
const OPEN_ROWS: usize = 20;

/// Gaps, or conditions of a step, that are not folded.
const OPEN_LINES: usize = 10;

/// Part of the page that the summary and the gaps may fill, in percent.
const GAPS: usize = 20;

/// Part of the page that the findings may fill if something follows them, in percent.
const FINDINGS: usize = 60;

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let Document { header, body, parts } = document;
    let mut page = Page::new();
    if let Body::Rule(rule) = body {
        return write!(sink, "{}", rule.rule.page);
    }
    if let Body::Catalogue(all) = body {
        table(&rules::table(all, true), "rules", &mut page);
        return page.finish(sink);
    }
    if parts.is_empty() {
        section(document, &mut page);
        return page.finish(sink);
    }
    page.add(&overview(header, parts), "summaries");
    for (at, part) in parts.iter().enumerate() {
        page.begin_share(at, parts.len());
        page.add("\n", "blank lines");
        section(part, &mut page);
    }
    page.finish(sink)
}

/// What the run found in all meshes together.
fn overview(header: &Header, parts: &[Document]) -> String {
    let counts = |header: &Header| severity_counts(Severities::of(&header.findings)).unwrap_or_else(|| "no findings".into());
    let of_part = |part: &Document| {
        let name = part.header.mesh_name.as_deref().unwrap_or_default();
        let incomplete = if part.header.complete { "" } else { ", incomplete" };
        format!("- {}: {}{incomplete}\n", markdown(name), counts(&part.header))
    };
    let list: Vec<String> = parts.iter().map(of_part).collect();
    format!("## mTLS {}\n\n**{}** in {} meshes:\n\n{}", header.command, counts(header), parts.len(), list.concat())
}

/// The document of one mesh.
fn section(document: &Document, page: &mut Page) {
    let Document { header, body, .. } = document;
    head(header, body, page);
    page.limit_to(if matches!(body, Body::Analysis(_)) { 100 } else { FINDINGS });
    findings::write(header, page);
    page.limit_to(100);
    answer(body, page);
}

/// What the run found, in which mesh, and what could not be read.
fn head(header: &Header, body: &Body, page: &mut Page) {
    let counts = severity_counts(Severities::of(&header.findings)).unwrap_or_else(|| "No findings".into());
    let of = header.mesh_name.as_ref().map(|name| format!(": {}", markdown(name))).unwrap_or_default();
    let mut parts = vec![format!("## mTLS {}{of}\n\n**{counts}**{}.", header.command, omitted(header))];
    parts.extend(summary(header, body).map(|summary| format!(" {}.", markdown(&summary))));
    parts.push("\n".into());
    if let Some(mesh) = &header.mesh {
        let (by, auto, root) = (markdown(&decided_by(mesh)), auto_mtls(mesh), markdown(root_namespace(mesh)));
        parts.push(format!("\nMesh **{}**{by}, root namespace {root}, auto mTLS {auto}.\n", mesh.mode));
    }
    if let Some(adjustments) = adjustments(header) {
        parts.push(format!("\n**Suppressed or lowered:** {}.\n", markdown(&adjustments)));
    }
    if let Some(path) = configuration(header) {
        parts.push(format!("\n**Configuration:** {}.\n", markdown(&path)));
    }
    page.add(&parts.concat(), "summaries");
    if header.complete {
        return;
    }
    let gaps: Vec<String> = header.gaps.iter().map(|gap| format!("- {}: {}\n", markdown(&gap.resource), markdown(&gap.reason))).collect();
    page.limit_to(GAPS);
    list("\n**Incomplete.** Not read:\n\n", &gaps, "resources that were not read", page);
}

/// The answer in a sentence, without its full stop.
fn summary(header: &Header, body: &Body) -> Option<String> {
    match body {
        Body::Analysis(analysis) => Some(conditions(header, analysis)),
        Body::Migration(migration) => Some(migrate::summary(migration)),
        Body::Diff(diff) => Some(diff::summary(diff, header)),
        Body::Plan(plan) => Some(commands::summary(plan)),
        Body::Audit(_)
        | Body::Policies(_)
        | Body::Rule(_)
        | Body::Catalogue(_)
        | Body::Explanation(_)
        | Body::Call(_)
        | Body::Sidecars(_) => None,
    }
}

/// The answer other than findings.
fn answer(body: &Body, page: &mut Page) {
    match body {
        Body::Audit(audit) => {
            table(&audit::table(audit, false, None), "rows of the table", page);
            if audit.clients.is_some() {
                page.add(&format!("\n{}\n", matrix::LEGEND), "legends");
            }
        }
        Body::Policies(all) => table(&policies::table(all, false), "rows of the table", page),
        Body::Migration(migration) => {
            titled(&migrate::tables(migration), page);
            steps(migration, page);
        }
        Body::Diff(diff) => titled(&diff::tables(diff), page),
        Body::Plan(answer) => plan(answer, page),
        Body::Analysis(_) | Body::Rule(_) | Body::Catalogue(_) | Body::Explanation(_) | Body::Call(_) | Body::Sidecars(_) => {}
    }
}

/// Blocks of which the first ones are shown, and the others folded.
fn list(title: &str, blocks: &[String], noun: &str, page: &mut Page) {
    let (open, folded) = blocks.split_at(blocks.len().min(OPEN_LINES));
    page.add_group(&Group { open: title, close: "", noun }, open);
    let more = format!("\n<details>\n<summary>{} more</summary>\n\n", folded.len());
    page.add_group(&Group { open: &more, close: "\n</details>\n", noun }, folded);
}

/// A table; one with many rows is folded.
fn table(grid: &Grid, noun: &str, page: &mut Page) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let columns = line(grid.columns().iter().map(|name| markdown(name)).collect());
    let names = format!("\n{columns}|{}\n", " --- |".repeat(grid.columns().len()));
    let rows: Vec<String> = grid.rows().iter().map(|row| line(row.iter().map(|cell| markdown(cell.text())).collect())).collect();
    if rows.is_empty() {
        page.add(&names, noun);
    } else if rows.len() > OPEN_ROWS {
        let open = format!("\n<details>\n<summary>{}</summary>\n{names}", plural(rows.len(), "row"));
        page.add_group(&Group { open: &open, close: "\n</details>\n", noun }, &rows);
    } else {
        page.add_group(&Group { open: &names, close: "", noun }, &rows);
    }
}

/// Tables with their titles.
fn titled(tables: &[(&'static str, Grid)], page: &mut Page) {
    for (title, grid) in tables {
        page.add(&format!("\n### {title}\n"), "titles of tables");
        table(grid, &format!("rows of {title}"), page);
    }
}

/// The plan of `analyze --fix-plan`, as a numbered list.
fn plan(plan: &Plan, page: &mut Page) {
    let step = |(at, step): (usize, &PlanStep)| {
        let mut lines = Vec::new();
        for (n, one) in step.fixes.iter().enumerate() {
            let number = if n == 0 { format!("{}. ", at + 1) } else { "   ".into() };
            lines.push(format!("{number}{}: {}  \n", one.rule, markdown(&one.message)));
        }
        if let Some(weakens) = &step.weakens {
            lines.push(format!("   Weakens protection: {}  \n", markdown(weakens)));
        }
        lines.push("\n".into());
        lines.extend(code("sh", &escape(&step.command)).lines().map(|line| format!("   {line}\n")));
        lines.push("\n".into());
        lines.concat()
    };
    let blocks: Vec<String> = plan.steps.iter().enumerate().map(step).collect();
    page.add_group(&Group { open: "\n### Plan\n\n", close: "", noun: "steps of the plan" }, &blocks);
    let rejected = plan.rejected.iter().map(|one| format!("- rejected ({}): {}\n", markdown(&one.reason()), markdown(&one.command)));
    page.add_group(&Group { open: "\n", close: "", noun: "rejected changes" }, &rejected.collect::<Vec<_>>());
}

/// The steps of the migration: manifests to apply, and the rollback.
fn steps(migration: &Migration, page: &mut Page) {
    let traffic: Vec<String> =
        migrate::traffic_lines(migration).iter().map(|line| format!("{}  \n", markdown(line.trim_start()))).collect();
    page.add_group(&Group { open: "\n", close: "", noun: "lines about traffic" }, &traffic);
    for wave in &migration.waves {
        page.add(&format!("\n### {}\n\n", markdown(&migrate::title(wave))), "titles of waves");
        let conditions: Vec<String> = wave.conditions.iter().map(|condition| format!("- {}\n", markdown(condition))).collect();
        list("Only if:\n\n", &conditions, "conditions of a step", page);
        let manifests = code("yaml", &migrate::escape_lines(wave.manifests.trim_end()));
        let rollback = code("sh", &migrate::escape_lines(wave.rollback.trim_end()));
        let text =
            format!("\n<details>\n<summary>Manifests and rollback</summary>\n\n{manifests}\n\nRollback:\n\n{rollback}\n\n</details>\n");
        page.add(&text, "manifests of waves, which `--write` writes as files");
    }
    if let Some(message) = migrate::without_step(migration) {
        page.add(&format!("\n{}\n", markdown(&message)), "notes on what is in no step");
    }
}
