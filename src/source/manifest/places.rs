//! Locates a field of an object in its file, by line and column.

use std::{panic::resume_unwind, thread};

use super::yaml;
use crate::object::{FieldPath, Origin};

/// The place of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path as given by the user.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Its width on that line, in characters.
    pub width: u32,
    /// The whole line; empty where the text was not kept.
    pub text: String,
}

/// Locates fields, in order; `None` for objects from a cluster.
///
/// The objects are parsed again, so the cost depends on the number of findings only.
pub fn locate<'o>(fields: impl IntoIterator<Item = (&'o Origin, &'o FieldPath)>) -> Vec<Option<Place>> {
    let fields: Vec<_> = fields.into_iter().collect();
    let locate_all = || fields.iter().map(|(origin, at)| place(origin, at)).collect();
    thread::scope(|scope| match thread::Builder::new().stack_size(yaml::STACK_SIZE).spawn_scoped(scope, locate_all) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        // Without a thread there are no places; findings then only lack their line numbers.
        Err(_) => vec![None; fields.len()],
    })
}

fn place(origin: &Origin, at: &FieldPath) -> Option<Place> {
    let Origin::File(place) = origin else { return None };
    let start = Place { file: place.path.to_string(), line: place.line, column: 1, width: 1, text: String::new() };
    let found = place.text.as_deref().and_then(|text| {
        let range = yaml::document(text).ok()?.root.locate(at.steps()).range();
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
