//! Paths relative to the root of the repository: CI systems name files in this way, whatever folder a command runs in.

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::object::FileOrigin;

/// Resolves paths, and remembers the results.
#[derive(Debug)]
pub struct RepositoryPaths {
    /// The current folder without links.
    here: PathBuf,
    known: BTreeMap<String, Option<String>>,
}

impl Default for RepositoryPaths {
    fn default() -> Self {
        Self::new(&std::env::current_dir().unwrap_or_default())
    }
}

impl RepositoryPaths {
    /// Resolves paths that are relative to this folder.
    #[must_use]
    pub fn new(here: &Path) -> Self {
        Self { here: fs::canonicalize(here).unwrap_or_else(|_| here.to_owned()), known: BTreeMap::new() }
    }

    /// The path of a file relative to the nearest folder above it that has `.git`, else to the current folder, with `/` between its parts.
    /// `None` if the file is in neither, or is standard input.
    pub fn relative(&mut self, path: &str) -> Option<String> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let found = (path != FileOrigin::STDIN).then(|| self.resolve(Path::new(path))).flatten();
        self.known.insert(path.to_owned(), found.clone());
        found
    }

    fn resolve(&self, path: &Path) -> Option<String> {
        // Code scanning matches no path that is a link.
        let absolute = fs::canonicalize(self.here.join(path)).unwrap_or_else(|_| without_dots(&self.here.join(path)));
        let root = absolute.ancestors().skip(1).find(|folder| folder.join(".git").exists()).unwrap_or(&self.here);
        let parts = absolute.strip_prefix(root).ok()?.components();
        let relative = parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        (!relative.is_empty()).then_some(relative)
    }
}

/// A path without `.` and `..`, for a file that is not there.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}
