//! The documents of built manifests: which objects they are, and the file that each is made of.

use std::path::{Component, Path, PathBuf};

use crate::source::manifest::{
    split,
    yaml::{self, Node},
};

/// The annotation that kustomize adds, with a path relative to the folder of the kustomization that is built.
const ORIGIN: &str = "config.kubernetes.io/origin";

/// The comment that Helm writes above a document, with a path that begins with the name of the chart.
const SOURCE: &str = "# Source: ";

/// What identifies an object in a cluster: group, kind, namespace and name.
pub(super) type Identity = (String, String, String, String);

/// A document of built manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the document, from 1; as the reader of manifests counts them.
    pub(super) document: u32,
    pub(super) identity: Identity,
    /// The file that it is made of, if the builder recorded one.
    pub(super) file: Option<PathBuf>,
}

/// The documents of manifests whose origins are relative to a folder.
pub(super) fn heads(text: &str, folder: &Path) -> Vec<Head> {
    let documents = split::split(text).into_iter().map(|range| &text[range]).filter(|document| !split::is_empty(document));
    documents.zip(1..).filter_map(|(document, number)| head(document, number, folder)).collect()
}

fn head(text: &str, document: u32, folder: &Path) -> Option<Head> {
    let root = yaml::document(text).ok()?.root;
    let field = |node: Option<&Node<'_>>, key: &str| node.and_then(|node| node.get(key)?.text()).unwrap_or_default().to_owned();
    let metadata = root.get("metadata");
    let version = field(Some(&root), "apiVersion");
    let group = version.split_once('/').map_or_else(String::new, |(group, _)| group.to_owned());
    let identity = (group, field(Some(&root), "kind"), field(metadata, "namespace"), field(metadata, "name"));
    let annotation = field(metadata.and_then(|metadata| metadata.get("annotations")), ORIGIN);
    let of_kustomize = annotation.lines().find_map(|line| line.strip_prefix("path: ").or(line.strip_prefix("configuredIn: ")));
    // After the name of the chart, which its folder need not have.
    let of_helm = || text.lines().find_map(|line| Some(line.strip_prefix(SOURCE)?.split_once('/')?.1));
    let file = of_kustomize.or_else(of_helm);
    Some(Head { document, identity, file: file.map(|file| joined(folder, file.trim())) })
}

/// A path relative to a folder, without `..`.
fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut joined = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => _ = joined.pop(),
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => joined.push(part),
        }
    }
    joined
}
