//! Finds and validates the project's configuration; its errors are reported as usage errors.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::ValueEnum as _;

use super::{args::SourceArgs, exit::FailOn, usage::usage};
use crate::{
    checks::FindingConfig,
    istio::IstioVersion,
    object::{Configuration, FieldPath},
    source::{
        self,
        configuration::{self, Exclude},
        repository::MeshPaths,
    },
};

/// A valid configuration and the files that it excludes.
#[derive(Debug, Default)]
pub(super) struct Configured {
    pub(super) configuration: Option<Configuration>,
    pub(super) exclude: Exclude,
    /// The meshes of the configuration.
    pub(super) meshes: Vec<MeshPaths>,
    /// The folder of the file.
    pub(super) folder: PathBuf,
}

/// The configuration that the flags name, or the nearest one in a parent folder of the first manifest (for standard input, of the
/// working folder).
///
/// # Errors
/// Returns all errors in the configuration as a usage error.
pub(super) fn load(source: &SourceArgs, first: Option<&Path>) -> anyhow::Result<Configured> {
    let search = |path: &Path| configuration::find(if path.as_os_str() == "-" { Path::new(".") } else { path });
    let path = match (&source.config, source.no_config) {
        (_, true) => None,
        (Some(path), false) => Some(path.clone()),
        (None, false) => first.and_then(search),
    };
    let Some(path) = path else { return Ok(Configured::default()) };
    let configuration = configuration::read(&path).map_err(|error| usage(error.to_string()))?;
    let mut errors: Vec<(FieldPath, String)> = FindingConfig::of(&configuration).err().unwrap_or_default();
    errors.extend(fail_on(&configuration).err().map(|message| (FieldPath::of("fail-on"), message)));
    let version = configuration.settings.istio_version.as_ref().map(|version| IstioVersion::parse(version));
    errors.extend(version.and_then(Result::err).map(|message| (FieldPath::of("istio-version"), message)));
    let exclude = Exclude::of(&configuration, &path).unwrap_or_else(|more| {
        errors.extend(more.into_iter().map(|error| (error.at, error.message)));
        Exclude::default()
    });
    let folder = fs::canonicalize(&path).ok().and_then(|file| Some(file.parent()?.to_owned())).unwrap_or_default();
    let meshes = meshes(&configuration, &folder, &mut errors);
    if errors.is_empty() {
        Ok(Configured { configuration: Some(configuration), exclude, meshes, folder })
    } else {
        Err(located(&configuration, &errors))
    }
}

/// The meshes of a configuration. A path that does not exist is an error.
fn meshes(configuration: &Configuration, folder: &Path, errors: &mut Vec<(FieldPath, String)>) -> Vec<MeshPaths> {
    let mut meshes = Vec::new();
    for (name, paths) in &configuration.settings.meshes {
        let at = FieldPath::of("meshes").then(name.as_str());
        if paths.is_empty() {
            errors.push((at.clone(), format!("the mesh {name} has no paths")));
        }
        let mut found = Vec::new();
        for (number, path) in paths.iter().enumerate() {
            match fs::canonicalize(folder.join(path)) {
                Ok(path) => found.push(path),
                Err(error) => errors.push((at.clone().then(number.to_string()), format!("cannot read `{path}`: {error}"))),
            }
        }
        meshes.push((name.clone(), found));
    }
    meshes
}

/// The `fail-on` severity of a configuration.
///
/// # Errors
/// If the value is not a severity or `never`.
pub(super) fn fail_on(configuration: &Configuration) -> Result<Option<FailOn>, String> {
    let Some(word) = &configuration.settings.fail_on else { return Ok(None) };
    let invalid = |_| format!("invalid severity `{word}`: expected error, warning, info or never");
    FailOn::from_str(word, false).map(Some).map_err(invalid)
}

fn located(configuration: &Configuration, errors: &[(FieldPath, String)]) -> anyhow::Error {
    let places = source::locate(errors.iter().map(|(at, _)| (&configuration.origin, at)));
    let mut lines: Vec<(u32, String)> = places
        .into_iter()
        .zip(errors)
        .map(|(place, (at, message))| {
            let (file, line) = place.map(|place| (place.file, place.line)).unwrap_or_default();
            (line, format!("{file}:{line}: {at}: {message}"))
        })
        .collect();
    lines.sort();
    usage(lines.into_iter().map(|(_, message)| message).collect::<Vec<_>>().join("\n"))
}
