//! How tables are drawn.

/// How tables are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<u16>,
    /// Whether the line with the columns' names is left out.
    pub no_headers: bool,
    /// Whether escape sequences for colour are written; the stream may still take them out.
    pub colour: bool,
    /// Whether single findings are left out of tables, which then count them only.
    pub quiet: bool,
}
