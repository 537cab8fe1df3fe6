//! Locates a field of an object in its file, by line and column.

use std::{panic::resume_unwind, thread};

use super::yaml;
use crate::object::{FieldPath, FileOrigin, Origin};

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
    let of_patch = place.patches.iter().find_map(|patch| within(patch, at, true));
    let start = Place { file: place.path.to_string(), line: place.line, column: 1, width: 1, text: String::new() };
    Some(of_patch.or_else(|| within(place, at, false)).unwrap_or(start))
}

/// The place of a field in a document, or of its nearest ancestor unless it has to be there itself.
fn within(place: &FileOrigin, at: &FieldPath, is_exact: bool) -> Option<Place> {
    let text = place.text.as_deref()?;
    let root = yaml::document(text).ok()?.root;
    if is_exact && !root.contains(at.steps()) {
        return None;
    }
    let range = root.locate(at.steps()).range();
    let before = text.get(..range.start)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let width = text.get(range)?.lines().next().unwrap_or_default().chars().count();
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(Place {
        file: place.path.to_string(),
        line: place.line + narrow(before.matches('\n').count()),
        column: narrow(text[line_start..before.len()].chars().count()) + 1,
        width: narrow(width.max(1)),
        text: line.to_owned(),
    })
}
