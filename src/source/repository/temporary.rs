//! A folder for a builder's input, which is removed at the end. Nothing is written to the folders that are read.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// A new folder that only this user can enter.
#[derive(Debug)]
pub(super) struct TemporaryFolder(PathBuf);

/// Numbers the folders of this process.
static NEXT: AtomicU32 = AtomicU32::new(0);

impl TemporaryFolder {
    /// # Errors
    /// If it cannot be created. A folder that exists is not used: another user could have made it.
    pub(super) fn create() -> io::Result<Self> {
        let base = fs::canonicalize(env::temp_dir())?;
        loop {
            let name = format!("kubectl-mtls-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let folder = base.join(name);
            match private(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(unix)]
fn private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
