//! Colours of texts on a terminal, by their meaning.

use owo_colors::{OwoColorize, Style as Paint};

use super::{
    escape::escape,
    grid::{Cell, Tone},
};
use crate::report::{
    document::words::{CallResult, Mode},
    style::Style,
};

/// A mode with its tone.
pub(super) fn mode(mode: Mode) -> Cell {
    Cell::toned(mode, of_mode(mode))
}

pub(super) fn of_mode(mode: Mode) -> Tone {
    match mode {
        Mode::Strict => Tone::Good,
        Mode::Permissive | Mode::Unknown => Tone::Fair,
        Mode::Disable | Mode::None => Tone::Bad,
    }
}

pub(super) fn of_result(result: CallResult) -> Tone {
    match result {
        CallResult::Mtls => Tone::Good,
        CallResult::Fail => Tone::Bad,
        CallResult::Plaintext | CallResult::Tls | CallResult::Mixed | CallResult::NoEndpoints | CallResult::Unknown => Tone::Fair,
    }
}

pub(super) fn painted(text: &str, tone: Tone, style: Style) -> String {
    let text = escape(text);
    let paint = match tone {
        _ if !style.colour => Paint::new(),
        Tone::Plain => Paint::new(),
        Tone::Good => Paint::new().green(),
        Tone::Fair => Paint::new().yellow(),
        Tone::Bad => Paint::new().red(),
        Tone::Dim => Paint::new().dimmed(),
    };
    text.style(paint).to_string()
}
