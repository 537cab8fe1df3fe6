//! Finds the files to read.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::request::Request;
use crate::{
    object::{FileOrigin, Gap, NotEntered, NotEnteredReason},
    source::{configuration, error::SourceError, git::Ignored},
};

/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";

/// How the files of a chart begin that are no templates.
const CHART_FILES: [&str; 3] = ["Chart.", "values", "requirements."];

/// The folders of a chart that only Helm reads.
const CHART_FOLDERS: [&str; 4] = ["templates", "charts", "crds", "ci"];

/// The files that make a folder a kustomization; kustomize accepts one of them.
pub(in crate::source) const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Folders with the code of others.
const DEPENDENCIES: [&str; 2] = ["node_modules", "vendor"];

/// A file to read.
#[derive(Clone, Debug)]
pub(in crate::source) struct FoundFile {
    pub(in crate::source) path: PathBuf,
    /// Whether it was given by name, and not found in a folder.
    pub(in crate::source) is_explicit: bool,
}

/// What the given paths contain.
#[derive(Debug, Default)]
pub(in crate::source) struct Found {
    /// In order and each once; files of a folder are sorted by name. Those of charts are not among them.
    pub(in crate::source) files: Vec<FoundFile>,
    /// Folders with a kustomization.
    pub(in crate::source) kustomizations: Vec<PathBuf>,
    /// Folders with a chart.
    pub(in crate::source) charts: Vec<PathBuf>,
    /// What was not entered.
    pub(in crate::source) not_entered: Vec<NotEntered>,
    /// Number of files that a pattern excludes.
    pub(in crate::source) excluded: usize,
    /// What could not be read.
    pub(in crate::source) gaps: Vec<Gap>,
}

/// How a path is named in messages.
pub(in crate::source) fn display_name(path: &Path) -> String {
    if is_stdin(path) { FileOrigin::STDIN.into() } else { path.to_string_lossy().into_owned() }
}

pub(in crate::source) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A gap for a file of a folder.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Gap {
    Gap::new(display_name(path), format!("cannot read it: {error}"), "fix the link or the permissions, or leave it out")
}

/// Finds what the given paths contain.
///
/// # Errors
/// If a folder cannot be read or has no manifests.
pub(in crate::source) fn find(request: &Request<'_>) -> Result<Found, SourceError> {
    let mut found = Found::default();
    for path in request.paths {
        if is_stdin(path) || !path.is_dir() {
            found.files.push(FoundFile { path: path.clone(), is_explicit: true });
            continue;
        }
        let inside = Folder::open(path, request, request.recursive)?;
        if inside.is_empty() {
            let below = Folder::open(path, request, true);
            let in_subfolders = below.is_ok_and(|below| !below.is_empty());
            return Err(SourceError::NoManifests { path: display_name(path), in_subfolders });
        }
        found.append(inside);
    }
    let mut seen = BTreeSet::new();
    found.files.retain(|file| seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    Ok(found)
}

impl Found {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.kustomizations.is_empty() && self.charts.is_empty() && self.gaps.is_empty() && self.excluded == 0
    }

    fn append(&mut self, other: Self) {
        self.files.extend(other.files);
        self.kustomizations.extend(other.kustomizations);
        self.charts.extend(other.charts);
        self.not_entered.extend(other.not_entered);
        self.excluded += other.excluded;
        self.gaps.extend(other.gaps);
    }
}

/// The manifests of a folder while they are collected.
struct Folder<'r> {
    request: &'r Request<'r>,
    /// The folder as given, and without links if that is known.
    given: &'r Path,
    root: Option<PathBuf>,
    recursive: bool,
    ignored: Ignored,
    plain: Vec<PathBuf>,
    /// Links to plain files within the folder. One whose target is read as well is not read again.
    links: Vec<PathBuf>,
    found: Found,
}

impl<'r> Folder<'r> {
    /// The manifests of a folder, sorted. What is not a plain file, or a link out of the folder, is a gap.
    fn open(path: &'r Path, request: &'r Request<'r>, recursive: bool) -> Result<Found, SourceError> {
        let root = fs::canonicalize(path).ok();
        let is_filtered = recursive && !request.no_ignore;
        let ignored = root.as_ref().filter(|_| is_filtered).map(|root| Ignored::below(root, request.programs)).unwrap_or_default();
        let (plain, links, found) = (Vec::new(), Vec::new(), Found::default());
        let mut folder = Self { request, given: path, root, recursive, ignored, plain, links, found };
        folder.walk(path).map_err(|error| SourceError::Unreadable { path: display_name(path), source: error })?;
        let targets: BTreeSet<PathBuf> = folder.plain.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        let is_read = |link: &PathBuf| fs::canonicalize(link).is_ok_and(|target| targets.contains(&target));
        let mut files = folder.plain;
        files.extend(folder.links.into_iter().filter(|link| !is_read(link)));
        files.sort();
        let files = files.into_iter().map(|path| FoundFile { path, is_explicit: false }).collect();
        Ok(Found { files, ..folder.found })
    }

    /// Collects the files of a folder. A sub-folder that cannot be read is a gap.
    fn walk(&mut self, path: &Path) -> io::Result<()> {
        let mut entries: Vec<fs::DirEntry> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let is_there =
            |name: &str| entries.iter().any(|entry| entry.file_name() == name) && !self.request.exclude.matches(&path.join(name));
        let (is_chart, is_kustomization) = (is_there(CHART), KUSTOMIZATIONS.into_iter().any(is_there));
        if is_kustomization {
            self.found.kustomizations.push(path.to_owned());
        }
        if is_chart {
            self.found.charts.push(path.to_owned());
        }
        for entry in entries {
            let path = entry.path();
            // Links to folders are not followed: they can form cycles, and kubectl does not follow them either.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let is_of_chart = is_chart && CHART_FOLDERS.iter().any(|name| entry.file_name() == *name);
                if self.recursive && !is_of_chart && self.enters(&path) {
                    let walked = self.walk(&path);
                    self.found.gaps.extend(walked.err().map(|error| unreadable(&path, &error)));
                }
            } else if is_manifest(&path) && entry.file_name() != configuration::NAME && !path.is_dir() {
                if is_chart { self.file_of_chart(&path) } else { self.file(path) }
            }
        }
        Ok(())
    }

    /// Whether a sub-folder is read.
    fn enters(&mut self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        let reason = match () {
            () if self.request.no_ignore && name != ".git" => return true,
            () if is_hidden => NotEnteredReason::Hidden,
            () if DEPENDENCIES.iter().any(|one| name == *one) => NotEnteredReason::Dependencies,
            () if self.is_ignored(path) => NotEnteredReason::Ignored,
            () => return true,
        };
        self.found.not_entered.push(NotEntered { path: display_name(path), reason });
        false
    }

    fn is_ignored(&self, path: &Path) -> bool {
        let below = path.strip_prefix(self.given).ok();
        self.root.as_ref().zip(below).is_some_and(|(root, below)| self.ignored.contains(&root.join(below)))
    }

    /// Records a file in the folder of a chart that Helm does not read.
    fn file_of_chart(&mut self, path: &Path) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !CHART_FILES.iter().any(|start| name.starts_with(start)) && !KUSTOMIZATIONS.contains(&name) {
            self.found.not_entered.push(NotEntered { path: display_name(path), reason: NotEnteredReason::Unreferenced });
        }
    }

    fn file(&mut self, path: PathBuf) {
        if self.request.exclude.matches(&path) {
            self.found.excluded += 1;
        } else if self.is_ignored(&path) {
            self.found.not_entered.push(NotEntered { path: display_name(&path), reason: NotEnteredReason::Ignored });
        } else {
            self.add(path);
        }
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
        self.found.gaps.push(Gap::new(display_name(path), reason, "pass the file itself with -f, or leave it out"));
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
