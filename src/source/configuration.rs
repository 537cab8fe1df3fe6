//! The project's configuration file: found in a folder above the manifests, and read with the positions of its fields.

use std::{
    fs, io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::manifest::yaml;
use crate::object::{Configuration, FieldPath, FileOrigin, Origin};

/// The name of the file.
pub const NAME: &str = ".kubectl-mtls.yaml";

/// Maximum size of the file in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// An error in a configuration, with its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    pub at: FieldPath,
    pub message: String,
}

/// Why a file cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}: {reason}", at(*line))]
pub struct ReadError {
    /// The path as shown in messages.
    pub path: String,
    /// The line, from 1; 0 if unknown.
    pub line: u32,
    pub reason: String,
}

fn at(line: u32) -> String {
    if line == 0 { String::new() } else { format!(":{line}") }
}

/// The nearest configuration file for a manifest or folder: in its folder or a parent, up to the root of the repository.
#[must_use]
pub fn find(from: &Path) -> Option<PathBuf> {
    found_from(from).next()
}

/// The configuration files in the folder of a file or folder and its parents, up to the root of the repository.
fn found_from(from: &Path) -> impl Iterator<Item = PathBuf> {
    let absolute = fs::canonicalize(from).unwrap_or_default();
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in absolute.ancestors().filter(|folder| folder.is_dir()) {
        folders.push(folder.to_owned());
        if folder.join(".git").exists() {
            break;
        }
    }
    folders.into_iter().map(|folder| folder.join(NAME)).filter(|file| file.is_file())
}

/// The configuration file of the repository that a nearer one overrides.
fn overridden_by(path: &Path) -> Option<String> {
    let own = fs::canonicalize(path).ok()?;
    found_from(own.parent()?).filter(|file| *file != own).last().map(|file| display_path(&file))
}

/// Reads a configuration file.
///
/// # Errors
/// If it cannot be read, is not YAML, or has unknown fields or values of the wrong type.
pub fn read(path: &Path) -> Result<Configuration, ReadError> {
    let display_path = display_path(path);
    let error_at = |line, reason: String| ReadError { path: display_path.clone(), line, reason };
    let text = contents(path).map_err(|error| error_at(0, error.to_string()))?;
    // The parser recurses and needs a large stack.
    let read = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(yaml::STACK_SIZE).spawn_scoped(scope, || yaml::from_str(&text)).ok()?;
        Some(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let nothing = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let settings = match read {
        _ if nothing => crate::object::ProjectConfig::default(),
        None => return Err(error_at(0, "cannot start a thread".into())),
        Some(settings) => settings.map_err(|error| error_at(error.line, error.reason))?,
    };
    let place = FileOrigin { path: display_path.into(), document: 1, line: 1, text: Some(text.into()), patches: Vec::new() };
    Ok(Configuration { origin: Origin::File(Arc::new(place)), settings, overrides: overridden_by(path) })
}

fn contents(path: &Path) -> io::Result<String> {
    let size = fs::metadata(path)?.len();
    if size > MAX_SIZE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("too large: {size} bytes, the limit is {MAX_SIZE}")));
    }
    fs::read_to_string(path)
}

/// The path relative to the current folder, if it is inside.
fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// Patterns of files in folders that are not read. A pattern that matches a folder excludes what is in it.
#[derive(Clone, Debug, Default)]
pub struct Exclude {
    /// The patterns, and the folder to which they are relative.
    rules: Vec<(PathBuf, GlobSet)>,
    /// The patterns as written.
    patterns: Vec<String>,
}

impl Exclude {
    /// The patterns of a configuration, relative to the folder of its file.
    ///
    /// # Errors
    /// The invalid patterns.
    pub fn of(configuration: &Configuration, file: &Path) -> Result<Self, Vec<PatternError>> {
        let patterns = &configuration.settings.exclude;
        let at = |at: usize| FieldPath::of("exclude").then(at.to_string());
        let errors: Vec<PatternError> =
            patterns.iter().enumerate().filter_map(|(n, one)| Some((at(n), glob(one).err()?))).map(PatternError::of).collect();
        let folder = fs::canonicalize(file).ok().and_then(|file| Some(file.parent()?.to_owned())).unwrap_or_default();
        match glob_set(patterns) {
            Ok(set) if errors.is_empty() => Ok(Self { rules: vec![(folder, set)], patterns: patterns.clone() }),
            Ok(_) => Err(errors),
            Err(message) => Err(if errors.is_empty() { vec![PatternError { at: FieldPath::of("exclude"), message }] } else { errors }),
        }
    }

    /// These patterns, and more that are relative to each of some folders, and to the current one.
    ///
    /// # Errors
    /// If a pattern is invalid.
    pub fn and(mut self, patterns: &[String], folders: &[PathBuf]) -> Result<Self, String> {
        if patterns.is_empty() {
            return Ok(self);
        }
        let set = glob_set(patterns)?;
        let folders = folders.iter().filter(|folder| folder.is_dir()).map(PathBuf::as_path).chain([Path::new(".")]);
        self.rules.extend(folders.filter_map(|folder| Some((fs::canonicalize(folder).ok()?, set.clone()))));
        self.patterns.extend_from_slice(patterns);
        Ok(self)
    }

    /// The patterns as written.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether a file is excluded.
    #[must_use]
    pub fn matches(&self, path: &Path) -> bool {
        if self.patterns.is_empty() {
            return false;
        }
        let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_excluded = |folder: &Path, set: &GlobSet| {
            let below = absolute.strip_prefix(folder).unwrap_or(Path::new(""));
            below.ancestors().any(|part| !part.as_os_str().is_empty() && set.is_match(part))
        };
        self.rules.iter().any(|(folder, set)| is_excluded(folder, set))
    }
}

impl PatternError {
    fn of((at, message): (FieldPath, String)) -> Self {
        Self { at, message }
    }
}

fn glob(pattern: &str) -> Result<Glob, String> {
    Glob::new(pattern).map_err(|error| format!("invalid pattern `{pattern}`: {}", error.kind()))
}

fn glob_set(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(glob(pattern)?);
    }
    set.build().map_err(|error| error.to_string())
}
