//! The source of an object: a cluster or a file.

use std::sync::Arc;

/// The source of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a cluster.
    Cluster,
    /// From a file.
    File(Arc<FileOrigin>),
}

/// The place of a document in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct FileOrigin {
    /// The path as given by the user; for standard input [`FileOrigin::STDIN`], or the name that the user gave to it.
    pub path: Arc<str>,
    /// Number of the document in the file, from 1.
    pub document: u32,
    /// Line of the file on which the object's text starts, from 1.
    pub line: u32,
    /// The object's text, kept for kinds whose fields findings point at.
    pub text: Option<Box<str>>,
    /// The documents that change the object before it is applied, in no particular order.
    pub patches: Vec<Arc<Self>>,
}

impl FileOrigin {
    /// The path of standard input without a name.
    pub const STDIN: &str = "<stdin>";
}
