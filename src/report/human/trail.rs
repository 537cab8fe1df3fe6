//! A step of a trail: the object, what it sets, and the outcome.

use std::io::{self, Write};

use super::{grid::Tone, paint::painted};
use crate::report::{
    document::{TrailStep, words::Outcome},
    style::Style,
};

pub(super) fn step(step: &TrailStep, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let tone = match step.outcome {
        Outcome::InForce | Outcome::Enforced => Tone::Plain,
        Outcome::Inherits | Outcome::Overridden | Outcome::Ignored => Tone::Dim,
    };
    let object = step.object.as_deref().map(|object| format!("{object}: ")).unwrap_or_default();
    // Only the deciding step shows its place in a file; the places of the others are in JSON.
    let place = step.location.as_ref().filter(|_| step.outcome == Outcome::InForce);
    let place = place.map(|at| format!(" ({}:{})", at.file, at.line)).unwrap_or_default();
    let line = format!("{:<9} {object}{}{place}", step.outcome, step.message);
    writeln!(sink, "  {}", painted(&line, tone, style))
}
