//! A kustomization file: what it refers to, and what keeps it from being built without a network.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::source::manifest::{
    folder::KUSTOMIZATIONS,
    yaml::{self, Node},
};

/// Maximum size of the file in bytes.
const MAX_SIZE: u64 = 4 << 20;

/// What a kustomization refers to. All paths are without links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kustomization {
    /// Whether it is a component, which only others build.
    pub(super) is_component: bool,
    /// Folders of its resources.
    pub(super) bases: BTreeSet<PathBuf>,
    /// Folders of its components, generators and transformers.
    pub(super) parts: BTreeSet<PathBuf>,
    /// Its files: resources, patches, and whatever else it reads.
    pub(super) files: BTreeSet<PathBuf>,
    /// Whether it has a schema, which kustomize reads from the kustomization that is built alone.
    pub(super) has_schema: bool,
    /// Why it cannot be built.
    pub(super) obstacle: Option<String>,
}

/// The fields whose entries are files, folders, or YAML in place.
const ENTRIES: [(&str, Entry); 10] = [
    ("resources", Entry::Base),
    ("bases", Entry::Base),
    ("components", Entry::Part),
    ("crds", Entry::Part),
    ("configurations", Entry::Part),
    ("generators", Entry::Plugin),
    ("transformers", Entry::Plugin),
    ("validators", Entry::Plugin),
    ("patchesStrategicMerge", Entry::Part),
    ("patchesJson6902", Entry::Part),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Base,
    Part,
    /// The configuration of a generator or transformer, which may be a program.
    Plugin,
}

/// The kustomization file of a folder.
pub(super) fn file(folder: &Path) -> Option<PathBuf> {
    KUSTOMIZATIONS.iter().map(|name| folder.join(name)).find(|file| file.is_file())
}

/// Reads the kustomization of a folder. One that cannot be read has that as its obstacle.
pub(super) fn read(folder: &Path) -> Kustomization {
    let Some(file) = file(folder) else { return obstacle("it has no kustomization.yaml".into()) };
    let text = match text(&file) {
        Ok(text) => text,
        Err(error) => return obstacle(format!("cannot read its kustomization.yaml: {error}")),
    };
    let document = match yaml::document(&text) {
        Ok(document) => document,
        Err(error) => return obstacle(format!("its kustomization.yaml is no YAML: line {}: {}", error.line, error.reason)),
    };
    let mut reader = Reader { folder, found: Kustomization::default() };
    reader.fields(&document.root);
    reader.found.files.extend(fs::canonicalize(&file));
    reader.found
}

fn obstacle(reason: String) -> Kustomization {
    Kustomization { obstacle: Some(reason), ..Kustomization::default() }
}

/// The text of a file of limited size.
pub(super) fn text(file: &Path) -> io::Result<String> {
    if fs::metadata(file)?.len() > MAX_SIZE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large"));
    }
    fs::read_to_string(file)
}

struct Reader<'f> {
    folder: &'f Path,
    found: Kustomization,
}

impl Reader<'_> {
    fn fields(&mut self, root: &Node<'_>) {
        self.found.is_component = root.get("kind").and_then(Node::text) == Some("Component");
        for (field, entry) in ENTRIES {
            for text in items(root, field).filter_map(|item| item.text().or_else(|| item.get("path")?.text())) {
                self.entry(text, entry);
            }
        }
        for field in ["patches", "replacements"] {
            for path in items(root, field).filter_map(|item| item.get("path")?.text()) {
                self.entry(path, Entry::Part);
            }
        }
        if let Some(schema) = root.get("openapi").and_then(|schema| schema.get("path")?.text()) {
            self.found.has_schema = true;
            self.entry(schema, Entry::Part);
        }
        if ["helmCharts", "helmChartInflationGenerator"].iter().any(|field| items(root, field).next().is_some()) {
            self.block("it renders Helm charts, which kustomize downloads".into());
        }
        for field in ["configMapGenerator", "secretGenerator"] {
            items(root, field).for_each(|generator| self.generator(generator));
        }
    }

    /// The files of a generator of `ConfigMaps` and Secrets: `PATH` or `KEY=PATH`.
    fn generator(&mut self, generator: &Node<'_>) {
        let lists = ["files", "envs"].into_iter().flat_map(|field| items(generator, field)).filter_map(Node::text);
        for entry in lists.chain(generator.get("env").and_then(Node::text)) {
            let path = entry.split_once('=').map_or(entry, |(_, path)| path);
            if is_remote(path) {
                self.block(format!("it downloads {path}, and nothing is downloaded"));
            } else {
                self.found.files.extend(fs::canonicalize(self.folder.join(path)));
            }
        }
    }

    fn entry(&mut self, text: &str, entry: Entry) {
        if text.contains('\n') {
            if entry == Entry::Plugin {
                self.plugin(text);
            }
            return;
        }
        match fs::canonicalize(self.folder.join(text)) {
            _ if is_remote(text) => self.block(format!("it includes {text}, which is remote, and nothing is downloaded")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.block(format!("it includes {text}, which does not exist")),
            Err(error) => self.block(format!("it includes {text}: {error}")),
            Ok(path) if path.is_dir() => {
                _ = if entry == Entry::Base { self.found.bases.insert(path) } else { self.found.parts.insert(path) }
            }
            Ok(path) => {
                if entry == Entry::Plugin
                    && let Ok(text) = self::text(&path)
                {
                    self.plugin(&text);
                }
                self.found.files.insert(path);
            }
        }
    }

    /// A generator or transformer that is not one of kustomize itself runs a program.
    fn plugin(&mut self, text: &str) {
        let is_builtin = |document: &str| {
            let version = document.lines().find_map(|line| line.strip_prefix("apiVersion:"));
            let is_chart = document.lines().any(|line| line.strip_prefix("kind:").is_some_and(|kind| kind.contains("HelmChart")));
            let is_function = document.contains("config.kubernetes.io/function") || document.contains("config.k8s.io/function");
            version.is_none_or(|version| version.trim().trim_matches(['"', '\'']) == "builtin") && !is_chart && !is_function
        };
        if !text.split("\n---").all(is_builtin) {
            self.block("a generator or transformer of it is a plugin, and no plugin is run".into());
        }
    }

    fn block(&mut self, reason: String) {
        self.found.obstacle.get_or_insert(reason);
    }
}

fn items<'n, 't>(node: &'n Node<'t>, field: &str) -> impl Iterator<Item = &'n Node<'t>> {
    node.get(field).and_then(Node::items).unwrap_or_default().iter()
}

/// Whether kustomize would download it.
fn is_remote(entry: &str) -> bool {
    entry.contains("://") || entry.contains("?ref=") || ["git@", "git::", "github.com/"].iter().any(|start| entry.starts_with(start))
}
