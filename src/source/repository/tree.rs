//! The kustomizations of a repository: which of them are roots, and what belongs to them.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fs,
    path::{Path, PathBuf},
};

use super::{
    display::relative,
    kustomization::{self, Kustomization},
};

/// All kustomizations that were found or that these include, by their folders without links.
#[derive(Debug, Default)]
pub(super) struct Tree {
    all: BTreeMap<PathBuf, Kustomization>,
    /// The files that they read.
    files: BTreeSet<PathBuf>,
    /// Their folders, and folders further down of files that they read.
    folders: BTreeSet<PathBuf>,
}

/// A kustomization that is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KustomizeRoot {
    /// The folder without links.
    pub(super) folder: PathBuf,
    /// Folders of resources that it includes, directly or through others; components are not among them.
    pub(super) bases: BTreeSet<PathBuf>,
    /// Every file that it reads.
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) has_schema: bool,
    /// Why it cannot be built.
    pub(super) obstacle: Option<String>,
}

impl Tree {
    /// Reads the kustomizations of these folders, and all that they include.
    pub(super) fn read(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut all: BTreeMap<PathBuf, Kustomization> = BTreeMap::new();
        let mut waiting: Vec<PathBuf> = folders.into_iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        while let Some(folder) = waiting.pop() {
            if let Entry::Vacant(place) = all.entry(folder) {
                let read = kustomization::read(place.key());
                waiting.extend(read.bases.iter().chain(&read.parts).cloned());
                place.insert(read);
            }
        }
        let files: BTreeSet<PathBuf> = all.values().flat_map(|one| one.files.iter().cloned()).collect();
        let mut folders: BTreeSet<PathBuf> = all.keys().cloned().collect();
        for (folder, one) in &all {
            folders
                .extend(one.files.iter().filter_map(|file| file.parent()).filter(|parent| parent.starts_with(folder)).map(Path::to_owned));
        }
        Self { all, files, folders }
    }

    /// The roots among some folders: those that no other of them includes. A component is none.
    pub(super) fn roots(&self, among: &BTreeSet<PathBuf>) -> Vec<KustomizeRoot> {
        let known = || among.iter().filter_map(|folder| self.all.get(folder));
        let included: BTreeSet<&PathBuf> = known().flat_map(|one| one.bases.iter().chain(&one.parts)).collect();
        let is_root = |folder: &PathBuf| !included.contains(folder) && self.all.get(folder).is_some_and(|one| !one.is_component);
        let mut roots: Vec<KustomizeRoot> = among.iter().filter(|folder| is_root(folder)).map(|folder| self.root(folder)).collect();
        // What includes itself is below no root.
        let mut reached: BTreeSet<PathBuf> = roots.iter().flat_map(|root| self.below(&root.folder)).collect();
        for folder in among {
            if !reached.contains(folder) && self.all.get(folder).is_some_and(|one| !one.is_component) {
                roots.push(self.root(folder));
                reached.extend(self.below(folder));
            }
        }
        roots.sort_by(|a, b| a.folder.cmp(&b.folder));
        roots
    }

    /// A kustomization as a root.
    pub(super) fn root(&self, folder: &Path) -> KustomizeRoot {
        let below = self.below(folder);
        let known = || below.iter().filter_map(|folder| Some((folder, self.all.get(folder)?)));
        let obstacle = known().find_map(|(at, one)| {
            let reason = one.obstacle.as_ref()?;
            Some(if at == folder {
                reason.clone()
            } else {
                format!("its part {}: {reason}", relative(folder, at).unwrap_or_else(|| at.display().to_string()))
            })
        });
        let is_cyclic = known().any(|(_, one)| one.bases.contains(folder) || one.parts.contains(folder));
        KustomizeRoot {
            folder: folder.to_owned(),
            bases: known().flat_map(|(_, one)| one.bases.iter().cloned()).collect(),
            files: known().flat_map(|(_, one)| one.files.iter().cloned()).collect(),
            has_schema: self.all.get(folder).is_some_and(|one| one.has_schema),
            obstacle: obstacle.or_else(|| is_cyclic.then(|| "it includes itself".to_owned())),
        }
    }

    /// A folder and all that it includes.
    fn below(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            if let Some(one) = self.all.get(&folder).filter(|_| !found.contains(&folder)) {
                waiting.extend(one.bases.iter().chain(&one.parts).cloned());
            }
            found.insert(folder);
        }
        found
    }

    /// Whether a kustomization reads the file.
    pub(super) fn reads(&self, file: &Path) -> bool {
        self.files.contains(file)
    }

    /// Whether a file is in the folder of a kustomization, or beside a file further down that it reads. If it does not read this one, too,
    /// it leaves it out.
    pub(super) fn owns(&self, file: &Path) -> bool {
        file.parent().is_some_and(|parent| self.folders.contains(parent))
    }
}
