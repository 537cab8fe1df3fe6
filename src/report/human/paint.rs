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
    Cell::with_tone(mode, mode_tone(mode))
}

pub(super) fn mode_tone(mode: Mode) -> Tone {
    match mode {
        Mode::Strict => Tone::Good,
        Mode::Permissive | Mode::Unknown => Tone::Warning,
        Mode::Disable | Mode::None => Tone::Bad,
    }
}

pub(super) fn result_tone(result: CallResult) -> Tone {
    match result {
        CallResult::Mtls => Tone::Good,
        CallResult::Fail => Tone::Bad,
        CallResult::Plaintext | CallResult::Tls | CallResult::Mixed | CallResult::NoEndpoints | CallResult::Unknown => Tone::Warning,
    }
}

pub(super) fn painted(text: &str, tone: Tone, style: Style) -> String {
    let text = escape(text);
    let paint = match tone {
        _ if !style.colour => Paint::new(),
        Tone::Plain => Paint::new(),
        Tone::Good => Paint::new().green(),
        Tone::Warning => Paint::new().yellow(),
        Tone::Bad => Paint::new().red(),
        Tone::Dim => Paint::new().dimmed(),
    };
    text.style(paint).to_string()
}
