//! Counts of what was read and skipped.

use std::collections::BTreeMap;

/// Counts of what was read and skipped, for the summary line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files read.
    pub files: usize,
    /// Documents with content.
    pub documents: usize,
    /// Documents with only whitespace and comments.
    pub empty: usize,
    /// Files of folders that a pattern excludes.
    pub excluded: usize,
    /// The patterns, as written in the configuration and on the command line.
    pub exclude: Vec<String>,
    /// Objects that this tool does not use, by `apiVersion/kind`.
    pub unused: BTreeMap<String, usize>,
    /// Documents that are no Kubernetes objects.
    pub not_objects: usize,
    /// Folders and files that were found and not read.
    pub not_entered: Vec<NotEntered>,
    /// The kustomizations and charts that were built.
    pub built: Vec<Built>,
}

/// A folder or file that was found and not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotEntered {
    pub path: String,
    pub reason: NotEnteredReason,
}

/// Why it was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotEnteredReason {
    /// Its name begins with a dot.
    Hidden,
    /// A folder of dependencies: `node_modules` or `vendor`.
    Dependencies,
    /// A `.gitignore` names it, and git does not track it.
    Ignored,
    /// It is in a folder of a kustomization or chart, which does not use it.
    Unreferenced,
    /// The meshes of the configuration do not contain it.
    OutsideMeshes,
}

/// What a program built, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Built {
    pub path: String,
    pub kind: RootKind,
    /// The command that builds it, without its arguments: `kubectl kustomize`.
    pub builder: &'static str,
}

/// What a root is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RootKind {
    Kustomization,
    Chart,
}

impl Tally {
    /// Adds the counts of another part of the input.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.documents += other.documents;
        self.empty += other.empty;
        self.excluded += other.excluded;
        self.not_objects += other.not_objects;
        for (kind, count) in &other.unused {
            *self.unused.entry(kind.clone()).or_default() += count;
        }
        self.not_entered.extend(other.not_entered.iter().cloned());
        self.built.extend(other.built.iter().cloned());
    }
}
