//! Suppression of findings and severity overrides, by annotations of objects and by the project's configuration.

mod adjustments;
mod annotations;
mod codes;
mod config;
mod suppress;
mod today;

pub use adjustments::{Adjustment, Adjustments};
pub use codes::{is_known, matches};
pub use config::{ConfigError, FindingConfig};
pub use suppress::suppress;

pub(super) use annotations::{ANNOTATION, Entry, entries};
pub(super) use today::today;
