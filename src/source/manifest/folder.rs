//! Finds the files to read.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::request::Request;
use crate::{
    object::{FileOrigin, Gap},
    source::{configuration, error::SourceError},
};

/// A file to read.
pub(super) struct FoundFile {
    pub(super) path: PathBuf,
    /// Whether it was given by name, and not found in a folder.
    pub(super) is_explicit: bool,
}

/// How a path is named in messages.
pub(super) fn display_name(path: &Path) -> String {
    if is_stdin(path) { FileOrigin::STDIN.into() } else { path.to_string_lossy().into_owned() }
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A gap for a file of a folder.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Gap {
    Gap::new(display_name(path), format!("cannot read it: {error}"), "fix the link or the permissions, or leave it out")
}

/// The files to read, in order and each once; files of a folder are sorted by name.
///
/// # Errors
/// If a folder cannot be read or has no manifests.
pub(super) fn files(request: &Request<'_>, gaps: &mut Vec<Gap>) -> Result<Vec<FoundFile>, SourceError> {
    let mut found = Vec::new();
    for path in request.paths {
        if is_stdin(path) || !path.is_dir() {
            found.push(FoundFile { path: path.clone(), is_explicit: true });
            continue;
        }
        let gaps_before = gaps.len();
        let inside = Folder::open(path, request.recursive, gaps)?;
        if inside.is_empty() && gaps.len() == gaps_before {
            let below = Folder::open(path, true, &mut Vec::new());
            let in_subfolders = below.is_ok_and(|below| !below.is_empty());
            return Err(SourceError::NoManifests { path: display_name(path), in_subfolders });
        }
        found.extend(inside.into_iter().map(|path| FoundFile { path, is_explicit: false }));
    }
    let mut seen = BTreeSet::new();
    found.retain(|file| seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    Ok(found)
}

/// The manifests of a folder while they are collected.
struct Folder<'g> {
    /// The folder without links, if that is known.
    root: Option<PathBuf>,
    recursive: bool,
    plain: Vec<PathBuf>,
    /// Links to plain files within the folder. One whose target is read as well is not read again.
    links: Vec<PathBuf>,
    gaps: &'g mut Vec<Gap>,
}

impl<'g> Folder<'g> {
    /// The manifests of a folder, sorted. What is not a plain file, or a link out of the folder, is a gap.
    fn open(path: &Path, recursive: bool, gaps: &'g mut Vec<Gap>) -> Result<Vec<PathBuf>, SourceError> {
        let root = fs::canonicalize(path).ok();
        let mut folder = Self { root, recursive, plain: Vec::new(), links: Vec::new(), gaps };
        folder.walk(path).map_err(|error| SourceError::Unreadable { path: display_name(path), source: error })?;
        let targets: BTreeSet<PathBuf> = folder.plain.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        let is_read = |link: &PathBuf| fs::canonicalize(link).is_ok_and(|target| targets.contains(&target));
        let mut found = folder.plain;
        found.extend(folder.links.into_iter().filter(|link| !is_read(link)));
        found.sort();
        Ok(found)
    }

    /// Collects the files of a folder. A sub-folder that cannot be read is a gap.
    fn walk(&mut self, path: &Path) -> io::Result<()> {
        let mut entries: Vec<fs::DirEntry> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            // Links to folders are not followed: they can form cycles, and kubectl does not follow them either.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if self.recursive
                    && let Err(error) = self.walk(&path)
                {
                    self.gaps.push(unreadable(&path, &error));
                }
            } else if is_manifest(&path) && entry.file_name() != configuration::NAME && !path.is_dir() {
                self.add(path);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) {
        let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
        match fs::metadata(&path) {
            // Reading it fails in the same way, and that is reported.
            Err(_) => self.plain.push(path),
            Ok(metadata) if !metadata.is_file() => self.skip(&path, "neither a plain file nor a folder"),
            Ok(_) if !is_link => self.plain.push(path),
            Ok(_) if self.is_outside(&path) => self.skip(&path, "a link to a file outside the folder"),
            Ok(_) => self.links.push(path),
        }
    }

    fn is_outside(&self, path: &Path) -> bool {
        let target = fs::canonicalize(path);
        !self.root.as_ref().is_some_and(|root| target.is_ok_and(|target| target.starts_with(root)))
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.gaps.push(Gap::new(display_name(path), reason, "pass the file itself with -f, or leave it out"));
    }
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
}

/// The content of a file, up to a limit in bytes.
///
/// # Errors
/// If the file cannot be read, or is larger.
pub(super) fn contents(path: &Path, stdin: &mut dyn io::Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        stdin.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|size| size > limit) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {}", size(limit))));
    }
    Ok(bytes)
}

fn size(bytes: u64) -> String {
    if bytes >> 20 == 0 { format!("{bytes} bytes") } else { format!("{} MiB", bytes >> 20) }
}
