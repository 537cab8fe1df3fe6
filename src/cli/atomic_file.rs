//! Writes files as a whole: a reader sees the old content or the new one, and an error leaves the old one.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
};

use anyhow::Context as _;

use super::{links, usage::usage};

/// Whether a file can be written: its folder exists, it is no folder, and no link that a repository could contain is in its path.
///
/// # Errors
/// A usage error that names the file.
pub(super) fn check(path: &Path) -> anyhow::Result<()> {
    let name = path.display();
    if path.is_dir() || path.file_name().is_none() {
        return Err(usage(format!("cannot write {name}: it is a folder, and a file is expected")));
    }
    if !folder(path).is_dir() {
        return Err(usage(format!("cannot write {name}: there is no folder {}; create it first", folder(path).display())));
    }
    let is_of_system = |link: &Path| !links::is_in_repository(link);
    match links::link_in(path).filter(|link| !is_of_system(link)) {
        Some(link) => Err(usage(format!("cannot write {name}: {} is a link; pass the file that it links to", link.display()))),
        None => Ok(()),
    }
}

/// Writes a file beside its place and then renames it. A device, a pipe, or what a link of the system resolves to is written in its place.
///
/// # Errors
/// If it cannot be written; the error names the file.
pub(super) fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let is_replaced = fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file());
    let written = if is_replaced { replace(path, content) } else { fill(File::options().write(true).truncate(true).open(path), content) };
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn replace(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let temporary = beside(path);
    // Of an earlier process that did not end.
    let _ = fs::remove_file(&temporary);
    let written = fill(File::create_new(&temporary), content).and_then(|()| {
        if let Ok(old) = fs::metadata(path) {
            fs::set_permissions(&temporary, old.permissions())?;
        }
        fs::rename(&temporary, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn fill(file: io::Result<File>, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut sink = BufWriter::new(file?);
    content(&mut sink)?;
    sink.flush()
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder(path).join(format!(".{name}.{}.tmp", process::id()))
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
