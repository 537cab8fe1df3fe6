//! The style of tables.

/// The style of tables.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<u16>,
    /// Whether the header row is omitted.
    pub no_headers: bool,
    /// Whether colours are written; the output stream can still remove them.
    pub colour: bool,
    /// Whether tables omit single findings and only count them.
    pub quiet: bool,
}
