//! Colours: what a text means, and how that looks on a terminal.

use owo_colors::{OwoColorize, Style as Paint};

use super::{
    escape::escape,
    grid::{Cell, Tone},
};
use crate::report::style::Style;

/// A mode in its tone.
pub(super) fn mode(word: &str) -> Cell {
    Cell::toned(word, tone(word))
}

pub(super) fn tone(mode: &str) -> Tone {
    match mode {
        "STRICT" => Tone::Good,
        "PERMISSIVE" | "UNKNOWN" => Tone::Fair,
        "DISABLE" | "NONE" => Tone::Bad,
        _ => Tone::Plain,
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
