//! Findings that an object's annotations or the project's configuration silence, or give another severity.

mod annotations;
mod codes;
mod config;
mod suppress;
mod today;

pub use codes::{is_known, matches};
pub use config::{ConfigError, FindingConfig};
pub use suppress::suppress;

pub(super) use annotations::{ANNOTATION, Entry, entries};
pub(super) use today::today;
