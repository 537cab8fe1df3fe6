//! The meshes of a repository: one that everything belongs to, one for each alternative, or those of the configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use super::{
    alternatives::{self, Distribution, Member},
    chart,
    display::Names,
    roots::{self, BuildOptions, BuiltRoot, Root},
    tree::Tree,
};
use crate::{
    object::{Id, NotEntered, NotEnteredReason, Snapshot, Tally},
    source::{
        error::SourceError,
        manifest::{
            Request, files,
            folder::{self, Found, FoundFile},
            yaml,
        },
    },
};

/// The files of a mesh.
#[derive(Clone, Debug, Default)]
pub struct MeshFiles {
    /// Its name; `None` if the files contain one mesh.
    pub name: Option<String>,
    /// The roots that no other mesh has, or the paths of the configuration.
    pub paths: Vec<String>,
    pub snapshot: Snapshot,
}

/// A mesh of the configuration: its name, and its paths without links.
pub type MeshPaths = (String, Vec<PathBuf>);

/// Reads the meshes that files contain. What cannot be read is in the gaps of the mesh that it belongs to.
///
/// # Errors
/// If a given path cannot be read, a folder has no manifests, or nothing at all was found.
pub fn read(
    request: &Request<'_>,
    options: &BuildOptions,
    meshes: &[MeshPaths],
    stdin: &mut dyn io::Read,
) -> Result<Vec<MeshFiles>, SourceError> {
    let found = folder::find(request)?;
    let named = roots::named(options)?;
    let display = Names::of(request.paths.iter().chain(&options.kustomize));
    let tree = Tree::read(found.kustomizations.iter().cloned().chain(named.iter().cloned()));
    let repository = Repository { request, options, names: &display, tree, found, named };
    let mut read = if meshes.is_empty() { repository.alternatives(stdin)? } else { repository.configured(meshes, stdin)? };
    let given: Vec<String> = options.kustomize.iter().map(|folder| folder.to_string_lossy().into_owned()).collect();
    for mesh in &mut read {
        mesh.snapshot.files.extend(given.iter().cloned());
    }
    finish(&mut read);
    read.iter().try_for_each(|mesh| if read.len() == 1 { files::check_content(&mesh.snapshot) } else { Ok(()) })?;
    Ok(read)
}

/// Sorts the snapshots and what they list.
fn finish(meshes: &mut [MeshFiles]) {
    for mesh in meshes.iter_mut() {
        mesh.snapshot.normalize();
        mesh.snapshot.tally.not_entered.sort();
        mesh.snapshot.tally.built.sort_by_key(|built| (built.builder, built.path.clone()));
    }
}

struct Repository<'r> {
    request: &'r Request<'r>,
    options: &'r BuildOptions,
    names: &'r Names,
    tree: Tree,
    found: Found,
    /// The folders of `-k`.
    named: Vec<PathBuf>,
}

impl Repository<'_> {
    /// The meshes that follow from what the roots share.
    fn alternatives(&self, stdin: &mut dyn io::Read) -> Result<Vec<MeshFiles>, SourceError> {
        let kustomizations = self.found.kustomizations.iter().filter_map(|folder| real(folder)).collect();
        let mut all: BTreeMap<PathBuf, Root> =
            self.tree.roots(&kustomizations).into_iter().map(|root| (root.folder.clone(), Root::Kustomization(root))).collect();
        all.extend(self.named.iter().map(|folder| (folder.clone(), Root::Kustomization(self.tree.root(folder)))));
        let mut not_entered = self.found.not_entered.clone();
        let charts = self.charts(&self.found.charts, &mut not_entered);
        let all: Vec<Root> = all.into_values().chain(charts).collect();
        let built = self.build(&all)?;
        let plain = self.plain(&self.found.files, &mut not_entered);
        let mut common = files::read_files(&plain, self.request, stdin)?;
        common.gaps.extend(self.found.gaps.iter().cloned());
        let Distribution { common: of_all, meshes } =
            alternatives::distribute(&built.iter().map(|root| root.member.clone()).collect::<Vec<Member>>());
        for at in &of_all {
            join(&mut common, &built[*at]);
        }
        let mut tally = self.tally(&common.tally, not_entered);
        built.iter().enumerate().filter(|(at, _)| !of_all.contains(at)).for_each(|(_, root)| tally.add(&root.snapshot.tally));
        if meshes.is_empty() {
            return Ok(vec![MeshFiles { snapshot: Snapshot { tally, ..common }, ..MeshFiles::default() }]);
        }
        let mesh = |roots: Vec<usize>| {
            let mut snapshot = common.clone();
            for at in &roots {
                join(&mut snapshot, &built[*at]);
            }
            snapshot.tally = tally.clone();
            let paths: Vec<String> = roots.iter().map(|at| plain_name(&built[*at].name)).collect();
            MeshFiles { name: paths.first().cloned(), paths, snapshot }
        };
        Ok(meshes.into_iter().map(mesh).collect())
    }

    /// The meshes of the configuration.
    fn configured(&self, meshes: &[MeshPaths], stdin: &mut dyn io::Read) -> Result<Vec<MeshFiles>, SourceError> {
        let mut not_entered = self.found.not_entered.clone();
        let charts = self.charts(&self.found.charts, &mut not_entered);
        let plain = self.plain(&self.found.files, &mut not_entered);
        let mut known: BTreeMap<PathBuf, BuiltRoot> = BTreeMap::new();
        let mut used: BTreeSet<&Path> = BTreeSet::new();
        let mut read = Vec::new();
        for (name, paths) in meshes {
            let is_inside = |path: &Path| paths.iter().any(|folder| path.starts_with(folder));
            let roots = self.roots_inside(&charts, &is_inside);
            let missing: Vec<Root> = roots.iter().filter(|root| !known.contains_key(root.folder())).cloned().collect();
            known.extend(self.build(&missing)?.into_iter().map(|root| (root.member.folder.clone(), root)));
            let inside = plain.iter().filter(|file| real(&file.path).is_some_and(|path| is_inside(&path)));
            used.extend(inside.clone().map(|file| file.path.as_path()));
            let mut snapshot = files::read_files(&inside.cloned().collect::<Vec<_>>(), self.request, stdin)?;
            roots.iter().filter_map(|root| known.get(root.folder())).for_each(|root| join(&mut snapshot, root));
            snapshot.gaps.extend(self.found.gaps.iter().cloned());
            let paths = paths.iter().map(|path| plain_name(&self.names.name(path))).collect();
            read.push(MeshFiles { name: Some(name.clone()), paths, snapshot });
        }
        let outside = plain.iter().filter(|file| !used.contains(file.path.as_path()));
        let outside = outside.map(|file| NotEntered { path: folder::display_name(&file.path), reason: NotEnteredReason::OutsideMeshes });
        not_entered.extend(outside);
        not_entered.extend(self.roots_outside(&charts, meshes));
        let mut tally = Tally::default();
        for mesh in &read {
            tally.add(&mesh.snapshot.tally);
        }
        let tally = self.tally(&tally, not_entered);
        for mesh in &mut read {
            mesh.snapshot.tally = tally.clone();
        }
        Ok(read)
    }

    /// The folders of all kustomizations, without links.
    fn kustomizations(&self) -> BTreeSet<PathBuf> {
        self.found.kustomizations.iter().filter_map(|folder| real(folder)).chain(self.named.iter().cloned()).collect()
    }

    /// The roots in the folders of a mesh: no kustomization of the same mesh includes them.
    fn roots_inside(&self, charts: &[Root], is_inside: &dyn Fn(&Path) -> bool) -> Vec<Root> {
        let inside = self.kustomizations().into_iter().filter(|folder| is_inside(folder)).collect();
        let charts = charts.iter().filter(|root| is_inside(root.folder())).cloned();
        self.tree.roots(&inside).into_iter().map(Root::Kustomization).chain(charts).collect()
    }

    /// The roots that are in no mesh.
    fn roots_outside(&self, charts: &[Root], meshes: &[MeshPaths]) -> Vec<NotEntered> {
        let is_inside = |path: &Path| meshes.iter().flat_map(|(_, paths)| paths).any(|folder| path.starts_with(folder));
        let all = self.tree.roots(&self.kustomizations()).into_iter().map(Root::Kustomization).chain(charts.iter().cloned());
        let outside = all.filter(|root| !is_inside(root.folder()));
        outside.map(|root| NotEntered { path: self.names.name(root.folder()), reason: NotEnteredReason::OutsideMeshes }).collect()
    }

    /// The counts of the input.
    fn tally(&self, read: &Tally, not_entered: Vec<NotEntered>) -> Tally {
        let mut built = read.built.clone();
        built.sort();
        built.dedup();
        Tally { excluded: self.found.excluded, exclude: self.request.exclude.patterns().to_vec(), not_entered, built, ..read.clone() }
    }

    /// The charts that are rendered. A library renders nothing.
    fn charts(&self, folders: &[PathBuf], not_entered: &mut Vec<NotEntered>) -> Vec<Root> {
        let (libraries, charts): (Vec<PathBuf>, Vec<PathBuf>) =
            folders.iter().filter_map(|folder| real(folder)).partition(|folder| chart::is_library(folder));
        not_entered
            .extend(libraries.iter().map(|folder| NotEntered { path: self.names.name(folder), reason: NotEnteredReason::Unreferenced }));
        charts.into_iter().map(Root::Chart).collect()
    }

    /// The files that belong to no kustomization. Those that one leaves out are recorded.
    fn plain(&self, files: &[FoundFile], not_entered: &mut Vec<NotEntered>) -> Vec<FoundFile> {
        let mut plain = Vec::new();
        for file in files {
            let path = real(&file.path).filter(|_| !file.is_explicit && !folder::is_stdin(&file.path));
            match path {
                Some(path) if self.tree.reads(&path) => {}
                Some(path) if self.tree.owns(&path) => {
                    not_entered.push(NotEntered { path: folder::display_name(&file.path), reason: NotEnteredReason::Unreferenced });
                }
                _ => plain.push(file.clone()),
            }
        }
        plain
    }

    /// Builds roots, as many at a time as there are cores. The results are in the order of the roots.
    fn build(&self, all: &[Root]) -> Result<Vec<BuiltRoot>, SourceError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let size = all.len().div_ceil(cores).max(1);
        let build = |part: &[Root]| {
            part.iter().map(|root| roots::build(root, self.request, self.names, self.options)).collect::<Result<Vec<_>, _>>()
        };
        thread::scope(|scope| {
            let start = |part| thread::Builder::new().stack_size(yaml::STACK_SIZE).spawn_scoped(scope, move || build(part));
            let started: Vec<_> = all.chunks(size).map(start).collect::<Result<_, _>>().map_err(SourceError::NoThread)?;
            let mut all = Vec::new();
            for thread in started {
                all.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(all)
        })
    }
}

/// Adds what a root is built into. A plain file beside it that contains the same object is a copy of it, and not applied together with it;
/// only two policies or rules of Istio with different contents are reported.
fn join(snapshot: &mut Snapshot, root: &BuiltRoot) {
    let mut own = root.snapshot.clone();
    own.remove_copies(snapshot);
    let built: BTreeSet<&Id> = own.ids().filter(|id| !id.kind.group().ends_with("istio.io")).collect();
    snapshot.retain(&mut |id| !built.contains(id));
    snapshot.tally.add(&own.tally);
    for (kind, coverage) in &own.coverage {
        snapshot.restrict(*kind, coverage);
    }
    snapshot.append(own);
}

fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// The name of a path without a leading `./`.
fn plain_name(name: &str) -> String {
    name.strip_prefix("./").unwrap_or(name).to_owned()
}
