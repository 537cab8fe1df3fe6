//! A table before it is drawn: text and tones, no colours and no widths.

use std::borrow::Cow;

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, Table, presets};

use super::{Style, escape};

/// What a text means, whatever colour that becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
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
pub struct Cell {
    text: String,
    tone: Tone,
    is_number: bool,
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A text that means something.
    #[must_use]
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, is_number: false }
    }

    /// A number; nought is not worth reading.
    #[must_use]
    pub fn number(n: usize, tone: Tone) -> Self {
        let tone = if n == 0 { Tone::Dim } else { tone };
        Self { text: n.to_string(), tone, is_number: true }
    }

    /// A text that may be absent.
    #[must_use]
    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(|| Self::toned("-", Tone::Dim), Self::new)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    pub(super) fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    pub(super) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
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
            table.set_header(self.columns.iter().map(|name| comfy_table::Cell::new(name).add_attribute(Attribute::Bold)));
        }
        for row in &self.rows {
            table.add_row(row.iter().map(cell));
        }
        for at in 0..self.columns.len() {
            if let Some(column) = table.column_mut(at) {
                let is_last = at + 1 == self.columns.len();
                column.set_padding((0, if is_last { 0 } else { 2 }));
            }
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

fn cell(cell: &Cell) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(shown(&cell.text));
    let drawn = if cell.is_number { drawn.set_alignment(CellAlignment::Right) } else { drawn };
    match cell.tone {
        Tone::Plain => drawn,
        Tone::Good => drawn.fg(Color::Green),
        Tone::Fair => drawn.fg(Color::Yellow),
        Tone::Bad => drawn.fg(Color::Red),
        Tone::Dim => drawn.add_attribute(Attribute::Dim),
    }
}

fn shown(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed("-") } else { escape(text) }
}
