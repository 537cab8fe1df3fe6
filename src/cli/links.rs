//! Links that a repository could contain: what a command writes is never written through one.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A path without a trailing slash, which would follow a link.
pub(super) fn without_slash(path: &Path) -> PathBuf {
    path.components().collect()
}

/// A link in a path that a repository could contain: the path itself, or any part of a path below the current folder. Links above it are the
/// system's, such as `/tmp` on macOS.
pub(super) fn link_in(path: &Path) -> Option<&Path> {
    let itself = path;
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    path.ancestors().filter(|path| is_link(path)).find(|path| *path == itself || is_in_repository(path))
}

/// Whether a path is in the current folder.
pub(super) fn is_in_repository(path: &Path) -> bool {
    let here = std::env::current_dir().and_then(fs::canonicalize).ok();
    let parent = path.parent().and_then(|parent| fs::canonicalize(parent).ok());
    path.is_relative() || here.zip(parent).is_some_and(|(here, parent)| here.parent().is_some() && parent.starts_with(here))
}
