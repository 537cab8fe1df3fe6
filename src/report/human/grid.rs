//! A table as text with tones, before colours and widths are applied.

use std::{
    borrow::Cow,
    fmt,
    io::{self, Write},
};

use comfy_table::{Attribute, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::escape::escape;
use crate::report::style::Style;

/// The meaning of a text, from which its colour follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Neutral.
    #[default]
    Plain,
    /// The desired state.
    Good,
    /// Not yet the desired state.
    Warning,
    /// A problem.
    Bad,
    /// Of little interest.
    Dim,
}

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
    is_number: bool,
}

/// A value, with a question mark if it is only assumed.
pub(crate) fn marked_if_assumed(value: impl fmt::Display, is_assumed: bool) -> String {
    if is_assumed { format!("{value}?") } else { value.to_string() }
}

impl Cell {
    /// A neutral text.
    #[must_use]
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A text with a tone.
    #[must_use]
    pub(crate) fn with_tone(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, is_number: false }
    }

    /// A number; 0 is dimmed.
    #[must_use]
    pub(crate) fn number(n: usize, tone: Tone) -> Self {
        let tone = if n == 0 { Tone::Dim } else { tone };
        Self { text: n.to_string(), tone, is_number: true }
    }

    /// A number with a question mark if something that was not read could change it.
    #[must_use]
    pub(crate) fn counted(n: usize, is_partial: bool, tone: Tone) -> Self {
        if is_partial { Self::with_tone(format!("{n}?"), Tone::Warning) } else { Self::number(n, tone) }
    }

    /// A value that could not be read.
    #[must_use]
    pub(crate) fn unknown() -> Self {
        Self::with_tone("?", Tone::Warning)
    }

    /// A text, or a dimmed dash if it is absent.
    #[must_use]
    pub(crate) fn optional(text: Option<&str>) -> Self {
        text.map_or_else(|| Self::with_tone("-", Tone::Dim), Self::new)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Spaces between columns.
const COLUMN_SPACING: u16 = 2;

/// Columns of paths, which wrap after their slash on a narrow terminal. Lists wrap after their commas.
const PATHS: [&str; 3] = ["DECIDED BY", "POLICY", "WORKLOAD"];

/// Columns of sentences, which wrap at any space: if they have at least `SENTENCE_WIDTH` columns, nothing else needs to wrap.
const SENTENCES: [&str; 3] = ["WHY", "FIRES WHEN", "REASON"];
const SENTENCE_WIDTH: usize = 28;

/// Minimum width of the last column: the table may then be wider than the terminal, but stays readable.
const MIN_LAST_COLUMN: u16 = 15;

#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// An empty table with these columns.
    #[must_use]
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self::of(columns.iter().map(|name| (*name).to_owned()).collect())
    }

    /// An empty table whose column names depend on the data.
    #[must_use]
    pub(crate) fn of(columns: Vec<String>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The table with one more column before the others, which has the same text in every row.
    #[must_use]
    pub(super) fn below(mut self, column: &str, text: &str) -> Self {
        self.columns.insert(0, column.to_owned());
        self.rows.iter_mut().for_each(|row| row.insert(0, Cell::new(text)));
        self
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    fn column_width(&self, at: usize) -> usize {
        let cells = self.rows.iter().map(|row| escaped_or_dash(&row[at].text).chars().count());
        cells.chain([self.columns[at].len()]).max().unwrap_or_default()
    }

    /// The width without wrapping; columns of sentences count with at most `SENTENCE_WIDTH`.
    pub(super) fn natural_width(&self) -> usize {
        let of = |(at, name): (usize, &String)| {
            let width = self.column_width(at);
            if SENTENCES.contains(&name.as_str()) { width.min(SENTENCE_WIDTH) } else { width }
        };
        let widths: usize = self.columns.iter().enumerate().map(of).sum();
        widths + usize::from(COLUMN_SPACING) * self.columns.len().saturating_sub(1)
    }

    /// Maximum width of the first column of a table with sentences on a narrow terminal: otherwise one long name would leave no
    /// room for the sentences.
    fn max_first_column(&self, style: Style) -> Option<u16> {
        let width = usize::from(style.width?);
        let has_sentences = self.columns.last().is_some_and(|name| SENTENCES.contains(&name.as_str()));
        let others: usize = (1..self.columns.len().saturating_sub(1)).map(|at| self.column_width(at) + usize::from(COLUMN_SPACING)).sum();
        let max_first_column = width.saturating_sub(others + SENTENCE_WIDTH).max(usize::from(MIN_LAST_COLUMN));
        (has_sentences && self.natural_width() > width).then(|| u16::try_from(max_first_column).unwrap_or(u16::MAX))
    }

    /// Writes the table; nothing if it has no rows.
    pub(crate) fn write(&self, style: Style, sink: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() { Ok(()) } else { writeln!(sink, "{}", self.draw(style)) }
    }

    /// The table as text, without a trailing line break.
    pub(super) fn draw(&self, style: Style) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // Without a width nothing is wrapped, because programs that read a pipe expect whole lines.
        table.set_width(style.width.unwrap_or(u16::MAX));
        if style.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !style.no_headers {
            table.set_header(self.columns.iter().map(|name| comfy_table::Cell::new(escaped_or_dash(name)).add_attribute(Attribute::Bold)));
        }
        let is_narrow = style.width.is_some_and(|width| self.natural_width() > usize::from(width));
        let max_first_column = self.max_first_column(style);
        for row in &self.rows {
            let draw = |(cell, column): (&Cell, &String)| {
                let is_path = PATHS.contains(&column.as_str());
                let fits = max_first_column.is_some_and(|max_first_column| {
                    is_path && escaped_or_dash(&cell.text).chars().count() <= usize::from(max_first_column)
                });
                cell.draw(is_narrow && !fits && !SENTENCES.contains(&column.as_str()), is_path)
            };
            table.add_row(row.iter().zip(&self.columns).map(draw));
        }
        // Only the last column, which contains the sentences, is shrunk.
        for at in 0..self.columns.len().saturating_sub(1) {
            if let Some(column) = table.column_mut(at) {
                column.set_padding((0, COLUMN_SPACING)).set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        if let (Some(max_first_column), Some(first)) = (max_first_column, table.column_mut(0)) {
            first.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(max_first_column)));
        }
        if let Some(last) = table.column_mut(self.columns.len().saturating_sub(1)) {
            last.set_padding((0, 0)).set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(MIN_LAST_COLUMN)));
        }
        table.lines().map(|line| coloured(line.trim_end())).collect::<Vec<_>>().join("\n")
    }
}

impl Cell {
    fn draw(&self, is_narrow: bool, is_path: bool) -> comfy_table::Cell {
        let text = escaped_or_dash(&self.text);
        let drawn = comfy_table::Cell::new(match (is_narrow, is_path) {
            (true, true) => Cow::Owned(wrapped_path(&text)),
            (true, false) => Cow::Owned(text.replace(", ", ",\n")),
            (false, _) => text,
        });
        let drawn = if self.is_number { drawn.set_alignment(CellAlignment::Right) } else { drawn };
        match self.tone {
            Tone::Plain => drawn,
            Tone::Good => drawn.add_attribute(GOOD.0),
            Tone::Warning => drawn.add_attribute(WARNING.0),
            Tone::Bad => drawn.add_attribute(BAD.0),
            Tone::Dim => drawn.add_attribute(Attribute::Dim),
        }
    }
}

/// Attributes that no table uses, each with its sequence and that of the colour which it represents. The table library writes no colours
/// if the environment has `NO_COLOR`, whatever the style demands; attributes it always writes.
const GOOD: (Attribute, &str, &str) = (Attribute::Fraktur, "\u{1b}[20m", "\u{1b}[32m");
const WARNING: (Attribute, &str, &str) = (Attribute::Framed, "\u{1b}[51m", "\u{1b}[33m");
const BAD: (Attribute, &str, &str) = (Attribute::Encircled, "\u{1b}[52m", "\u{1b}[31m");

/// The line with colours instead of these attributes. Texts contain no sequences, because they are escaped.
fn coloured(line: &str) -> String {
    [GOOD, WARNING, BAD].iter().fold(line.to_owned(), |line, (_, attribute, colour)| line.replace(attribute, colour))
}

/// A path on two lines, the second with the indentation of the first.
fn wrapped_path(path: &str) -> String {
    let indent = &path[..path.len() - path.trim_start_matches(' ').len()];
    path.replacen('/', &format!("/\n{indent}"), 1)
}

fn escaped_or_dash(text: &str) -> Cow<'_, str> {
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
