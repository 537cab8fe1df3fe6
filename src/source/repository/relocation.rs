//! Finds the file and document that a person would edit to change a built object.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{display::Names, heads::Head};
use crate::{
    object::{FileOrigin, Id, Origin, Snapshot},
    source::manifest::{Request, files::read_files, folder::FoundFile},
};

/// Objects as they are in the files of a root, before it is built.
pub(super) struct Sources<'r> {
    request: &'r Request<'r>,
    names: &'r Names,
    /// By file; read when they are needed.
    known: BTreeMap<PathBuf, Vec<(Id, Origin)>>,
    /// Whether the text of a file is that of the objects; that of a template is not.
    has_texts: bool,
}

impl<'r> Sources<'r> {
    /// The files of a kustomization.
    pub(super) fn manifests(request: &'r Request<'r>, names: &'r Names) -> Self {
        Self { request, names, known: BTreeMap::new(), has_texts: true }
    }

    /// The templates of a chart.
    pub(super) fn templates(request: &'r Request<'r>, names: &'r Names) -> Self {
        Self { has_texts: false, ..Self::manifests(request, names) }
    }

    /// Makes every object of a built snapshot one of the file that it is made of; of `fallback` if that is unknown.
    pub(super) fn relocate(&mut self, built: &mut Snapshot, heads: &[Head], files: &BTreeSet<PathBuf>, fallback: &Path) {
        let by_document: BTreeMap<u32, &Head> = heads.iter().map(|head| (head.document, head)).collect();
        let sources: BTreeSet<&PathBuf> = heads.iter().filter_map(|head| head.file.as_ref()).collect();
        let patches: Vec<&PathBuf> = files.iter().filter(|file| !sources.contains(file)).collect();
        let start = |file: &Path, names: &Names| {
            Origin::File(Arc::new(FileOrigin { path: names.name(file).into(), document: 1, line: 1, text: None, patches: Vec::new() }))
        };
        built.relocate(&mut |id, origin| {
            let Origin::File(place) = origin else { return origin.clone() };
            let file = by_document.get(&place.document).and_then(|head| head.file.as_ref()).filter(|file| file.is_file());
            if !self.has_texts {
                return start(file.map_or(fallback, PathBuf::as_path), self.names);
            }
            let found = match file {
                Some(file) => self.nearest(id, [file]).map(|(source, origin)| self.with_patches(&source, origin, &patches)),
                None => self.nearest(id, files).map(|(_, origin)| origin),
            };
            found.unwrap_or_else(|| start(file.map_or(fallback, PathBuf::as_path), self.names))
        });
    }

    /// The object of these files that a built one is most likely made of: of its kind, with its name or a part of it.
    fn nearest<'f>(&mut self, id: &Id, files: impl IntoIterator<Item = &'f PathBuf>) -> Option<(Id, Origin)> {
        let mut candidates: Vec<(Id, Origin)> = Vec::new();
        for file in files {
            let is_near = |source: &Id| source.kind == id.kind && id.name.contains(source.name.as_str());
            candidates.extend(self.objects(file).iter().filter(|(source, _)| is_near(source)).cloned());
        }
        let rank = |(source, _): &(Id, Origin)| (source.name.len(), source.namespace == id.namespace);
        candidates.into_iter().rev().max_by_key(rank)
    }

    /// A source with the documents of its name that no object is made of: patches.
    fn with_patches(&mut self, source: &Id, origin: Origin, files: &[&PathBuf]) -> Origin {
        let Origin::File(place) = &origin else { return origin };
        let mut patches = Vec::new();
        for file in files {
            let of_source = self.objects(file).iter().filter(|(patch, _)| patch.kind == source.kind && patch.name == source.name);
            patches
                .extend(of_source.filter_map(|(_, origin)| if let Origin::File(place) = origin { Some(Arc::clone(place)) } else { None }));
        }
        if patches.is_empty() {
            return origin;
        }
        let FileOrigin { path, document, line, text, .. } = &**place;
        Origin::File(Arc::new(FileOrigin { path: Arc::clone(path), document: *document, line: *line, text: text.clone(), patches }))
    }

    fn objects(&mut self, file: &PathBuf) -> &[(Id, Origin)] {
        if !self.known.contains_key(file) {
            let path = PathBuf::from(self.names.name(file));
            let read = read_files(&[FoundFile { path, is_explicit: false }], self.request, &mut io::empty()).unwrap_or_default();
            let objects = read.metas().map(|(id, origin, _)| (id.clone(), origin.clone())).collect();
            self.known.insert(file.clone(), objects);
        }
        self.known.get(file).map(Vec::as_slice).unwrap_or_default()
    }
}
