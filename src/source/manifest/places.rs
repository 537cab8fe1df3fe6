//! From a field of an object to line and column of the file it was read from.

use std::{panic::resume_unwind, thread};

use super::yaml;
use crate::object::{FieldPath, Origin};

/// Where a field stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// How many characters of that line it takes.
    pub width: u32,
    /// The whole line; empty where the text was not kept.
    pub text: String,
}

/// Finds fields: `None` for what came from a cluster.
///
/// Objects are parsed again for this, which costs only as much as there are findings.
pub fn locate<'o>(wanted: impl IntoIterator<Item = (&'o Origin, &'o FieldPath)>) -> Vec<Option<Place>> {
    let wanted: Vec<_> = wanted.into_iter().collect();
    let look = || wanted.iter().map(|(origin, at)| place(origin, at)).collect();
    thread::scope(|scope| match thread::Builder::new().stack_size(yaml::STACK).spawn_scoped(scope, look) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        // Without a thread there is no place either, which loses a line number and no finding.
        Err(_) => vec![None; wanted.len()],
    })
}

fn place(origin: &Origin, at: &FieldPath) -> Option<Place> {
    let Origin::File(place) = origin else { return None };
    let start = Place { file: place.path.to_string(), line: place.line, column: 1, width: 1, text: String::new() };
    let found = place.text.as_deref().and_then(|text| {
        let range = yaml::tree(text).ok()?.locate(at.steps());
        let before = text.get(..range.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let width = text.get(range)?.lines().next().unwrap_or_default().chars().count();
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Some(Place {
            line: place.line + narrow(before.matches('\n').count()),
            column: narrow(text[line_start..before.len()].chars().count()) + 1,
            width: narrow(width.max(1)),
            text: line.to_owned(),
            ..start.clone()
        })
    });
    Some(found.unwrap_or(start))
}
