//! Builds roots into snapshots.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    alternatives::Member,
    chart::{self, HelmOptions},
    display::Names,
    heads::{self, Head},
    kustomize,
    relocation::Sources,
    tree::KustomizeRoot,
};
use crate::{
    object::{Built, Gap, RootKind, ShellCommand, Snapshot},
    source::{
        error::SourceError,
        manifest::{Request, files},
    },
};

/// How roots are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOptions {
    /// Kustomizations to build, beside those that are found in folders.
    pub kustomize: Vec<PathBuf>,
    pub helm: HelmOptions,
    /// How long the build of one root may take.
    pub time: Duration,
}

/// Long enough for the largest kustomization; a builder that waits for something does not end at all.
const TIME: Duration = Duration::from_mins(1);

impl Default for BuildOptions {
    fn default() -> Self {
        Self { kustomize: Vec::new(), helm: HelmOptions::default(), time: TIME }
    }
}

/// A kustomization or chart to build.
#[derive(Clone, Debug)]
pub(super) enum Root {
    Kustomization(KustomizeRoot),
    /// The folder without links.
    Chart(PathBuf),
}

/// A root with what it is built into.
#[derive(Clone, Debug, Default)]
pub(super) struct BuiltRoot {
    pub(super) member: Member,
    /// How it is named.
    pub(super) name: String,
    /// Its objects; a gap if it could not be built.
    pub(super) snapshot: Snapshot,
}

impl Root {
    pub(super) fn folder(&self) -> &Path {
        match self {
            Self::Kustomization(root) => &root.folder,
            Self::Chart(folder) => folder,
        }
    }
}

/// Builds a root.
///
/// # Errors
/// If no thread can be started.
pub(super) fn build(root: &Root, request: &Request<'_>, names: &Names, options: &BuildOptions) -> Result<BuiltRoot, SourceError> {
    let builder = Builder { request, names, options };
    match root {
        Root::Kustomization(root) => builder.kustomization(root),
        Root::Chart(folder) => builder.chart(folder),
    }
}

struct Builder<'b> {
    request: &'b Request<'b>,
    names: &'b Names,
    options: &'b BuildOptions,
}

impl Builder<'_> {
    fn kustomization(&self, root: &KustomizeRoot) -> Result<BuiltRoot, SourceError> {
        let name = self.names.name(&root.folder);
        let member = Member { folder: root.folder.clone(), bases: root.bases.clone(), objects: BTreeSet::new() };
        let output = match kustomize::build(root, self.request.programs, self.options.time) {
            Ok(output) => output,
            Err(reason) => {
                let command = format!("{} | kubectl mtls analyze -f -", ShellCommand::new("kubectl kustomize").name(&name));
                return Ok(unbuilt(member, Gap::new(format!("kustomization {name}"), reason, format!("build it: {command}")), name));
            }
        };
        let heads = heads_of(&output.text, output.origins.as_deref().unwrap_or(&root.folder));
        let mut snapshot = files::read_output(&name, output.text, self.request)?;
        let fallback = super::kustomization::file(&root.folder).unwrap_or_else(|| root.folder.clone());
        Sources::manifests(self.request, self.names).relocate(&mut snapshot, &heads, &root.files, &fallback);
        snapshot.tally.built.push(Built { path: name.clone(), kind: RootKind::Kustomization, builder: output.builder });
        Ok(built(member, heads, snapshot, name))
    }

    fn chart(&self, folder: &Path) -> Result<BuiltRoot, SourceError> {
        let (name, helm) = (self.names.name(folder), &self.options.helm);
        let member = Member { folder: folder.to_owned(), ..Member::default() };
        let given = helm.namespace.as_deref().unwrap_or(self.request.namespace);
        let namespace = if given.is_empty() { "default" } else { given };
        let text = match chart::render(folder, namespace, helm, self.request.programs, self.options.time) {
            Ok(text) => text,
            Err(reason) => {
                let command = ShellCommand::new("helm template").name(chart::release(folder, helm)).name(&name);
                let hint = format!("render it: {command} | kubectl mtls analyze -f -");
                return Ok(unbuilt(member, Gap::new(format!("chart {name}"), reason, hint), name));
            }
        };
        let heads = heads_of(&text, folder);
        let request = Request { namespace, exclude: self.request.exclude.clone(), ..*self.request };
        let mut snapshot = files::read_output(&name, text, &request)?;
        Sources::templates(self.request, self.names).relocate(&mut snapshot, &heads, &BTreeSet::new(), &folder.join("Chart.yaml"));
        snapshot.tally.built.push(Built { path: name.clone(), kind: RootKind::Chart, builder: chart::BUILDER });
        Ok(built(member, heads, snapshot, name))
    }
}

fn heads_of(text: &[u8], folder: &Path) -> Vec<Head> {
    heads::heads(&String::from_utf8_lossy(text), folder)
}

fn built(member: Member, heads: Vec<Head>, snapshot: Snapshot, name: String) -> BuiltRoot {
    let objects = heads.into_iter().map(|head| head.identity).filter(|(_, kind, _, name)| !kind.is_empty() && !name.is_empty()).collect();
    BuiltRoot { member: Member { objects, ..member }, name, snapshot }
}

fn unbuilt(member: Member, gap: Gap, name: String) -> BuiltRoot {
    BuiltRoot { member, name, snapshot: Snapshot { gaps: vec![gap], ..Snapshot::default() } }
}

/// The folders of `-k`, without links.
///
/// # Errors
/// If one of them has no kustomization.
pub(super) fn named(options: &BuildOptions) -> Result<Vec<PathBuf>, SourceError> {
    let folder = |given: &PathBuf| {
        let unreadable = |source| SourceError::Unreadable { path: given.to_string_lossy().into_owned(), source };
        let folder = fs::canonicalize(given).map_err(unreadable)?;
        if super::kustomization::file(&folder).is_none() {
            return Err(SourceError::NoKustomization { path: given.to_string_lossy().into_owned() });
        }
        Ok(folder)
    };
    options.kustomize.iter().map(folder).collect()
}
