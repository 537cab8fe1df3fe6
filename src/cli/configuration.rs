//! Finds and validates the project's configuration; its errors are reported as usage errors.

use std::path::Path;

use clap::ValueEnum as _;

use super::{args::Source, gate::FailOn, usage::usage};
use crate::{
    checks::FindingConfig,
    object::{Configuration, FieldPath},
    source::{
        self,
        configuration::{self, Exclude},
    },
};

/// A valid configuration and the files that it excludes.
#[derive(Debug, Default)]
pub(super) struct Configured {
    pub(super) configuration: Option<Configuration>,
    pub(super) exclude: Exclude,
}

/// The configuration that the flags name, or the nearest one in a parent folder of the first manifest (for standard input, of the
/// working folder).
///
/// # Errors
/// Returns all errors in the configuration as a usage error.
pub(super) fn of(source: &Source, first: Option<&Path>) -> anyhow::Result<Configured> {
    let above = |path: &Path| configuration::find(if path.as_os_str() == "-" { Path::new(".") } else { path });
    let path = match (&source.config, source.no_config) {
        (_, true) => None,
        (Some(path), false) => Some(path.clone()),
        (None, false) => first.and_then(above),
    };
    let Some(path) = path else { return Ok(Configured::default()) };
    let configuration = configuration::read(&path).map_err(|error| usage(error.to_string()))?;
    let mut wrong: Vec<(FieldPath, String)> = FindingConfig::of(&configuration).err().unwrap_or_default();
    wrong.extend(fail_on(&configuration).err().map(|message| (FieldPath::of("fail-on"), message)));
    let exclude = Exclude::of(&configuration, &path).unwrap_or_else(|mistakes| {
        wrong.extend(mistakes.into_iter().map(|mistake| (mistake.at, mistake.message)));
        Exclude::default()
    });
    if wrong.is_empty() { Ok(Configured { configuration: Some(configuration), exclude }) } else { Err(mistakes(&configuration, &wrong)) }
}

/// The severity threshold of a configuration.
///
/// # Errors
/// If the value is not a severity.
pub(super) fn fail_on(configuration: &Configuration) -> Result<Option<FailOn>, String> {
    let Some(word) = &configuration.settings.fail_on else { return Ok(None) };
    let wrong = |_| format!("`{word}` is no severity; write error, warning, info or never");
    FailOn::from_str(word, false).map(Some).map_err(wrong)
}

fn mistakes(configuration: &Configuration, wrong: &[(FieldPath, String)]) -> anyhow::Error {
    let places = source::locate(wrong.iter().map(|(at, _)| (&configuration.origin, at)));
    let mut lines: Vec<(u32, String)> = places
        .into_iter()
        .zip(wrong)
        .map(|(place, (at, message))| {
            let (file, line) = place.map(|place| (place.file, place.line)).unwrap_or_default();
            (line, format!("{file}:{line}: {at}: {message}"))
        })
        .collect();
    lines.sort();
    usage(lines.into_iter().map(|(_, message)| message).collect::<Vec<_>>().join("\n"))
}
