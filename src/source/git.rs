//! What the `.gitignore` files of a repository name, as git itself reads them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::program::{Invocation, Programs};

/// Long enough for a repository of millions of files.
const TIME: Duration = Duration::from_mins(1);

/// The options that keep git from running what the repository configures, and from writing.
const SAFE: [&str; 9] = [
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.untrackedCache=false",
    "-c",
    "safe.bareRepository=explicit",
];

/// Files and folders that a `.gitignore` names and git does not track.
#[derive(Debug, Default)]
pub(super) struct Ignored(BTreeSet<PathBuf>);

impl Ignored {
    /// What is ignored in a folder without links. Nothing is if git is missing or fails, or if the folder itself is ignored, because
    /// it was given by name.
    pub(super) fn below(folder: &Path, programs: &dyn Programs) -> Self {
        let Some(root) = folder.ancestors().find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok()) else {
            return Self::default();
        };
        // The standard files of a user or a clone are not used: the answer would depend on the machine.
        let list = ["ls-files", "-z", "--others", "--ignored", "--exclude-per-directory=.gitignore", "--directory"];
        let arguments = SAFE.into_iter().chain(list).map(Into::into).collect();
        let Ok(output) = programs.run(&Invocation { program: "git", arguments, folder: root.to_owned(), time: TIME }) else {
            return Self::default();
        };
        let paths = output.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let ignored = Self(paths.map(|path| root.join(&*String::from_utf8_lossy(path))).collect());
        if folder.ancestors().any(|folder| ignored.contains(folder)) { Self::default() } else { ignored }
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        self.0.contains(path)
    }
}
