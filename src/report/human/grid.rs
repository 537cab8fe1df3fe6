//! A table before it is drawn: text and tones, no colours and no widths.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use comfy_table::{Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::escape::escape;
use crate::report::style::Style;

/// What a text means, whatever colour that becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Not yet as it should be.
    Fair,
    /// As it should not be.
    Bad,
    /// Beside the point.
    Dim,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
    is_number: bool,
}

impl Cell {
    /// A text.
    #[must_use]
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A text that means something.
    #[must_use]
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, is_number: false }
    }

    /// A number; nought is not worth reading.
    #[must_use]
    pub(crate) fn number(n: usize, tone: Tone) -> Self {
        let tone = if n == 0 { Tone::Dim } else { tone };
        Self { text: n.to_string(), tone, is_number: true }
    }

    /// A text that may be absent.
    #[must_use]
    pub(crate) fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(|| Self::toned("-", Tone::Dim), Self::new)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Blanks between columns.
const GAP: u16 = 2;

/// Columns of paths, which break after their slash where the terminal is narrow. Lists break after their commas.
const PATHS: [&str; 3] = ["DECIDED BY", "POLICY", "WORKLOAD"];

/// Columns of sentences, which break at any blank: as long as they have this room, nothing else needs to break.
const SENTENCES: [&str; 3] = ["WHY", "FIRES WHEN", "SAYS"];
const ROOM: usize = 28;

/// The last column never becomes narrower than this: the table then is wider than the terminal, and readable.
const LEAST: u16 = 15;

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// A table with these columns.
    #[must_use]
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self::of(columns.iter().map(|name| (*name).to_owned()).collect())
    }

    /// A table whose columns are named after what was read.
    #[must_use]
    pub(crate) fn of(columns: Vec<String>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    fn column_width(&self, at: usize) -> usize {
        let cells = self.rows.iter().map(|row| shown(&row[at].text).chars().count());
        cells.chain([self.columns[at].len()]).max().unwrap_or_default()
    }

    /// Columns it takes if nothing is broken.
    pub(super) fn natural_width(&self) -> usize {
        let of = |(at, name): (usize, &String)| {
            let width = self.column_width(at);
            if SENTENCES.contains(&name.as_str()) { width.min(ROOM) } else { width }
        };
        let widths: usize = self.columns.iter().enumerate().map(of).sum();
        widths + usize::from(GAP) * self.columns.len().saturating_sub(1)
    }

    /// The most that the first column of a table with sentences may take of a narrow terminal: one long name would leave
    /// the sentences of all lines no room.
    fn most(&self, style: Style) -> Option<u16> {
        let width = usize::from(style.width?);
        let has_sentences = self.columns.last().is_some_and(|name| SENTENCES.contains(&name.as_str()));
        let others: usize = (1..self.columns.len().saturating_sub(1)).map(|at| self.column_width(at) + usize::from(GAP)).sum();
        let most = width.saturating_sub(others + ROOM).max(usize::from(LEAST));
        (has_sentences && self.natural_width() > width).then(|| u16::try_from(most).unwrap_or(u16::MAX))
    }

    /// Writes the table; nothing where it has no rows.
    pub(crate) fn write(&self, style: Style, sink: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() { Ok(()) } else { writeln!(sink, "{}", self.draw(style)) }
    }

    /// The table as text, without line breaks at its end.
    pub(super) fn draw(&self, style: Style) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // Without a width nothing is wrapped: what reads a pipe wants whole lines.
        table.set_width(style.width.unwrap_or(u16::MAX));
        if style.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !style.no_headers {
            table.set_header(self.columns.iter().map(|name| comfy_table::Cell::new(shown(name)).add_attribute(Attribute::Bold)));
        }
        let is_narrow = style.width.is_some_and(|width| self.natural_width() > usize::from(width));
        let most = self.most(style);
        for row in &self.rows {
            let draw = |(cell, column): (&Cell, &String)| {
                let is_path = PATHS.contains(&column.as_str());
                let has_room = most.is_some_and(|most| is_path && shown(&cell.text).chars().count() <= usize::from(most));
                cell.draw(is_narrow && !has_room && !SENTENCES.contains(&column.as_str()), is_path)
            };
            table.add_row(row.iter().zip(&self.columns).map(draw));
        }
        // The last column is the one with sentences: it alone gives way.
        for at in 0..self.columns.len().saturating_sub(1) {
            if let Some(column) = table.column_mut(at) {
                column.set_padding((0, GAP)).set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        if let (Some(most), Some(first)) = (most, table.column_mut(0)) {
            first.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(most)));
        }
        if let Some(last) = table.column_mut(self.columns.len().saturating_sub(1)) {
            last.set_padding((0, 0)).set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(LEAST)));
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

impl Cell {
    fn draw(&self, is_narrow: bool, is_path: bool) -> comfy_table::Cell {
        let text = shown(&self.text);
        let drawn = comfy_table::Cell::new(match (is_narrow, is_path) {
            (true, true) => Cow::Owned(broken_path(&text)),
            (true, false) => Cow::Owned(text.replace(", ", ",\n")),
            (false, _) => text,
        });
        let drawn = if self.is_number { drawn.set_alignment(CellAlignment::Right) } else { drawn };
        match self.tone {
            Tone::Plain => drawn,
            Tone::Good => drawn.fg(Color::Green),
            Tone::Fair => drawn.fg(Color::Yellow),
            Tone::Bad => drawn.fg(Color::Red),
            Tone::Dim => drawn.add_attribute(Attribute::Dim),
        }
    }
}

/// A path in two lines, the second as far in as the first.
fn broken_path(path: &str) -> String {
    let indent = &path[..path.len() - path.trim_start_matches(' ').len()];
    path.replacen('/', &format!("/\n{indent}"), 1)
}

fn shown(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed("-") } else { escape(text) }
}

/// Writes tables with their titles.
pub(super) fn titled(tables: &[(&'static str, Grid)], style: Style, sink: &mut dyn Write) -> io::Result<()> {
    for (at, (title, table)) in tables.iter().enumerate() {
        if !style.no_headers {
            writeln!(sink, "{}{title}", if at == 0 { "" } else { "\n" })?;
        }
        writeln!(sink, "{}", table.draw(style))?;
    }
    Ok(())
}
