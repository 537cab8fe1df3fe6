//! The output for people: tables, findings and a summary.

pub(super) mod analysis;
pub(super) mod audit;
mod call;
pub(super) mod diff;
pub(super) mod escape;
mod explain;
mod finding;
pub(super) mod grid;
pub(crate) mod header;
pub(super) mod log_lines;
pub(super) mod matrix;
pub(super) mod migrate;
mod paint;
pub(super) mod plan;
pub(super) mod policies;
pub(super) mod rules;
mod short_kind;
mod sidecars;
pub(super) mod summary;
mod trail;

use std::io::{self, Write};

use grid::Grid;

pub use escape::escape;
pub use short_kind::short_kind;

use super::{
    document::{Body, Document},
    style::Style,
};

/// Writes a document as tables and text.
pub(super) fn write(document: &Document, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    if let Some(tables) = tables(document, is_wide, style.width).filter(|_| style.no_headers) {
        return tables.iter().try_for_each(|table| table.write(style, sink));
    }
    let header = &document.header;
    if !document.parts.is_empty() {
        return parts(&document.parts, style, is_wide, sink);
    }
    write_body(document, style, is_wide, sink)?;
    if let Some(adjustments) = summary::adjustments(header) {
        writeln!(sink, "Suppressed or lowered: {adjustments}")?;
    }
    match summary::configuration(header) {
        Some(path) => writeln!(sink, "Configuration: {}", escape(&path)),
        None => Ok(()),
    }
}

/// Writes the documents of several meshes, each below the name of its mesh.
fn parts(parts: &[Document], style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    for (at, part) in parts.iter().enumerate() {
        let name = part.header.mesh_name.as_deref().unwrap_or_default();
        writeln!(sink, "{}== {}", if at == 0 { "" } else { "\n" }, escape(name))?;
        write(part, style, is_wide, sink)?;
    }
    Ok(())
}

/// The tables of an answer that has some, for programs that read rows alone. Of several meshes, each row begins with its mesh.
fn tables(document: &Document, is_wide: bool, width: Option<u16>) -> Option<Vec<Grid>> {
    if !document.parts.is_empty() {
        let of_part = |part: &Document| {
            let name = part.header.mesh_name.as_deref().unwrap_or_default();
            Some(tables(part, is_wide, width)?.into_iter().map(|table| table.below("MESH", name)).collect::<Vec<_>>())
        };
        return document.parts.iter().map(of_part).collect::<Option<Vec<_>>>().map(|all| all.concat());
    }
    let of = |titled: Vec<(&'static str, Grid)>| titled.into_iter().map(|(_, grid)| grid).collect();
    match &document.body {
        Body::Audit(answer) => Some(vec![audit::table(answer, is_wide, width)]),
        Body::Catalogue(all) => Some(vec![rules::table(all, is_wide)]),
        Body::Policies(answer) => Some(vec![policies::table(answer, is_wide)]),
        Body::Sidecars(answer) => Some(vec![sidecars::table(answer, is_wide)]),
        Body::Migration(answer) => Some(of(migrate::tables(answer))),
        Body::Diff(answer) => Some(of(diff::tables(answer))),
        Body::Analysis(_) | Body::Explanation(_) | Body::Call(_) | Body::Rule(_) | Body::Plan(_) => None,
    }
}

fn write_body(document: &Document, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    match &document.body {
        Body::Audit(answer) => audit::write(header, answer, style, is_wide, sink),
        Body::Analysis(answer) => analysis::write(header, answer, style, sink),
        Body::Explanation(answer) => explain::write(header, answer, style, sink),
        Body::Call(answer) => call::write(header, answer, style, sink),
        Body::Rule(rule) => write!(sink, "{}", rule.rule.page),
        Body::Plan(answer) => plan::write(header, answer, style, sink),
        Body::Catalogue(all) => rules::table(all, is_wide).write(style, sink),
        Body::Policies(answer) => policies::write(header, answer, style, is_wide, sink),
        Body::Sidecars(answer) => sidecars::write(header, answer, style, is_wide, sink),
        Body::Migration(answer) => migrate::write(header, answer, style, sink),
        Body::Diff(answer) => diff::write(header, answer, style, sink),
    }
}
