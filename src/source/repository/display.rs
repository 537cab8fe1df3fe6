//! How files and folders are named: as paths that begin like those the user gave.

use std::{
    env, fs,
    path::{Component, Path, PathBuf},
};

/// The given paths, each without links, and the current folder.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: Vec<(PathBuf, PathBuf)>,
    current: Option<PathBuf>,
}

impl Names {
    pub(super) fn of<'p>(given: impl IntoIterator<Item = &'p PathBuf>) -> Self {
        let given = given.into_iter().filter_map(|path| Some((fs::canonicalize(path).ok()?, path.clone()))).collect();
        Self { given, current: env::current_dir().and_then(fs::canonicalize).ok() }
    }

    /// The name of a path without links: below one of the given paths or the current folder, else the path itself.
    pub(super) fn name(&self, path: &Path) -> String {
        let below = self.given.iter().find_map(|(real, given)| {
            let rest = path.strip_prefix(real).ok()?;
            Some(if rest.as_os_str().is_empty() { given.clone() } else { given.join(rest) })
        });
        let from_here = || path.strip_prefix(self.current.as_ref()?).ok().map(Path::to_owned);
        let name = below.or_else(from_here).unwrap_or_else(|| path.to_owned());
        if name.as_os_str().is_empty() { ".".into() } else { name.to_string_lossy().into_owned() }
    }
}

/// A path relative to a folder, both without links; `None` if there is none or it is not UTF-8.
pub(super) fn relative(folder: &Path, path: &Path) -> Option<String> {
    let common = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let is_root = |part: &Component<'_>| matches!(part, Component::Prefix(_) | Component::RootDir);
    if path.components().skip(common).any(|part| is_root(&part)) {
        return None;
    }
    let up = folder.components().skip(common).map(|_| Some(".."));
    let parts: Option<Vec<&str>> = up.chain(path.components().skip(common).map(|part| part.as_os_str().to_str())).collect();
    parts.map(|parts| parts.join("/"))
}
